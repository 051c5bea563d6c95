"""Names of MMEngine's `mmengine._strategy`, from engine_runner.strategy."""

from engine_runner.strategy import BaseStrategy, DDPStrategy, SingleDeviceStrategy

__all__ = [
    "BaseStrategy",
    "DDPStrategy",
    "SingleDeviceStrategy",
]

ON_DEMAND = {
    "ColossalAIStrategy": "engine_runner.strategy.colossalai",
    "DeepSpeedStrategy": "engine_runner.strategy.deepspeed",
    "FSDPStrategy": "engine_runner.strategy.fsdp",
}
