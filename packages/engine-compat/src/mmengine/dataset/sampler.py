"""Names of MMEngine's `mmengine.dataset.sampler`, from engine_dataset."""

from engine_dataset import DefaultSampler, InfiniteSampler

__all__ = ["DefaultSampler", "InfiniteSampler"]
