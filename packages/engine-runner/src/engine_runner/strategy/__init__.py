"""Where a training runs."""

from engine_runner.strategy.asked import Asked
from engine_runner.strategy.base import BaseStrategy, is_spread
from engine_runner.strategy.colossalai import ColossalAIStrategy
from engine_runner.strategy.ddp import DDPStrategy
from engine_runner.strategy.deepspeed import DeepSpeedStrategy
from engine_runner.strategy.fsdp import FSDPStrategy
from engine_runner.strategy.single import SingleDeviceStrategy
from engine_runner.strategy.tensor_parallel import TensorParallelStrategy

__all__ = [
    "Asked",
    "BaseStrategy",
    "ColossalAIStrategy",
    "DDPStrategy",
    "DeepSpeedStrategy",
    "FSDPStrategy",
    "SingleDeviceStrategy",
    "TensorParallelStrategy",
    "is_spread",
]
