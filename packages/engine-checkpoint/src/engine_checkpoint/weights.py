"""Weights of a module: taken out, put in, and told what didn't fit."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from torch import Tensor, nn

from engine_checkpoint.errors import CheckpointError, WrongModelError
from engine_checkpoint.load_report import LoadReport, listed, put_all_into, put_into
from engine_checkpoint.loader import CheckpointLoader
from engine_dist.wrapping import without_wrapper
from engine_logging import print_log

__all__ = [
    "LoadReport",
    "get_state_dict",
    "load_checkpoint",
    "load_into_model",
    "load_state_dict",
    "read_with_prefix",
    "unwrapped",
    "weights_of",
    "weights_to_cpu",
]

Function = TypeVar("Function", bound=Callable[..., Any])


def _reaches_out(function: Function) -> Function:
    """Mark what reads the file that an argument names.

    By this word of its own, engine-registry builds it for no config that nobody trusts.
    """
    vars(function)["__reaches_out__"] = True
    return function


def unwrapped(module: nn.Module) -> nn.Module:
    """Return the model inside wrappers: torch's, or registered ones."""
    found: nn.Module = without_wrapper(module)
    return found


def load_state_dict(
    module: nn.Module, state_dict: Mapping[str, Any], strict: bool = False, logger: Any = None
) -> LoadReport:
    """Put weights into a module, and tell what didn't fit.

    The module's own hooks see the weights first: those that resize, rename or split them, and
    overridden ``_load_from_state_dict``. What doesn't fit after that doesn't fit.

    Args:
        module: a model, or a wrapper of one; of weights that are spread over processes, each takes
            its part.
        state_dict: weights by name.
        strict: whether what doesn't fit is an error; it is a warning otherwise, and what fits is
            loaded.
        logger: whom to warn: a logger, its name, or None for a plain print.

    Raises:
        WrongModelError: ``strict``, and something doesn't fit; nothing was loaded.
    """
    module = unwrapped(module)
    report = (put_all_into if strict else put_into)(module, state_dict)
    if strict and not report.fits:
        kind = type(module).__name__
        raise WrongModelError(f"the weights are not those of this {kind}:\n{report}")
    if not report.fits:
        head = "The model and loaded state dict do not match exactly"
        print_log(f"{head}\n\n{report}\n", logger, 30)
    return report


def weights_of(checkpoint: Any, name: str = "the file") -> Mapping[str, Any]:
    """Return the weights in a checkpoint: its ``state_dict``, or all of it if there is none.

    Raises:
        CheckpointError: it is no mapping of names.
    """
    found = checkpoint.get("state_dict", checkpoint) if isinstance(checkpoint, Mapping) else None
    if not isinstance(found, Mapping):
        where = "its state_dict is" if isinstance(checkpoint, Mapping) else "it holds"
        held = type(found if isinstance(checkpoint, Mapping) else checkpoint).__name__
        raise CheckpointError(f"{name} is no checkpoint: {where} a {held}, not weights by name")
    for key in found:
        if not isinstance(key, str):
            raise CheckpointError(
                f"{name} is no checkpoint: weights go by names, and one has the key {key!r:.60} of "
                f"type {type(key).__name__}"
            )
    return found


def load_into_model(
    model: nn.Module,
    checkpoint: Any,
    strict: bool = False,
    *,
    logger: Any = None,
    revise_keys: Sequence[tuple[str, str]] = ((r"^module\.", ""),),
) -> Any:
    """Put the weights of a checkpoint that has been read into a model.

    Args:
        model: the model.
        checkpoint: what `read_file` returned, or weights by name.
        strict: whether it is an error if keys or shapes don't fit; else they are logged.
        logger: the logger, or its name.
        revise_keys: pairs of a regular expression and what replaces it in every key, in turn.

    Returns:
        The checkpoint.
    """
    state_dict = revised(weights_of(checkpoint), revise_keys)
    load_state_dict(model, state_dict, strict, logger)
    return checkpoint


def revised(
    state_dict: Mapping[str, Any], revise_keys: Sequence[tuple[str, str]]
) -> Mapping[str, Any]:
    """Return the weights with each regular expression replaced in every key, in turn."""
    source = state_dict
    for pattern, replacement in revise_keys:
        state_dict = OrderedDict(
            (re.sub(pattern, replacement, key), value) for key, value in state_dict.items()
        )
    if state_dict is not source:
        _keep_metadata(state_dict, source)
    return state_dict


def _keep_metadata(made: Any, source: Any) -> None:
    """Torch keeps the versions of modules in an attribute of a state dict."""
    made._metadata = getattr(source, "_metadata", OrderedDict())


@_reaches_out
def load_checkpoint(
    model: nn.Module,
    filename: str,
    map_location: Any = None,
    strict: bool = False,
    logger: Any = None,
    revise_keys: Sequence[tuple[str, str]] = [(r"^module\.", "")],
) -> Any:
    """Read a checkpoint and put its weights into a model.

    Args:
        model: a model, or a wrapper of one.
        filename: its address; see `CheckpointLoader`.
        map_location: as ``torch.load``.
        strict: whether weights that don't fit are an error.
        logger: whom to tell what didn't fit: a logger, its name, or None for a plain print.
        revise_keys: (regular expression, replacement) for the keys, in turn.

    Returns:
        The checkpoint.

    Raises:
        FileNotFoundError: there is none.
        CheckpointError: it can't be read, is none, or ``strict`` and it doesn't fit.
        TypeError: ``filename`` is None, as `find_latest_checkpoint` returns of an empty folder.
    """
    if filename is None:
        raise TypeError(
            "load_checkpoint needs a path or an address, got None: find_latest_checkpoint() "
            "returns that where a folder isn't there, or holds no checkpoint"
        )
    checkpoint = CheckpointLoader.load_checkpoint(filename, map_location, logger)
    weights_of(checkpoint, filename)
    return load_into_model(model, checkpoint, strict=strict, logger=logger, revise_keys=revise_keys)


@_reaches_out
def read_with_prefix(
    prefix: str, filename: str, map_location: Any = None, *, logger: Any = "current"
) -> dict[str, Any]:
    """Return the weights of a checkpoint that begin with ``prefix``, without it.

    Args:
        prefix: the beginning of their names, such as ``"backbone."``; the dot may be left out.
        filename: the checkpoint's address.
        map_location: the device for tensors, as in ``torch.load``.
        logger: the logger, or its name, that is told what is read.

    Raises:
        CheckpointError: there are none.
    """
    checkpoint = CheckpointLoader.load_checkpoint(filename, map_location, logger)
    prefix = prefix if prefix.endswith(".") else f"{prefix}."
    weights = weights_of(checkpoint, filename)
    found = {k[len(prefix) :]: v for k, v in weights.items() if k.startswith(prefix)}
    if not found:
        heads = sorted({key.split(".")[0] for key in weights})
        raise CheckpointError(
            f"{filename} has no weights that begin with {prefix!r}; there are {listed(heads)}"
        )
    return found


def weights_to_cpu(state_dict: Mapping[str, Any]) -> OrderedDict[str, Any]:
    """Return the weights with every tensor on the CPU; it keeps torch's metadata."""
    found: OrderedDict[str, Any] = OrderedDict(
        (key, value.cpu() if isinstance(value, Tensor) else value)
        for key, value in state_dict.items()
    )
    _keep_metadata(found, state_dict)
    return found


def get_state_dict(
    module: nn.Module,
    destination: Any = None,
    prefix: str = "",
    keep_vars: bool = False,
) -> Any:
    """Return the weights of a module, those of wrapped modules without the wrapper's prefix.

    Args:
        module: also one that holds wrappers, such as two models wrapped separately.
        destination: an ordered dict to fill.
        prefix: comes before each key.
        keep_vars: whether tensors stay part of the autograd graph.
    """
    module = unwrapped(module)
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()
    metadata = {"version": module._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = metadata
    for pre_hook in module._state_dict_pre_hooks.values():
        pre_hook(module, prefix, keep_vars)
    module._save_to_state_dict(destination, prefix, keep_vars)
    for name, child in module._modules.items():
        if child is not None:
            get_state_dict(child, destination, f"{prefix}{name}.", keep_vars)
    for hook in module._state_dict_hooks.values():
        changed = hook(module, destination, prefix, metadata)
        destination = destination if changed is None else changed
    return destination
