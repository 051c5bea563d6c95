"""Lists what MMEngine's modules hold by importing it, for engine-compat to give the same.

Run ``list`` where mmengine 0.10.7 is installed, and give what it prints to ``keep`` where our
packages are::

    python tests/reference/reexports.py list > all.tsv
    cd packages/engine-compat/src/mmengine
    python ../../../../tests/reference/reexports.py keep < all.tsv > reexported.txt
"""

from __future__ import annotations

import pkgutil
import sys
import types
import warnings
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from typing import Any

# Where values are looked for that don't say where they are from.
_PLACES = (
    *("typing", "collections", "collections.abc", "math", "torch", "torch.nn", "numpy"),
    *("torch.distributed", "torch.utils.data", "torch.optim", "os", "abc", "numbers", "logging"),
)


def home(value: Any) -> str | None:
    """Where a value is from, as ``module`` or ``module:name``."""
    if isinstance(value, types.ModuleType):
        return "os.path" if value.__name__ in ("posixpath", "ntpath") else value.__name__
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if isinstance(module, str) and isinstance(name, str) and name.isidentifier():
        try:
            if getattr(import_module(module), name) is value:
                return f"{module}:{name}"
        except (ImportError, AttributeError):
            pass
    if isinstance(value, int | float | str | tuple | type(None)):
        return None
    for place in _PLACES:
        for name, each in vars(import_module(place)).items():
            if each is value and not name.startswith("__"):
                return f"{place}:{name}"
    return None


def listed() -> Iterator[tuple[str, str, str]]:
    """Yield (module, name, home) of what modules of MMEngine have imported."""
    package = import_module("mmengine")
    names = [each.name for each in pkgutil.walk_packages(package.__path__, "mmengine.")]
    for module in names:
        for name, value in sorted(vars(import_module(module)).items()):
            found = None if name.startswith("__") else home(value)
            if found not in (None, f"{module}:{name}", f"{module}.{name}"):
                yield module, name, str(found)


def kept(rows: list[list[str]]) -> Iterator[str]:
    """Yield lines for those that our modules lack, and can give: a module, then home and names."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for module, name, place in rows:
        source, _, attribute = place.partition(":")
        try:
            if name in vars(import_module(module)):
                continue
            if attribute:
                getattr(import_module(source), attribute)
            else:
                import_module(source)
        except (ImportError, AttributeError):
            continue
        is_same = attribute == name
        found[module][f"{source}:" if is_same else place].append(name)
    for module in sorted(found):
        yield module
        for place in sorted(found[module]):
            yield f" {place} {' '.join(sorted(found[module][place]))}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1] == "list":
        for row in listed():
            print(*row, sep="\t")
    else:
        for line in kept([line.rstrip("\n").split("\t") for line in sys.stdin]):
            print(line)
