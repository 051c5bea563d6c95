# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.hooks.checkpoint import (
    CheckpointHook as CheckpointHook,
)
from engine_runner.hooks.early_stopping import (
    EarlyStoppingHook as EarlyStoppingHook,
)
from engine_runner.hooks.ema import (
    EMAHook as EMAHook,
)
from engine_runner.hooks.empty_cache import (
    EmptyCacheHook as EmptyCacheHook,
)
from engine_runner.hooks.hang import (
    HangHook as HangHook,
)
from engine_runner.hooks.hook import (
    Hook as Hook,
)
from engine_runner.hooks.iter_timer import (
    IterTimerHook as IterTimerHook,
)
from engine_runner.hooks.logger import (
    LoggerHook as LoggerHook,
    NonFiniteLossError as NonFiniteLossError,
)
from engine_runner.hooks.naive_visualization import (
    NaiveVisualizationHook as NaiveVisualizationHook,
)
from engine_runner.hooks.npu_profiler import (
    NPUProfilerHook as NPUProfilerHook,
)
from engine_runner.hooks.param_scheduler import (
    ParamSchedulerHook as ParamSchedulerHook,
)
from engine_runner.hooks.preemption import (
    Preempted as Preempted,
    PreemptionHook as PreemptionHook,
)
from engine_runner.hooks.prepare_tta import (
    PrepareTTAHook as PrepareTTAHook,
    build_runner_with_tta as build_runner_with_tta,
)
from engine_runner.hooks.priority import (
    Priority as Priority,
    get_priority as get_priority,
)
from engine_runner.hooks.profiler import (
    ProfilerHook as ProfilerHook,
)
from engine_runner.hooks.runtime_info import (
    RuntimeInfoHook as RuntimeInfoHook,
)
from engine_runner.hooks.sampler_seed import (
    DistSamplerSeedHook as DistSamplerSeedHook,
)
from engine_runner.hooks.step_times import (
    StepTimesHook as StepTimesHook,
)
from engine_runner.hooks.sync_buffers import (
    SyncBuffersHook as SyncBuffersHook,
)
from engine_runner.hooks.hook_table import (
    HookTable as HookTable,
)
