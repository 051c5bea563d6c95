"""Checkpoints that are folders: each process writes its part, and any number of them reads it."""
