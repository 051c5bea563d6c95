"""The version of this package."""

__version__ = "0.1.0"
# Whose checkpoints have the layout of ours, and can be gone on from either way.
MMENGINE = "0.10.7"
