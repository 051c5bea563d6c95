"""Names of MMEngine's `mmengine._strategy.single_device`, from engine_runner.strategy."""

from engine_runner.strategy import SingleDeviceStrategy

__all__ = ["SingleDeviceStrategy"]
