"""Names of MMEngine's `mmengine.testing.runner_test_case`."""

from engine_runner.testing import RunnerTestCase
from engine_runner.testing.runner_case import ToyDataset, ToyMetric, ToyModel

__all__ = ["RunnerTestCase", "ToyDataset", "ToyMetric", "ToyModel"]
