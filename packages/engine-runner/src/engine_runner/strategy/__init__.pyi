# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.strategy.request import (
    StrategyRequest as StrategyRequest,
)
from engine_runner.strategy.base import (
    BaseStrategy as BaseStrategy,
    is_spread as is_spread,
)
from engine_runner.strategy.colossalai import (
    ColossalAIStrategy as ColossalAIStrategy,
)
from engine_runner.strategy.ddp import (
    DDPStrategy as DDPStrategy,
)
from engine_runner.strategy.deepspeed import (
    DeepSpeedStrategy as DeepSpeedStrategy,
)
from engine_runner.strategy.fsdp import (
    FSDPStrategy as FSDPStrategy,
)
from engine_runner.strategy.single import (
    SingleDeviceStrategy as SingleDeviceStrategy,
)
from engine_runner.strategy.tensor_parallel import (
    TensorParallelStrategy as TensorParallelStrategy,
)
