"""Names of MMEngine's `mmengine.runner.utils`, from engine_runner.runner."""

from engine_runner.runner import set_random_seed

__all__ = ["set_random_seed"]
