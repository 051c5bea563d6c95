"""Names of MMEngine's `mmengine.utils.dl_utils.setup_env`, from engine_runner.runner."""

from engine_runner.runner.environment import set_multi_processing

__all__ = ["set_multi_processing"]
