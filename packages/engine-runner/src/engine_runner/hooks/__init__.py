"""What happens around epochs and iterations."""

from engine_runner.hooks.checkpoint import CheckpointHook
from engine_runner.hooks.hook import Hook
from engine_runner.hooks.iter_timer import IterTimerHook
from engine_runner.hooks.logger import LoggerHook, NonFiniteLossError
from engine_runner.hooks.param_scheduler import ParamSchedulerHook
from engine_runner.hooks.priority import Priority, get_priority
from engine_runner.hooks.runtime_info import RuntimeInfoHook
from engine_runner.hooks.sampler_seed import DistSamplerSeedHook
from engine_runner.hooks.table import HookTable

__all__ = [
    "CheckpointHook",
    "DistSamplerSeedHook",
    "Hook",
    "HookTable",
    "IterTimerHook",
    "LoggerHook",
    "NonFiniteLossError",
    "ParamSchedulerHook",
    "Priority",
    "RuntimeInfoHook",
    "get_priority",
]
