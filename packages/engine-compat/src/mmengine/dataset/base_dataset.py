"""Names of MMEngine's `mmengine.dataset.base_dataset`, from engine_dataset."""

from engine_dataset import BaseDataset, Compose, force_full_init

__all__ = ["BaseDataset", "Compose", "force_full_init"]
