"""Load the config files of libraries and print each one's values, a line of JSON a file.

``python configs.py HOME FOLDER:STEP...`` takes each STEP-th file below each FOLDER in HOME. What a
config defines to compute with (functions, classes, modules) is no value of it and left out.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from types import FunctionType, ModuleType

from mmengine.config import Config


def plain(value):
    """A value as JSON: with the classes of sequences, and texts of what JSON doesn't know."""
    if isinstance(value, dict):
        return {f"{type(key).__name__} {key}": plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, tuple):
        return {"tuple": [plain(each) for each in value]}
    if isinstance(value, set):
        return {"set": sorted(map(repr, value))}
    return value if isinstance(value, (bool, int, str)) or value is None else repr(value)


def loaded(path):
    """The values of a file, or why there are none."""
    try:
        values = Config.fromfile(path).to_dict()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:500]}
    computes = (FunctionType, ModuleType, type)
    return {"values": plain({k: v for k, v in values.items() if not isinstance(v, computes)})}


def main(home, *folders):
    warnings.simplefilter("ignore")
    for each in folders:
        folder, _, step = each.rpartition(":")
        files = [each for each in Path(home, folder).rglob("*.py") if each.name != "__init__.py"]
        for path in sorted(files)[:: int(step)]:
            said = {"file": path.relative_to(home).as_posix(), **loaded(path)}
            sys.stdout.write(f"found: {json.dumps(said)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
