"""Training, validation and test as loops over batches."""

from engine_runner.loops.base import BaseLoop
from engine_runner.loops.evaluate import TestLoop, ValLoop
from engine_runner.loops.failed_batch import replay_failed_batch
from engine_runner.loops.infinite import InfiniteBatches
from engine_runner.loops.train import EpochBasedTrainLoop, IterBasedTrainLoop

__all__ = [
    "BaseLoop",
    "EpochBasedTrainLoop",
    "InfiniteBatches",
    "IterBasedTrainLoop",
    "TestLoop",
    "ValLoop",
    "replay_failed_batch",
]
