"""What happens around epochs and iterations."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.hooks.checkpoint": ["CheckpointHook"],
        "engine_runner.hooks.early_stopping": ["EarlyStoppingHook"],
        "engine_runner.hooks.ema": ["EMAHook"],
        "engine_runner.hooks.empty_cache": ["EmptyCacheHook"],
        "engine_runner.hooks.hang": ["HangHook"],
        "engine_runner.hooks.hook": ["Hook"],
        "engine_runner.hooks.iter_timer": ["IterTimerHook"],
        "engine_runner.hooks.logger": ["LoggerHook", "NonFiniteLossError"],
        "engine_runner.hooks.naive_visualization": ["NaiveVisualizationHook"],
        "engine_runner.hooks.npu_profiler": ["NPUProfilerHook"],
        "engine_runner.hooks.param_scheduler": ["ParamSchedulerHook"],
        "engine_runner.hooks.preemption": ["Preempted", "PreemptionHook"],
        "engine_runner.hooks.prepare_tta": ["PrepareTTAHook", "build_runner_with_tta"],
        "engine_runner.hooks.priority": ["Priority", "get_priority"],
        "engine_runner.hooks.profiler": ["ProfilerHook"],
        "engine_runner.hooks.runtime_info": ["RuntimeInfoHook"],
        "engine_runner.hooks.sampler_seed": ["DistSamplerSeedHook"],
        "engine_runner.hooks.step_times": ["StepTimesHook"],
        "engine_runner.hooks.sync_buffers": ["SyncBuffersHook"],
        "engine_runner.hooks.hook_table": ["HookTable"],
    },
)
