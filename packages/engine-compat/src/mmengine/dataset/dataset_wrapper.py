"""Names of MMEngine's `mmengine.dataset.dataset_wrapper`, from engine_runner.dataset."""

from engine_runner.dataset import ClassBalancedDataset, ConcatDataset, RepeatDataset

__all__ = ["ClassBalancedDataset", "ConcatDataset", "RepeatDataset"]
