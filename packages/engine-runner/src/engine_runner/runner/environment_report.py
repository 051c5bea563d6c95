"""What a report of a problem should say about the machine."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import metadata
from typing import Any

from engine_runner.__about__ import PACKAGES

__all__ = ["collect_env", "versions"]

logger = logging.getLogger(__name__)

Question = tuple[str, Callable[[], Any]]

_OURS = (*PACKAGES, "engine-compat")
_BESIDE = ("torchvision", "mmcv", "mmdet", "mmpretrain", "mmsegmentation")
_PATIENCE_S = 0.8  # with a compiler that is asked for its version


def collect_env() -> dict[str, str]:
    """Return what identifies this environment, by name, in the order in which it is to be read.

    It takes a fraction of a second, and never fails: what can't be found out is said to be unknown.
    Names that MMEngine has are MMEngine's.
    """
    return _answers(_questions())


def versions() -> dict[str, str]:
    """Return what of `collect_env` is known without an import of torch."""
    return _answers(
        (
            *_system(),
            ("PyTorch", partial(_installed, "torch")),
            ("NumPy", partial(_installed, "numpy")),
            *_packages(),
        )
    )


def _answers(questions: Iterable[Question]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, ask in questions:
        try:
            answer = ask()
        except Exception as error:  # a report of a problem must not become one
            logger.debug("can't tell %s", name, exc_info=True)
            answer = f"unknown ({type(error).__name__}: {error})"
        if answer is not None:
            found[name] = str(answer)
    return found


def _system() -> Iterator[Question]:
    yield "sys.platform", lambda: sys.platform
    yield "System", platform.platform
    yield "Python", lambda: sys.version.replace("\n", "")
    yield "CPU", lambda: f"{platform.machine()}, {os.cpu_count()} cores"


def _packages() -> Iterator[Question]:
    yield "OpenCV", _opencv
    yield "MMEngine", _mmengine
    for name in (*_BESIDE, *_OURS):
        yield name, partial(_installed, name)


def _questions() -> Iterator[Question]:
    import numpy as np
    import torch

    from engine_dist.accelerator import get_device, is_musa_available

    yield from _system()
    yield "CUDA available", torch.cuda.is_available
    yield "MUSA available", is_musa_available
    yield "Accelerator", get_device
    for index in range(torch.accelerator.device_count() if torch.accelerator.is_available() else 0):
        yield f"Device {index}", partial(_device, index)
    yield "CUDA_HOME", _cuda_home
    yield "GCC", lambda: _version_of("gcc", "cc", "clang", "cl")
    yield "NVCC", lambda: _version_of("nvcc", line=-2)
    yield "PyTorch", lambda: torch.__version__
    yield "PyTorch compiling details", torch.__config__.show
    yield "NumPy", lambda: np.__version__
    yield from _packages()


def _device(index: int) -> str:
    """Name and memory of an accelerator."""
    import torch

    from engine_dist.accelerator import get_device

    kind = get_device()
    backend: Any = getattr(torch, kind, None)
    if hasattr(backend, "get_device_properties"):
        facts = backend.get_device_properties(index)
        memory = f", {facts.total_memory / 2**30:.1f} GiB" if hasattr(facts, "total_memory") else ""
        return f"{facts.name}{memory}"
    return f"{kind}:{index}"


def _opencv() -> str | None:
    if "cv2" in sys.modules:
        return str(sys.modules["cv2"].__version__)
    return _installed("opencv-python", "opencv-python-headless")


def _installed(*names: str) -> str | None:
    """The version of the first of some distributions that is installed, without importing it."""
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _version_of(*programs: str, line: int = 0) -> str | None:
    """What the first of some programs that is there says of its version."""
    path = next(filter(None, map(shutil.which, programs)), None)
    if path is None:
        return None
    arguments = [path] if path.lower().endswith("cl.exe") else [path, "--version"]
    told = subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PATIENCE_S,
        stdin=subprocess.DEVNULL,
    )
    lines = [each for each in (told.stdout + told.stderr).splitlines() if each.strip()]
    return lines[max(line, -len(lines))] if lines else None


def _mmengine() -> str | None:
    """The version of MMEngine that engine-compat stands for, where it is in use."""
    loaded: str | None = getattr(sys.modules.get("mmengine"), "__version__", None)
    return loaded or _installed("mmengine")


def _cuda_home() -> str | None:
    import torch

    named = os.environ.get("CUDA_HOME") or os.environ.get("CUDA_PATH")
    if named or not torch.cuda.is_available():
        return named
    from torch.utils.cpp_extension import CUDA_HOME  # takes long to import

    return str(CUDA_HOME)
