"""What this package adds to the root registries: by import path, so that nothing is imported."""

from __future__ import annotations

from typing import Final

from engine_registry.root import ROOT_REGISTRIES

__all__ = ["register"]

_HERE: Final = "engine_runner"
_ENTRIES: Final = {
    "MODELS": {"ToyModel": "testing.runner_case"},
    "RUNNERS": {"Runner": "runner.runner"},
    "LOOPS": {
        "EpochBasedTrainLoop": "loops.train",
        "IterBasedTrainLoop": "loops.train",
        "TestLoop": "loops.evaluate",
        "ValLoop": "loops.evaluate",
    },
    "HOOKS": {
        "CheckpointHook": "hooks.checkpoint",
        "DistSamplerSeedHook": "hooks.sampler_seed",
        "EMAHook": "hooks.ema",
        "EarlyStoppingHook": "hooks.early_stopping",
        "EmptyCacheHook": "hooks.empty_cache",
        "HangHook": "hooks.hang",
        "IterTimerHook": "hooks.iter_timer",
        "LoggerHook": "hooks.logger",
        "NPUProfilerHook": "hooks.npu_profiler",
        "NaiveVisualizationHook": "hooks.naive_visualization",
        "ParamSchedulerHook": "hooks.param_scheduler",
        "PreemptionHook": "hooks.preemption",
        "PrepareTTAHook": "hooks.prepare_tta",
        "ProfilerHook": "hooks.profiler",
        "RuntimeInfoHook": "hooks.runtime_info",
        "StepTimesHook": "hooks.step_times",
        "SyncBuffersHook": "hooks.sync_buffers",
    },
    "STRATEGIES": {
        "ColossalAIStrategy": "strategy.colossalai",
        "DDPStrategy": "strategy.ddp",
        "DeepSpeedStrategy": "strategy.deepspeed",
        "FSDPStrategy": "strategy.fsdp",
        "SingleDeviceStrategy": "strategy.single",
        "TensorParallelStrategy": "strategy.tensor_parallel",
    },
    "LOG_PROCESSORS": {"LogProcessor": "logs.processor"},
    "INFERENCERS": {"Inferencer": "infer.inferencer"},
}


def register() -> None:
    """Register everything; the registries call it when a name is missed for the first time."""
    for registry, entries in _ENTRIES.items():
        for name, module in entries.items():
            ROOT_REGISTRIES[registry].register_lazy(name, f"{_HERE}.{module}:{name}")
