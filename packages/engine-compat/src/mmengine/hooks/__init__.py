"""Names of MMEngine's `mmengine.hooks`, from engine_runner.hooks."""

from engine_runner.hooks import (
    CheckpointHook,
    DistSamplerSeedHook,
    EarlyStoppingHook,
    EMAHook,
    EmptyCacheHook,
    Hook,
    IterTimerHook,
    LoggerHook,
    NaiveVisualizationHook,
    NPUProfilerHook,
    ParamSchedulerHook,
    PrepareTTAHook,
    ProfilerHook,
    RuntimeInfoHook,
    SyncBuffersHook,
)

__all__ = [
    "CheckpointHook",
    "DistSamplerSeedHook",
    "EMAHook",
    "EarlyStoppingHook",
    "EmptyCacheHook",
    "Hook",
    "IterTimerHook",
    "LoggerHook",
    "NPUProfilerHook",
    "NaiveVisualizationHook",
    "ParamSchedulerHook",
    "PrepareTTAHook",
    "ProfilerHook",
    "RuntimeInfoHook",
    "SyncBuffersHook",
]
