"""The interpreters that we are measured against, each in a venv of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
CONSTRAINTS = HERE.parent / "constraints.txt"


def mmengine_python() -> Path:
    """Return an interpreter with mmengine 0.10.7; the first call makes its venv (some minutes).

    ``ENGINE_PEER_PYTHON`` names an interpreter that has it already.
    """
    requirements = ("mmengine==0.10.7", "setuptools<81", "torch==2.13.0", "numpy")
    return _python("ENGINE_PEER_PYTHON", HERE / ".peer", requirements)


def mmpretrain_python() -> Path:
    """Return an interpreter with mmpretrain on mmengine 0.10.7; the first call makes its venv.

    ``ENGINE_MMPRETRAIN_PYTHON`` names an interpreter that has them already.
    """
    mmengine = ("mmengine==0.10.7", "setuptools<81", "torch==2.13.0", "torchvision==0.28.0")
    library = ("mmpretrain==1.2.0", "mmcv-lite==2.2.0", "importlib-metadata==8.5.0")
    return _python("ENGINE_MMPRETRAIN_PYTHON", HERE / ".mmpretrain", (*mmengine, *library))


def trainers_python() -> Path:
    """Return an interpreter with other trainers; the first call makes its venv (some minutes).

    ``ENGINE_TRAINERS_PYTHON`` names an interpreter that has them already.
    """
    requirements = (
        *("lightning", "accelerate", "pytorch-ignite", "transformers", "packaging"),
        *("torch==2.13.0", "numpy"),
    )
    return _python("ENGINE_TRAINERS_PYTHON", HERE / ".trainers", requirements)


def datasets_python() -> Path:
    """Return an interpreter with Hugging Face's datasets; the first call makes its venv."""
    return _python("ENGINE_DATASETS_PYTHON", HERE / ".datasets", ("datasets", "numpy"))


def _python(variable: str, home: Path, requirements: tuple[str, ...]) -> Path:
    named = os.environ.get(variable)
    if named:
        return Path(named)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = home / "ready"
    if not ready.exists():
        print(f"making {home} with {', '.join(requirements)} ...", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-c", str(CONSTRAINTS)]
        subprocess.run([*install, *requirements], check=True)
        ready.touch()
    return python
