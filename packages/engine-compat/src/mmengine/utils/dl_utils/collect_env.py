"""Names of MMEngine's `mmengine.utils.dl_utils.collect_env`, from engine_runner.runner."""

from __future__ import annotations

from torch.utils import cpp_extension

from engine_runner.runner import collect_env

__all__ = ["collect_env"]


def _get_cuda_home() -> str | None:
    """The folder of CUDA's toolkit; None if there is none."""
    found: str | None = cpp_extension.CUDA_HOME
    return found
