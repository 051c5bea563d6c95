# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.loops.base import (
    BaseLoop as BaseLoop,
)
from engine_runner.loops.evaluate import (
    TestLoop as TestLoop,
    ValLoop as ValLoop,
)
from engine_runner.loops.failed_batch import (
    replay_failed_batch as replay_failed_batch,
)
from engine_runner.loops.infinite import (
    InfiniteBatches as InfiniteBatches,
)
from engine_runner.loops.train import (
    EpochBasedTrainLoop as EpochBasedTrainLoop,
    IterBasedTrainLoop as IterBasedTrainLoop,
)
