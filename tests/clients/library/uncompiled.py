"""Names the operators that mmcv-lite lacks, so that what imports them can be imported.

`python -m pytest -p uncompiled`, or `import uncompiled` first. An operator that is called fails.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


class Uncompiled(ModuleType):
    """Stands for mmcv's compiled module: has every name, and nothing behind it."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def operator(*_: object, **__: object) -> None:
            raise NotImplementedError(f"mmcv's operator {name!r} is not compiled here")

        return operator


sys.modules["mmcv._ext"] = Uncompiled("mmcv._ext")
