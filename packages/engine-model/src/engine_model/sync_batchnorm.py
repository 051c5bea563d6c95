"""Batch normalisation over all processes, and back."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ["convert_sync_batchnorm", "revert_sync_batchnorm"]


class _BatchNormXd(_BatchNorm):
    """Batch normalisation of any number of dimensions, as synchronised one is."""

    def _check_input_dim(self, input: Any) -> None: ...  # noqa: A002 - torch's name


def revert_sync_batchnorm(module: nn.Module) -> nn.Module:
    """Return the module with every synchronised batch normalisation replaced by a plain one.

    One process has nothing to synchronise with. Weights and statistics are kept.
    """
    kinds = tuple(kind for kind in (nn.SyncBatchNorm, _mmcv()) if kind is not None)
    if isinstance(module, kinds):
        return _copied(module, _BatchNormXd)
    for name, child in module.named_children():
        replaced = revert_sync_batchnorm(child)
        if replaced is not child:
            setattr(module, name, replaced)
    return module


def convert_sync_batchnorm(module: nn.Module, implementation: str = "torch") -> nn.Module:
    """Return the module with every batch normalisation synchronised.

    Args:
        module: the module; it is changed.
        implementation: "torch", or "mmcv" for the one of mmcv's operators.

    Raises:
        ValueError: it is neither.
        ImportError: mmcv's was asked for, and it has no operators.
    """
    if implementation == "torch":
        torch_kind: Any = nn.SyncBatchNorm
        converted: nn.Module = torch_kind.convert_sync_batchnorm(module)
        return converted
    if implementation != "mmcv":
        raise ValueError(f"sync_bn is 'torch' or 'mmcv', got {implementation!r}")
    return _converted(module, import_module("mmcv.ops").SyncBatchNorm)


def _converted(module: nn.Module, kind: Any) -> nn.Module:
    if isinstance(module, _BatchNorm) and not isinstance(module, kind):
        return _copied(module, kind)
    for name, child in module.named_children():
        replaced = _converted(child, kind)
        if replaced is not child:
            setattr(module, name, replaced)
    return module


def _copied(module: Any, kind: Any) -> nn.Module:
    """A batch normalisation of another kind with the same weights and statistics."""
    made: nn.Module = kind(
        module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats
    )
    if module.affine:
        made.weight, made.bias = module.weight, module.bias
    made.running_mean, made.running_var = module.running_mean, module.running_var
    made.num_batches_tracked = module.num_batches_tracked
    made.training = module.training
    return made


def _mmcv() -> Any:
    """mmcv's class, if something has imported it."""
    return getattr(sys.modules.get("mmcv.ops"), "SyncBatchNorm", None)
