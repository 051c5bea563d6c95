"""Classes of torch by the names that libraries import them by from here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
from torch.nn.modules.instancenorm import _InstanceNorm
from torch.nn.modules.pooling import _AdaptiveAvgPoolNd, _AdaptiveMaxPoolNd, _AvgPoolNd, _MaxPoolNd
from torch.utils.data import DataLoader

__all__ = [
    "TORCH_VERSION",
    "DataLoader",
    "SyncBatchNorm",
    "SyncBatchNorm_",
    "_AdaptiveAvgPoolNd",
    "_AdaptiveMaxPoolNd",
    "_AvgPoolNd",
    "_BatchNorm",
    "_ConvNd",
    "_ConvTransposeMixin",
    "_InstanceNorm",
    "_MaxPoolNd",
    "get_build_config",
    "is_rocm_pytorch",
]

TORCH_VERSION = torch.__version__
SyncBatchNorm_ = torch.nn.SyncBatchNorm
_ConvTransposeMixin = _ConvTransposeNd


def is_rocm_pytorch() -> bool:
    """Whether torch was built for AMD's GPUs."""
    return torch.version.hip is not None


def _get_cuda_home() -> str | None:
    """Return the folder of CUDA's, or ROCm's, compilers, or None."""
    names = ("ROCM_HOME", "ROCM_PATH") if is_rocm_pytorch() else ("CUDA_HOME", "CUDA_PATH")
    usual = Path("/opt/rocm" if is_rocm_pytorch() else "/usr/local/cuda")
    named = next(filter(None, map(os.environ.get, names)), None)
    return named or (str(usual) if usual.is_dir() else None)


def get_build_config() -> str:
    """Return how torch was compiled."""
    return torch.__config__.show()


class SyncBatchNorm(SyncBatchNorm_):
    """torch's SyncBatchNorm for input of any number of dimensions from two."""

    def _check_input_dim(self, input: Any) -> None:  # noqa: A002 - torch's
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")
