"""What this package adds to the root registries: by import path, so that nothing is imported."""

from __future__ import annotations

from typing import Final

__all__ = ["ENTRIES"]

ENTRIES: Final = {
    "DATASETS": {
        "ClassBalancedDataset": "engine_dataset.wrappers:ClassBalancedDataset",
        "ConcatDataset": "engine_dataset.wrappers:ConcatDataset",
        "RepeatDataset": "engine_dataset.wrappers:RepeatDataset",
    },
    "DATA_SAMPLERS": {
        "DefaultSampler": "engine_dataset.sampler:DefaultSampler",
        "InfiniteSampler": "engine_dataset.sampler:InfiniteSampler",
    },
    "FUNCTIONS": {
        "default_collate": "engine_dataset.collate:default_collate",
        "pseudo_collate": "engine_dataset.collate:pseudo_collate",
    },
}
