"""Every public name of MMEngine's exists in our packages and is called in the same way."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from mmengine.naming import show_native_names

SERVED_BY = {
    "mmengine.config": "engine_config",
    "mmengine.fileio": "engine_fileio",
    "mmengine.fileio.backends": "engine_fileio.backends",
    "mmengine.fileio.handlers": "engine_fileio.handlers",
    "mmengine.logging": "engine_logging",
    "mmengine.registry": "engine_registry",
    "mmengine.dist": "engine_dist",
    "mmengine.structures": "engine_structures",
    "mmengine.analysis": "engine_model.analysis",
    "mmengine.dataset": "engine_dataset",
    "mmengine.device": "engine_dist.accelerator",
    "mmengine.evaluator": "engine_evaluator",
    "mmengine.hooks": "engine_runner.hooks",
    "mmengine.runner": "engine_runner.runner",
    "mmengine.hub": "engine_runner.hub",
    "mmengine.infer": "engine_runner.infer",
    "mmengine.testing": "engine_runner.testing",
    "mmengine.testing._internal": "engine_runner.testing",
    "mmengine.visualization": "engine_visual",
    "mmengine.optim": "engine_optim",
    "mmengine.optim.optimizer": "engine_optim",
    "mmengine.optim.scheduler": "engine_optim.scheduler",
    "mmengine.model": "engine_model",
    "mmengine.model.base_model": "engine_model",
    "mmengine.model.wrappers": "engine_model",
}
# Names that stand in another of MMEngine's modules than in ours.
MOVED = {("mmengine.utils", "ManagerMixin"), ("mmengine.utils", "ManagerMeta")}
# Signatures that differ, and why.
DIFFERENT = {
    "MMLogger": "logger_name=None stands for the default name, which engine-compat sets",
    "CheckpointHook.after_train_iter": "outputs=None; MMEngine's default is a type by mistake",
    "CheckpointHook.after_val_epoch": "metrics may be left out, as of any hook",
    "EarlyStoppingHook.after_val_epoch": "metrics may be left out, as of any hook",
    "ProfilerHook.after_train_iter": "data_batch and outputs may be left out, as of any hook",
    "Runner": "default_scope is 'engine', which answers to 'mmengine'",
    "MultiProcessTestCase.Event": "an enumeration, which nobody calls",
    "is_model_wrapper": "the default is the same registry, which shows itself in another way",
}
# Names of a served module that are still to come.
NOT_YET = {
    "FlexibleRunner": "there is one Runner; engine-compat gives it the other name as well",
}
# Where mmengine itself differs, and why.
DIFFERENT |= dict.fromkeys(
    ("ProgressBar", "track_iter_progress", "track_parallel_progress", "track_progress"),
    "file=None stands for the standard output of the moment",
)
# MMEngine's second runner left its work to its strategies. There is one Runner here, and a
# strategy has methods of its own: only the names of the classes are the same.
STRATEGIES = "mmengine._strategy"
# What an object has, and its class doesn't.
SET_WHEN_MADE = {"FlexibleRunner.logger"}
CALLED = {"class", "function", "method", "classmethod", "staticmethod"}
STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def listed(file: str) -> list[str]:
    """The lines of a list of what libraries use, without its head."""
    path = Path(__file__).parents[1] / "reference" / file
    return path.read_text(encoding="utf-8").splitlines()[1:]


@pytest.fixture(autouse=True)
def _native_names() -> Iterator[None]:
    """What has no name is called as before, for the tests that follow."""
    yield
    show_native_names()


def home(module: str, name: str) -> str:
    """Our module for a name of MMEngine's, or nothing while no package serves it."""
    if (module, name.split(".")[0]) in MOVED:
        return "engine_registry"
    return "" if name.split(".")[0] in NOT_YET else SERVED_BY.get(module, "")


def ours(value: Any) -> list[tuple[str, str | None, bool]]:
    """(name with its stars, default as text, must be named) of each parameter but self and cls."""
    found = []
    for parameter in inspect.signature(value).parameters.values():
        if parameter.name not in ("self", "cls"):
            default = None if parameter.default is parameter.empty else repr(parameter.default)
            named = parameter.kind is parameter.KEYWORD_ONLY
            found.append((STARS.get(parameter.kind, "") + parameter.name, default, named))
    return found


def difference(theirs: list[tuple[str, str | None]], value: Any) -> str:
    """Where the signature of ``value`` is not MMEngine's, in a sentence; empty if it is.

    Ours may take more, by name and with a default; an empty tuple stands for an empty list.
    """
    mine = ours(value)
    positional = [(name, default) for name, default, named in mine if not named]
    named = {name: default for name, default, named in mine if named}
    by_name = False
    for name, default in theirs:
        if name == "*":
            by_name = True
            continue
        by_name = by_name or (name.startswith("*") and not name.startswith("**"))
        got = (name, named.pop(name, "?")) if by_name and name in named else None
        got = got or (positional.pop(0) if positional else ("nothing", None))
        if got[0] != name or (got[1] != default and (got[1], default) != ("()", "[]")):
            return f"has {got[0]}={got[1]} where MMEngine has {name}={default}"
    rest = [name for name, _ in positional if name != "**kwargs"]
    rest += [name for name, default in named.items() if default is None]
    return f"wants more: {rest}" if rest else ""


def test_every_name_exists_with_its_signature(mmengine_api: Any) -> None:
    served = [entry for entry in mmengine_api if home(entry.module, entry.name)]
    assert served
    problems = []
    for entry in served:
        module = home(entry.module, entry.name)
        try:
            value = reduce(getattr, entry.name.split("."), importlib.import_module(module))
        except AttributeError:
            problems.append(f"{module}.{entry.name} is missing")
            continue
        if entry.kind in CALLED and entry.name not in DIFFERENT:
            wrong = difference(entry.parameters, value)
            problems += [f"{module}.{entry.name} {wrong}"] if wrong else []
    assert not problems, "\n".join(problems)


def test_mmengine_itself_has_every_name_with_its_signature(mmengine_api: Any) -> None:
    problems = []
    for entry in mmengine_api:
        is_strategy = entry.module == STRATEGIES
        if entry.name in SET_WHEN_MADE or (is_strategy and "." in entry.name):
            continue
        try:
            value = reduce(getattr, entry.name.split("."), importlib.import_module(entry.module))
        except (AttributeError, ImportError) as error:
            problems.append(f"{entry.module}.{entry.name}: {error}")
            continue
        if entry.kind in CALLED and entry.name not in DIFFERENT and not is_strategy:
            wrong = difference(entry.parameters, value)
            problems += [f"{entry.module}.{entry.name} {wrong}"] if wrong else []
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("line", listed("downstream_imports.tsv"))
def test_what_libraries_import_is_there(line: str) -> None:
    module, name = line.split("\t")[0].split(":")
    scope: dict[str, Any] = {}
    exec(f"from {module} import {name} as found", scope)
    assert scope["found"] is not None


@pytest.mark.parametrize("line", listed("downstream_attributes.tsv"))
def test_the_attributes_that_libraries_use_are_there(line: str) -> None:
    module, *names = line.split("\t")[0].split(".")
    assert reduce(getattr, names, importlib.import_module(module)) is not None


def test_what_is_to_come_is_not_there(mmengine_api: Any) -> None:
    entries = [entry for entry in mmengine_api if entry.name in NOT_YET]
    assert {entry.name for entry in entries} == set(NOT_YET)
    modules = [importlib.import_module(SERVED_BY[entry.module]) for entry in entries]
    assert not any(hasattr(m, e.name) for m, e in zip(modules, entries, strict=True))


@pytest.mark.parametrize("kind", ["fewer", "other default", "must be given"])
def test_the_comparison_sees_a_difference(kind: str) -> None:
    def fewer(a: int) -> None: ...
    def other(a: int, b: int = 2) -> None: ...
    def must(a: int, b: int = 1, *, c: int) -> None: ...

    value = {"fewer": fewer, "other default": other, "must be given": must}[kind]
    assert difference([("a", None), ("b", "1")], value)
