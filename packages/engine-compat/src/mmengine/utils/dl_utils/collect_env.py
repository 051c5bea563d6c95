"""Names of MMEngine's `mmengine.utils.dl_utils.collect_env`, from engine_runner.runner."""

from engine_runner.runner import collect_env

__all__ = ["collect_env"]
