"""Every public way by which a file comes in, and what trust does to it: one table.

A function, class or command that takes the name of a file and isn't in here fails a test.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import click

__all__ = ["ENTRIES", "PLACES", "commands", "entries_of", "takes"]

# Parameters by which a file, or a text that is read as one, is handed over.
_NAMES = frozenset(
    """
    address cfg1 cfg_path cfg_str checkpoint config file file_path filename filepath first folder
    inputs load_from path paths runs second sources weights work_dir work_dirs
    """.split()  # noqa: SIM905 - too many for a list
)
# Modules whose public functions and classes are looked at, and classes whose methods are, too.
PLACES = ["engine_config", "engine_fileio", "engine_registry", "engine_logging", "engine_runner",
          "engine_checkpoint", "engine_runner.infer", "engine_runner.hub", "engine_runner.compare",
          "engine_runner.export", "engine_runner.tuning"]  # fmt: skip
_METHODS = {"Config", "CheckpointLoader", "PickleHandler", "YamlHandler", "JsonHandler"}

# How a file is treated:
#   trust      as the argument `trust` says; here without
#   trusted    as the argument `trusted` says; here without
#   --trust    as the option says; here without
#   data       as data, whoever wrote it
#   bytes      nothing is made of what is in it
#   writes     it is written, moved or removed
#   program    as a program of the user's, which SECURITY.md says
ENTRIES: dict[str, str] = {
    **dict.fromkeys(
        ["engine_config.Config.fromfile", "engine_config.Config.fromstring",
         "engine_config.Config.diff", "engine_runner.infer.BaseInferencer",
         "engine_runner.infer.Inferencer"], "trust",
    ),
    "engine_config.Config": "bytes",  # its text alone
    "engine_config.Config.dump": "writes",
    "engine_config.Config.origin": "bytes",
    "engine_fileio.load": "trusted",
    **{f"engine_fileio.{kind}Handler.load_from_{what}": said
       for kind, said in (("Json", "data"), ("Yaml", "data"), ("Pickle", "program"))
       for what in ("fileobj", "path")},
    **{f"engine_fileio.{kind}Handler.dump_to_{what}": "writes"
       for kind in ("Json", "Yaml", "Pickle") for what in ("fileobj", "path")},
    **{f"engine_fileio.{name}": "bytes" for name in (
        "dict_from_file", "exists", "exists_many", "get", "get_local_path", "get_many", "get_text",
        "info", "isdir", "isfile", "join_path", "list_from_file")},
    **{f"engine_fileio.{name}": "writes" for name in ("dump", "put", "put_text", "remove")},
    "engine_logging.ScalarsFile": "writes",
    "engine_logging.read_scalars": "data",
    **{f"engine_checkpoint.{name}": "data" for name in (
        "CheckpointLoader.load_checkpoint", "find_latest_checkpoint", "is_sharded_checkpoint",
        "is_whole", "load_checkpoint", "publish_model", "read_file", "read_own_part",
        "read_safetensors", "read_sharded", "read_with_prefix", "resumable", "safetensors_of")},
    **{f"engine_checkpoint.{name}": "bytes" for name in (  # what was read already
        "check_resumable", "load_into_model", "weights_of")},
    **{f"engine_checkpoint.{name}": "writes" for name in (
        "point_to", "remove_checkpoint", "save_checkpoint")},
    **{f"engine_checkpoint.{name}": "bytes" for name in ("check_local", "numbers_in")},
    "engine_runner.Runner": "data",  # load_from and resume; its config is an object
    "engine_runner.load_checkpoint": "data",
    "engine_runner.save_checkpoint": "writes",
    **{f"engine_runner.hub.{name}": "program" for name in ("get_config", "get_model")},
    **{f"engine config {name}": "--trust" for name in ("check", "diff", "explain", "show")},
    **{f"engine {name}": "program" for name in (
        "export", "find-batch-size", "find-lr", "infer", "summary", "sweep", "test", "train")},
    "engine compare": "data",
    "engine_runner.compare.read_runs": "data",
    **{f"engine_runner.compare.{name}": "bytes" for name in (  # what was read already
        "ComparedRun", "comparison_table", "differences")},
    "engine_runner.compare.write_comparison": "writes",
    "engine_runner.export.export_model": "program",
    "engine_runner.export.ExportReport": "bytes",
    "engine_runner.tuning.TrainingMemory": "bytes",
    **{f"engine job {name}": "bytes" for name in ("kubernetes", "slurm")},
    "engine migrate": "data",
    "engine plot": "data",
    "engine publish": "data",
}  # fmt: skip


def takes(parameters: Any) -> bool:
    """Whether a file comes in by one of some parameters."""
    return bool(_NAMES & set(parameters))


def entries_of(place: str) -> Iterator[tuple[str, Any]]:
    """Yield each public function, class and method of a module by which a file comes in."""
    module = importlib.import_module(place)
    for name in module.__all__:
        value = getattr(module, name)
        found = [(name, value)]
        if name in _METHODS:
            members = [each for each in dir(value) if not each.startswith("_")]
            found += [(f"{name}.{each}", getattr(value, each)) for each in members]
        for each, function in found:
            if callable(function) and takes(_parameters(function)) and not _is_told(function):
                yield f"{place}.{each}", function


def _is_told(value: Any) -> bool:
    """Whether something is an error or a tuple, which only names a file."""
    return inspect.isclass(value) and issubclass(value, BaseException | tuple)


def _parameters(function: Any) -> Any:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return ()


def commands(group: click.Group, name: str = "engine") -> Iterator[tuple[str, click.Command]]:
    """Yield each command by which a file comes in."""
    for part, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {part}")
        elif takes([each.name for each in command.params]):
            yield f"{name} {part}", command
