"""Stands for what a machine without compiled operators lacks: of torchvision's CUDA build, of mmcv.

Python imports this file at its start where its folder is on PYTHONPATH. A few of mmcv's operators
are worked out here in plain torch, slowly; all others have names, and fail when they are called.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import torch

if importlib.util.find_spec("torchvision") and not torch.cuda.is_available():
    LIBRARY = torch.library.Library("torchvision", "DEF")  # kept: it ends with its object
    LIBRARY.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    LIBRARY.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


class Operators(ModuleType):
    """Stands for mmcv's compiled module, ``mmcv._ext``: has every name."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        import plain_operators

        found: Callable[..., Any] | None = getattr(plain_operators, name, None)
        if found is not None:
            return found

        def operator(*_: object, **__: object) -> None:
            raise NotImplementedError(f"mmcv's operator {name!r} is not compiled here")

        return operator


STAND_IN = Operators("mmcv._ext")
STAND_IN.__spec__ = ModuleSpec("mmcv._ext", None)
sys.modules["mmcv._ext"] = STAND_IN
