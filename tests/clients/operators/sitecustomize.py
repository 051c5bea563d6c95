"""Stands for what a machine without compiled operators lacks: of torchvision's CUDA build, of mmcv.

Python imports this file at its start where its folder is on PYTHONPATH. A few of mmcv's operators
are worked out here in plain torch, slowly; all others have names, and fail when they are called.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

EXAMPLES = Path(__file__).parents[2] / "examples"
# What it has made is kept: it ends with its object.
VISION = runpy.run_path(str(EXAMPLES / "cpu_torchvision" / "sitecustomize.py"))


# mmagic's diffusion models, what steers them and reads texts for them; and tables for mmrazor's
# quantisation that want torch before 2.1.
UNUSED = ("controlnet_aux", "diffusers", "xformers", "mmrazor.structures.quantization")

if importlib.util.find_spec("mmagic"):
    import numpy as np

    UNUSED += tuple(
        x for x in ("huggingface_hub", "transformers") if not importlib.util.find_spec(x)
    )
    np.bool8 = np.bool_  # which numpy 2 left out, and mmagic has in a table


def decorator(*arguments: Any, **options: Any) -> Any:
    """Leave what is decorated as it is, with arguments or without."""
    return arguments[0] if arguments and callable(arguments[0]) else decorator


class Unused(MetaPathFinder, Loader):
    """Modules that are imported, whose classes are inherited from, and that nothing calls."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        is_one = any(f"{name}.".startswith(f"{each}.") for each in UNUSED)
        return ModuleSpec(name, self, is_package=True) if is_one else None

    def exec_module(self, module: ModuleType) -> None:
        def named(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (torch.nn.Module,), {}) if name[:1].isupper() else decorator

        module.__dict__["__getattr__"] = named


sys.meta_path.insert(0, Unused())


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


def is_compiled() -> bool:
    """Whether the mmcv that will be imported has its operators."""
    spec = importlib.util.find_spec("mmcv")
    folders = (spec and spec.submodule_search_locations) or ()
    return any(list(Path(each).glob("_ext.*")) for each in folders)


if not is_compiled():
    STAND_IN = Operators("mmcv._ext")
    STAND_IN.__spec__ = ModuleSpec("mmcv._ext", None)
    sys.modules["mmcv._ext"] = STAND_IN
