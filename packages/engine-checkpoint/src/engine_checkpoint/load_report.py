"""Weights put into a module by torch's own loading, and what of them didn't fit."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.module import _IncompatibleKeys
from torch.utils._python_dispatch import TorchDispatchMode

from engine_checkpoint.lazy_tensor import StoredTensor
from engine_dist.shards import is_sharded, part_of, tensors_of

__all__ = ["LoadReport", "listed", "put_all_into", "put_into"]

_SHOWN: Final = 20
# torch's own words for a tensor of another shape
_SHAPES: Final = re.compile(
    r"size mismatch for (?P<key>.+): copying a param with shape torch\.Size\(\[(?P<source>.*?)\]\) "
    r"from checkpoint, the shape in current model is torch\.Size\(\[(?P<own>.*?)\]\)"
)


class LoadReport(NamedTuple):
    """What did not fit when weights were loaded.

    Attributes:
        missing: keys of the model that the file lacks.
        unexpected: keys of the file that the model lacks.
        wrong_shape: for each weight of another shape its key, the file's shape and the model's.
        num_loaded: number of weights that were taken.
        errors: what else a module has said.
    """

    missing: list[str]
    unexpected: list[str]
    wrong_shape: list[tuple[str, tuple[int, ...], tuple[int, ...]]]
    num_loaded: int
    errors: Sequence[str] = ()

    @property
    def fits(self) -> bool:
        """Whether every weight found its place, and every place its weight."""
        return not (self.missing or self.unexpected or self.wrong_shape or self.errors)

    def __str__(self) -> str:
        lines = []
        if self.unexpected:
            lines.append(f"unexpected key in source state_dict: {listed(self.unexpected)}")
        if self.missing:
            lines.append(f"missing keys in source state_dict: {listed(self.missing)}")
        lines += [
            f"size mismatch for {key}: {source} in the file, {own} in the model"
            for key, source, own in self.wrong_shape[:_SHOWN]
        ]
        return "\n".join([*lines, *self.errors[:_SHOWN]])


def listed(keys: Sequence[str]) -> str:
    """The first keys, for a message."""
    more = f", and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more


def put_into(module: nn.Module, state_dict: Mapping[str, Any]) -> LoadReport:
    """Put what fits into a module, after its hooks have seen it, and tell what didn't fit.

    A tensor that is spread over processes takes its part.
    """
    own = tensors_of(module)
    return _load(
        module,
        {key: _part(value, own.get(key)) for key, value in state_dict.items()},
        like=state_dict,
    )


def put_all_into(module: nn.Module, state_dict: Mapping[str, Any]) -> LoadReport:
    """As `put_into`, but put nothing in unless all fits.

    The module's hooks run once; what they let copy into the module is copied at the end.
    """
    own = tensors_of(module)
    given = {key: _stand_in(value, own.get(key)) for key, value in state_dict.items()}
    with _Postponed(own) as postponed:
        report = _load(module, given, like=state_dict)
    if report.fits:
        for key, value in state_dict.items():
            if isinstance(value, StoredTensor) and given[key] is own.get(key):
                value.put_into(own[key])
        postponed.copy()
    return report


def _load(module: nn.Module, given: Mapping[str, Any], *, like: Mapping[str, Any]) -> LoadReport:
    """As ``nn.Module.load_state_dict``, which for one wrong shape raises and tells nothing else."""
    state_dict: Any = OrderedDict(given)
    metadata = getattr(like, "_metadata", None)
    if metadata is not None:
        state_dict._metadata = metadata  # torch keeps versions there
    missing: list[str] = []
    unexpected: list[str] = []
    errors: list[str] = []

    def load(part: nn.Module, below: dict[str, Any], prefix: str) -> None:
        known = {} if metadata is None else metadata.get(prefix[:-1], {})
        part._load_from_state_dict(below, prefix, known, True, missing, unexpected, errors)
        for name, child in part._modules.items():
            if child is not None:
                inner = f"{prefix}{name}."
                load(child, {k: v for k, v in below.items() if k.startswith(inner)}, inner)
        told = _IncompatibleKeys(missing, unexpected)
        for hook in part._load_state_dict_post_hooks.values():
            hook(part, told)

    load(module, state_dict, "")
    found = [_SHAPES.search(error) for error in errors]
    wrong = [(m["key"], _sizes(m["source"]), _sizes(m["own"])) for m in found if m]
    other = [error for error, match in zip(errors, found, strict=True) if not match]
    num_loaded = len(given.keys() - set(unexpected)) - len(wrong) - len(other)
    return LoadReport(missing, unexpected, wrong, max(num_loaded, 0), other)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(",") if size.strip())


def _part(value: Any, own: Any) -> Any:
    """Of a tensor that the module has spread over processes, this one's part."""
    if isinstance(value, StoredTensor):
        if not isinstance(own, Tensor) or own.shape != value.shape:
            return value.whole()  # for a hook to look at
        value.put_into(own)  # one after the other, so that no second model is held
        return own
    return _part_of(value, own)


def _stand_in(value: Any, own: Any) -> Any:
    if isinstance(value, StoredTensor):
        return own if isinstance(own, Tensor) and own.shape == value.shape else value.whole()
    return _part_of(value, own)


def _part_of(value: Any, own: Any) -> Any:
    fits = isinstance(value, Tensor) and isinstance(own, Tensor) and is_sharded(own)
    return part_of(value, own) if fits and value.shape == own.shape else value


class _Postponed(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's
    """While it is active, nothing is copied into the tensors of a state dict; `copy` does it."""

    def __init__(self, state_dict: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's
        tensors = [value for value in state_dict.values() if isinstance(value, Tensor)]
        self._kept: set[int | None] = {id(tensor) for tensor in tensors}
        self._kept.update(_memory(tensor) for tensor in tensors)
        self._kept.discard(None)
        self._copies: list[tuple[Any, Any]] = []

    @torch.no_grad()
    def copy(self) -> None:
        """Copy what was to be copied, in turn."""
        for target, source in self._copies:
            target.copy_(source)

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Note a copy into what is to be kept."""
        if func is torch.ops.aten.copy_.default:
            target = args[0]
            if id(target) in self._kept or _memory(target) in self._kept:
                self._copies.append((target, args[1]))
                return target
        return func(*args, **(kwargs or {}))


def _memory(tensor: Tensor) -> int | None:
    """Where a tensor's storage begins; None if it has none, as on the meta device."""
    try:
        return tensor.untyped_storage().data_ptr() or None
    except (RuntimeError, NotImplementedError, ValueError):  # a sharded or an uninitialised one
        return None
