"""What this package adds to the root registries: by import path, so that nothing is imported."""

from __future__ import annotations

from typing import Final

__all__ = ["ENTRIES"]

# What a model is initialised by: models know no checkpoints.
ENTRIES: Final = {
    "FUNCTIONS": {
        "load_checkpoint": "engine_checkpoint.weights:load_checkpoint",
        "load_checkpoint_with_prefix": "engine_checkpoint.weights:read_with_prefix",
        "load_state_dict": "engine_checkpoint.weights:load_state_dict",
    },
}
