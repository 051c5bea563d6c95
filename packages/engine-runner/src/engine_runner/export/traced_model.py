"""Traced model: a module that takes tensors by name and calls a method of a model with them."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from engine_runner.export.errors import ExportError

__all__ = ["TracedModel"]


class TracedModel(nn.Module):
    """Calls a method of a model; its own arguments are the tensors of an example, by name.

    Args:
        model: the model, in evaluation.
        method: one of its methods; ``forward`` is called with ``mode="tensor"``.
        data: what the method takes, or, with ``preprocess``, what the loader gives: a dict of
            arguments, a list or tuple of them, or one.
        preprocess: put ``data`` through the model's data preprocessor first.

    Attributes:
        inputs: the tensors in ``data``, by name.
    """

    def __init__(self, model: nn.Module, method: str, data: Any, *, preprocess: bool) -> None:
        super().__init__()
        if not callable(getattr(model, method, None)):
            raise ExportError(f"{type(model).__name__} has no method {method!r} to export")
        self.model, self.method, self.preprocess = model, method, preprocess
        parameters = inspect.signature(getattr(model, method)).parameters
        self._mode = {"mode": "tensor"} if "mode" in parameters else {}
        data = _plain(data)
        paths, self._structure = pytree.tree_flatten_with_path(data)
        names = _names([path for path, _ in paths], parameters.values(), data)
        self._leaves = [leaf for _, leaf in paths]
        self._places = {
            name: i
            for i, (name, leaf) in enumerate(zip(names, self._leaves, strict=True))
            if isinstance(leaf, Tensor)
        }
        self._take_names()

    @property
    def inputs(self) -> dict[str, Tensor]:
        """The tensors that it takes, by name."""
        return {name: self._leaves[place] for name, place in self._places.items()}

    def drop(self, name: str) -> None:
        """Take None for an input that has no effect."""
        self._leaves[self._places.pop(name)] = None
        self._take_names()

    def _take_names(self) -> None:
        """Let the signature have a parameter for each input, which names those of a program."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        run = type(self).forward

        def forward(*tensors: Tensor) -> Any:
            return run(self, *tensors)

        signature = inspect.Signature([inspect.Parameter(name, kind) for name in self._places])
        forward.__signature__ = signature  # type: ignore[attr-defined]  # of functions
        vars(self)["forward"] = forward

    def forward(self, *tensors: Tensor) -> Any:
        """Return what the method returns; the tensors are in the order of ``inputs``."""
        leaves = list(self._leaves)
        for place, tensor in zip(self._places.values(), tensors, strict=True):
            leaves[place] = tensor
        data = pytree.tree_unflatten(leaves, self._structure)
        model: Any = self.model
        if self.preprocess:
            data = model.data_preprocessor(data, False)
        method = getattr(model, self.method)
        if isinstance(data, Mapping):
            found = method(**data, **self._mode)
        elif isinstance(data, list | tuple):
            found = method(*data, **self._mode)
        else:
            found = method(data, **self._mode)
        return found

    def outputs(self) -> dict[str, Tensor]:
        """Return what it gives for its own inputs, by name.

        Raises:
            ExportError: something else than tensors comes out.
        """
        with torch.no_grad():
            found = _plain(self(*self.inputs.values()))
        paths = pytree.tree_flatten_with_path(found)[0]
        for path, leaf in paths:
            if not isinstance(leaf, Tensor):
                where = pytree.keystr(path) or "it"
                raise ExportError(
                    f"{type(self.model).__name__}.{self.method} returns {type(leaf).__name__} "
                    f"({where}), and a program returns tensors: name a method that does, by "
                    "--method or export=dict(method=...) in the config"
                )
        if len(paths) == 1 and not paths[0][0]:
            return {"output": found}
        head = "" if isinstance(found, Mapping) else "output"
        return {_joined(path, head): leaf for path, leaf in paths}


def _plain(data: Any) -> Any:
    """The same data in dicts, lists and tuples alone, of which pytrees know the parts."""
    if isinstance(data, Mapping):
        return {key: _plain(each) for key, each in data.items()}
    if isinstance(data, list | tuple):
        parts = [_plain(each) for each in data]
        return parts if isinstance(data, list) else tuple(parts)
    return data


def _names(paths: list[Any], parameters: Iterable[inspect.Parameter], data: Any) -> list[str]:
    """Names of leaves: keys and indices, after the parameter that a positional argument fills."""
    if isinstance(data, Mapping):
        return [_joined(path, "") for path in paths]
    if not isinstance(data, list | tuple):
        return [_joined(path, next(iter(parameters)).name) for path in paths]
    heads: list[str] = []
    for each in parameters:
        several = each.kind is inspect.Parameter.VAR_POSITIONAL
        heads += [f"{each.name}_{i}" for i in range(len(data))] if several else [each.name]
    return [_joined(path[1:], heads[path[0].idx]) for path in paths]


def _joined(path: Any, head: str) -> str:
    keys = [str(getattr(part, "key", getattr(part, "idx", part))) for part in path]
    text = "_".join(filter(None, (head, *keys)))
    return "".join(char if char.isalnum() else "_" for char in text)
