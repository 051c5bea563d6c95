"""Names of MMEngine's `mmengine.hooks.test_time_aug_hook`, from engine_runner.hooks."""

from engine_runner.hooks import PrepareTTAHook, build_runner_with_tta

__all__ = ["PrepareTTAHook", "build_runner_with_tta"]
