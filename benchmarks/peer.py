"""The interpreter that we are measured against: mmengine 0.10.7 in a venv of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
CONSTRAINTS = HERE.parent / "constraints.txt"
REQUIREMENTS = ("mmengine==0.10.7", "setuptools<81", "torch==2.13.0", "numpy")


def mmengine_python() -> Path:
    """Return the peer's interpreter; the first call makes its venv (some minutes).

    ``ENGINE_PEER_PYTHON`` names an interpreter that has mmengine already.
    """
    named = os.environ.get("ENGINE_PEER_PYTHON")
    if named:
        return Path(named)
    home = HERE / ".peer"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = home / "ready"
    if not ready.exists():
        print(f"making {home} with {', '.join(REQUIREMENTS)} ...", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-c", str(CONSTRAINTS)]
        subprocess.run([*install, *REQUIREMENTS], check=True)
        ready.touch()
    return python
