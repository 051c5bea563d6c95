"""What happens around epochs and iterations."""

from engine_runner.hooks.checkpoint import CheckpointHook
from engine_runner.hooks.early_stopping import EarlyStoppingHook
from engine_runner.hooks.ema import EMAHook
from engine_runner.hooks.empty_cache import EmptyCacheHook
from engine_runner.hooks.hang import HangHook
from engine_runner.hooks.hook import Hook
from engine_runner.hooks.iter_timer import IterTimerHook
from engine_runner.hooks.logger import LoggerHook, NonFiniteLossError
from engine_runner.hooks.naive_visualization import NaiveVisualizationHook
from engine_runner.hooks.npu_profiler import NPUProfilerHook
from engine_runner.hooks.param_scheduler import ParamSchedulerHook
from engine_runner.hooks.preemption import Preempted, PreemptionHook
from engine_runner.hooks.prepare_tta import PrepareTTAHook, build_runner_with_tta
from engine_runner.hooks.priority import Priority, get_priority
from engine_runner.hooks.profiler import ProfilerHook
from engine_runner.hooks.runtime_info import RuntimeInfoHook
from engine_runner.hooks.sampler_seed import DistSamplerSeedHook
from engine_runner.hooks.step_times import StepTimesHook
from engine_runner.hooks.sync_buffers import SyncBuffersHook
from engine_runner.hooks.table import HookTable

__all__ = [
    "CheckpointHook",
    "DistSamplerSeedHook",
    "EMAHook",
    "EarlyStoppingHook",
    "EmptyCacheHook",
    "HangHook",
    "Hook",
    "HookTable",
    "IterTimerHook",
    "LoggerHook",
    "NPUProfilerHook",
    "NaiveVisualizationHook",
    "NonFiniteLossError",
    "ParamSchedulerHook",
    "Preempted",
    "PreemptionHook",
    "PrepareTTAHook",
    "Priority",
    "ProfilerHook",
    "RuntimeInfoHook",
    "StepTimesHook",
    "SyncBuffersHook",
    "build_runner_with_tta",
    "get_priority",
]
