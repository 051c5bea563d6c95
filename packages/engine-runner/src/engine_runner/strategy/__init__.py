"""Where a training runs."""

from engine_runner.strategy.base import BaseStrategy, is_spread
from engine_runner.strategy.ddp import DDPStrategy
from engine_runner.strategy.fsdp import FSDPStrategy
from engine_runner.strategy.single import SingleDeviceStrategy

__all__ = ["BaseStrategy", "DDPStrategy", "FSDPStrategy", "SingleDeviceStrategy", "is_spread"]
