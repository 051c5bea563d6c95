"""Start the libraries' own programs, as their users do."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

LIBRARY = Path(__file__).parent
CONFIGS = LIBRARY.parent / "configs"
TORCHVISION_ON_CPU = LIBRARY.parents[1] / "examples/cpu_torchvision"


def mim() -> Path:
    """Where the wheel of mmpretrain keeps its tools and configs."""
    spec = find_spec("mmpretrain")
    assert spec is not None and spec.origin is not None, "mmpretrain is not installed"
    return Path(spec.origin).parent / ".mim"


def train(config: str, *arguments: str | Path, **kwargs: object) -> str:
    """Run mmpretrain's `tools/train.py` with one of our configs; return what it said."""
    return start(mim() / "tools/train.py", CONFIGS / config, *arguments, **kwargs)


def start(
    *arguments: str | Path,
    folder: Path | None = None,
    first: Path | None = None,
    fails: bool = False,
) -> str:
    """Run Python with ``arguments`` in ``folder``; return what it printed, errors last.

    ``first`` is a folder that it imports from before all others.

    Raises:
        AssertionError: it failed, or was to fail and did not.
    """
    paths = [first or "", TORCHVISION_ON_CPU, LIBRARY]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(path) for path in paths if path),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=folder,
    )
    said = f"{done.stdout}\n{done.stderr}".strip()
    assert (done.returncode != 0) == fails, said[-6000:]
    return said if fails else done.stdout
