"""Names of MMEngine's `mmengine.hooks.profiler_hook`, from engine_runner.hooks."""

from engine_runner.hooks import NPUProfilerHook, ProfilerHook

__all__ = ["NPUProfilerHook", "ProfilerHook"]
