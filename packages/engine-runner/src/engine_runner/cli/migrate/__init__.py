"""`engine migrate`: what a project imports of MMEngine, and where it is here."""
