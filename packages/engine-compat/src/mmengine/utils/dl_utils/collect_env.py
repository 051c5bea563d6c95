"""Names of MMEngine's `mmengine.utils.dl_utils.collect_env`, from engine_runner.runner."""

from __future__ import annotations

import torch
from torch.utils import cpp_extension

from engine_runner.runner import collect_env as collect_ours
from mmengine.version import __version__

__all__ = ["collect_env"]


def collect_env() -> dict[str, str]:
    """Return what identifies this environment, with the names that MMEngine has."""
    found = {**collect_ours(), "MMEngine": __version__}
    if torch.cuda.is_available():
        found.setdefault("CUDA_HOME", str(_get_cuda_home()))
    return found


def _get_cuda_home() -> str | None:
    """The folder of CUDA's toolkit; None if there is none."""
    found: str | None = cpp_extension.CUDA_HOME
    return found
