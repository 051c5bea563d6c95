"""Where a training runs."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.strategy.request": ["StrategyRequest"],
        "engine_runner.strategy.base": ["BaseStrategy", "is_spread"],
        "engine_runner.strategy.colossalai": ["ColossalAIStrategy"],
        "engine_runner.strategy.ddp": ["DDPStrategy"],
        "engine_runner.strategy.deepspeed": ["DeepSpeedStrategy"],
        "engine_runner.strategy.fsdp": ["FSDPStrategy"],
        "engine_runner.strategy.single": ["SingleDeviceStrategy"],
        "engine_runner.strategy.tensor_parallel": ["TensorParallelStrategy"],
    },
)
