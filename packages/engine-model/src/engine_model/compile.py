"""Parts of a model compiled by torch, each telling what came of it."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Final

import torch
from torch import nn

__all__ = ["compile_model"]

logger = logging.getLogger(__name__)

_STEPS: Final = ("train_step", "val_step", "test_step")
# How torch calls the function that goes on behind a graph break.
_PLACE: Final = re.compile(r"torch_dynamo_resume_in_(\w+)_at_(\d+)")


def compile_model(model: nn.Module, settings: bool | dict[str, Any]) -> nn.Module:
    """Let torch compile a model in place when it is first called; weights keep their names.

    By default its ``forward`` is compiled, which training, validation, test and inference share.
    The first calls log how many graphs there are, what broke them, and how long it took; so does
    each later call that compiles again.

    Args:
        model: the model.
        settings: True, or the arguments of ``torch.compile``, with ``modules``, names or patterns
            (``backbone.layers.*``) of submodules to compile each by itself, or ``target``, the
            method to compile: "forward", or "train_step", the whole step, which then compiles
            ``val_step`` and ``test_step`` as well. ``disable=True`` leaves everything as it is.

    Raises:
        ValueError: there is no submodule of a name, or both ``modules`` and ``target`` are given.
        AttributeError: the model has no such method.
    """
    arguments = {} if settings is True else dict(settings or {"disable": True})
    modules, target = arguments.pop("modules", None), arguments.pop("target", None)
    if arguments.pop("disable", False):
        return model
    if modules is not None and target is not None:
        raise ValueError(f"compile: give either modules or target, got {modules!r} and {target!r}")
    if modules is not None:
        for name in _matching(model, [modules] if isinstance(modules, str) else modules):
            _compile_call(model.get_submodule(name), name, arguments)
        return model
    if target in (None, "forward"):
        _compile_call(model, type(model).__name__, arguments)
        return model
    if not hasattr(model, target):
        raise AttributeError(f"compile: {type(model).__name__} has no method {target!r}")
    for name in _STEPS if target in _STEPS else (target,):
        method = getattr(model, name)
        setattr(model, name, _Watched(torch.compile(method, **arguments), name))
    return model


def _matching(model: nn.Module, patterns: list[str]) -> list[str]:
    names = [name for name, _ in model.named_modules()]
    found: list[str] = []
    for pattern in patterns:
        chosen = [name for name in names if fnmatchcase(name, pattern) and name]
        if not chosen:
            near = ", ".join(get_close_matches(pattern, names)) or "none"
            raise ValueError(f"compile: no submodule is called {pattern!r}; close names: {near}")
        found += [name for name in chosen if name not in found]
    return found


def _compile_call(module: Any, name: str, arguments: dict[str, Any]) -> None:
    """Do what ``module.compile`` does, also for torch's own modules, and watch the calls."""

    def call(*args: Any, **kwargs: Any) -> Any:  # torch doesn't compile a frame in its own files
        return module._call_impl(*args, **kwargs)

    module._compiled_call_impl = _Watched(torch.compile(call, **arguments), name)


class _Watched:
    """Calls a compiled function, and logs when that compiled something."""

    def __init__(self, compiled: Callable[..., Any], name: str) -> None:
        self._compiled, self._name = compiled, name
        self._counters: Any = torch._dynamo.utils.counters
        self._has_compiled = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        stats = self._counters["stats"]
        before = stats["unique_graphs"]
        broken = Counter() if self._has_compiled else self._breaks()
        began = time.perf_counter()
        found = self._compiled(*args, **kwargs)
        graphs = stats["unique_graphs"] - before
        if graphs or not self._has_compiled:
            self._tell(graphs, self._breaks() - broken, time.perf_counter() - began)
        return found

    def _breaks(self) -> Counter[str]:
        """What torch has counted of graph breaks so far: their places, and their reasons."""
        counted: Counter[str] = Counter()
        for kind in ("resumes", "graph_break", "unimplemented"):
            counted.update(self._counters[kind])
        return counted

    def _tell(self, graphs: int, breaks: Counter[str], seconds: float) -> None:
        again = " again" if self._has_compiled else ""
        self._has_compiled = True
        places = [match for name in breaks if (match := _PLACE.fullmatch(name))]
        reasons = [name.split("\n")[0] for name in breaks if not _PLACE.fullmatch(name)]
        told = "no graph breaks"
        if places or reasons:
            lines = ", ".join(f"{match[1]}:{match[2]}" for match in places)
            told = f"broken at {lines or 'an unknown place'}: {'; '.join(dict.fromkeys(reasons))}"
        logger.info(
            "compiled %s%s: %d %s in %.1f s, %s",
            *(self._name, again, graphs, "graph" if graphs == 1 else "graphs", seconds, told),
        )
