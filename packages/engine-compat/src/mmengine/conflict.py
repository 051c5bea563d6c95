"""The original distribution beside this one: they write into the same folder."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Final

_ORIGINALS: Final = ("mmengine", "mmengine-lite")


def warn_of_the_original(package: str) -> None:
    """Warn if MMEngine itself is installed where Python finds it, and say what mends it.

    Only folders' names are read: asking `importlib.metadata` takes longer than all the rest.
    """
    found = [name for name in _ORIGINALS if _is_installed(name)]
    if found:
        warnings.warn(
            f"{' and '.join(found)} is installed beside engine-compat, and both are imported as "
            f"{package!r}: files of one have overwritten the other's. Keep one:\n"
            f"    pip uninstall -y {' '.join(_ORIGINALS)} engine-compat\n"
            "    pip install engine-compat",
            RuntimeWarning,
            stacklevel=4,  # behind this function, `alias` and `mmengine` itself
        )


def _is_installed(distribution: str) -> bool:
    pattern = f"{distribution.replace('-', '_')}-[0-9]*.dist-info"
    return any(any(Path(entry or ".").glob(pattern)) for entry in sys.path)
