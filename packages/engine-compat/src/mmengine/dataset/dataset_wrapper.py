"""Names of MMEngine's `mmengine.dataset.dataset_wrapper`, from engine_dataset."""

from engine_dataset import ClassBalancedDataset, ConcatDataset, RepeatDataset

__all__ = ["ClassBalancedDataset", "ConcatDataset", "RepeatDataset"]
