"""Names of MMEngine's `mmengine.dataset.sampler`, from engine_runner.dataset."""

from engine_runner.dataset import DefaultSampler, InfiniteSampler

__all__ = ["DefaultSampler", "InfiniteSampler"]
