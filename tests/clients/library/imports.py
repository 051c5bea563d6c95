"""Import every module of the libraries named, and print as JSON why those that fail do."""

from __future__ import annotations

import json
import pkgutil
import sys
import warnings
from importlib import import_module


def main(names: list[str]) -> None:
    """What can't be imported hides what it holds: a package that fails stands for its modules."""
    warnings.simplefilter("ignore")
    failed, count = {}, 0
    for name in names:
        path = import_module(name).__path__
        for module in pkgutil.walk_packages(path, f"{name}.", onerror=lambda _: None):
            count += 1
            try:
                import_module(module.name)
            except Exception as error:
                failed[module.name] = f"{type(error).__name__}: {error}"
    print(json.dumps({"count": count, "failed": failed}))


if __name__ == "__main__":
    if sys.argv[1] == "--uncompiled":
        import_module("uncompiled")
    main([name for name in sys.argv[1:] if not name.startswith("--")])
