"""Names of MMEngine's `mmengine.hooks.param_scheduler_hook`, from engine_runner.hooks."""

from engine_runner.hooks import ParamSchedulerHook

__all__ = ["ParamSchedulerHook"]
