"""Running a script in this process."""

from __future__ import annotations

import runpy
import shlex
import sys
from pathlib import Path

__all__ = ["check_python_script"]


def check_python_script(cmd: str) -> None:
    """Run a script as a command line would, but in this process, where coverage is measured.

    Args:
        cmd: ``path/to/script.py arguments``, with ``python`` before it or not.

    Raises:
        FileNotFoundError: there is no such script.
        SystemExit: the script ends with an exit code.
    """
    words = shlex.split(cmd, posix=sys.platform != "win32")
    if words and Path(words[0]).stem.startswith("python") and not words[0].endswith(".py"):
        words = words[1:]
    if not words or not Path(words[0]).is_file():
        raise FileNotFoundError(f"there is no script {words[0] if words else ''!r} to run: {cmd!r}")
    before, path = sys.argv, list(sys.path)
    sys.argv = words
    sys.path.insert(0, str(Path(words[0]).absolute().parent))
    try:
        runpy.run_path(words[0], run_name="__main__")
    finally:
        sys.argv, sys.path[:] = before, path
