"""Names of MMEngine's `mmengine.runner.loops`."""

from engine_runner.loops import InfiniteBatches as _InfiniteDataloaderIterator
from engine_runner.runner import EpochBasedTrainLoop, IterBasedTrainLoop, TestLoop, ValLoop

__all__ = [
    "EpochBasedTrainLoop",
    "IterBasedTrainLoop",
    "TestLoop",
    "ValLoop",
    "_InfiniteDataloaderIterator",
]
