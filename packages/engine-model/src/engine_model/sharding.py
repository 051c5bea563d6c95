"""Models whose weights are spread over processes by torch's FSDP2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn

from engine_dist.wrapping import name_matches
from engine_model.shard_units import shard_units

__all__ = ["ShardOptions", "dtype_named", "precision_of", "shard_model"]

_DTYPES: Final = {
    **{"float16": torch.float16, "fp16": torch.float16, "half": torch.float16},
    **{"bfloat16": torch.bfloat16, "bf16": torch.bfloat16},
    **{"float32": torch.float32, "fp32": torch.float32},
}
_PRECISION: Final = ("param_dtype", "reduce_dtype", "output_dtype", "cast_forward_inputs")


@dataclass(frozen=True, kw_only=True)
class ShardOptions:
    """How a model is sharded.

    Attributes:
        wrap_policy: which parts are gathered each by itself; see `shard_units`.
        mixed_precision: ``param_dtype``, in which it computes, ``reduce_dtype``, in which gradients
            are averaged, ``output_dtype`` and ``cast_forward_inputs``; or the first of them alone.
        cpu_offload: whether weights, gradients and the optimizer stay in the host's memory.
        reshard_after_forward: whether gathered weights are freed until the backward pass; None, as
            torch does it: but for the whole model's own; a number, to spread them over so many
            processes only.
        replicate: so many copies of the model, each sharded (hybrid sharding); "node", one a node.
        ignored: patterns of names of parameters that stay whole everywhere.
    """

    wrap_policy: Any = None
    mixed_precision: Any = None
    cpu_offload: bool = False
    reshard_after_forward: bool | int | None = None
    replicate: int | str = 1
    ignored: tuple[str, ...] = ()

    @property
    def computes_in(self) -> torch.dtype | None:
        """The dtype of the weights as they are computed with, where it is another than theirs."""
        found: torch.dtype | None = precision_of(self.mixed_precision).param_dtype
        return found


def dtype_named(given: Any, where: str) -> torch.dtype | None:
    """Return a dtype: itself, or the one of a name, with or without ``torch.``.

    Raises:
        ValueError: there is no such dtype.
    """
    if given is None or isinstance(given, torch.dtype):
        return given
    name = str(given).removeprefix("torch.")
    if name not in _DTYPES:
        raise ValueError(f"{where} must be one of {', '.join(_DTYPES)}: got {given!r}")
    return _DTYPES[name]


def shard_model(model: nn.Module, mesh: Any, options: ShardOptions) -> nn.Module:
    """Spread a model's weights over the processes of a mesh, in place.

    Weights keep their names, but become DTensors; the model has to be called as a module (not by
    its ``forward``), on all processes equally often.

    Args:
        model: the model, on any device, ``meta`` too.
        mesh: torch's DeviceMesh, (shard) or (replicate, shard).
        options: how.
    """
    from torch.distributed.fsdp import CPUOffloadPolicy, fully_shard

    arguments: dict[str, Any] = {"mesh": mesh, "mp_policy": precision_of(options.mixed_precision)}
    if options.cpu_offload:
        arguments["offload_policy"] = CPUOffloadPolicy(pin_memory=mesh.device_type != "cpu")
    if options.ignored:
        arguments["ignored_params"] = _ignored(model, options.ignored)
    if options.reshard_after_forward is not None:
        arguments["reshard_after_forward"] = options.reshard_after_forward
    parts = dict(model.named_modules())
    for name in shard_units(model, options.wrap_policy):
        fully_shard(parts[name], **arguments)
    fully_shard(model, **arguments)
    model.register_forward_hook(_settled)
    return model


def _settled(model: Any, inputs: Any, output: Any) -> None:
    """Free what was gathered for a pass after which no backward pass will do it.

    Whoever looks at the weights between passes then sees, and changes, those that count.
    """
    if not torch.is_grad_enabled():
        model.reshard()


def precision_of(given: Any) -> Any:
    """Return torch's MixedPrecisionPolicy of `ShardOptions.mixed_precision`.

    Raises:
        TypeError, ValueError: a setting or a dtype is none.
    """
    from torch.distributed.fsdp import MixedPrecisionPolicy

    if isinstance(given, MixedPrecisionPolicy):
        return given
    settings = dict(given) if isinstance(given, Mapping) else {"param_dtype": given}
    unknown = [key for key in settings if key not in _PRECISION]
    if unknown:
        raise TypeError(
            f"mixed_precision has no setting {unknown[0]!r}; there are {', '.join(_PRECISION)}"
        )
    for key in _PRECISION[:-1]:
        if key in settings:
            settings[key] = dtype_named(settings[key], f"mixed_precision: {key}")
    return MixedPrecisionPolicy(**settings)


def _ignored(model: nn.Module, patterns: tuple[str, ...]) -> set[nn.Parameter]:
    named = dict(model.named_parameters())
    found = set()
    for pattern in patterns:
        matching = [each for name, each in named.items() if name_matches(name, pattern)]
        if not matching:
            raise ValueError(f"ignored: the model has no parameter {pattern!r}")
        found |= set(matching)
    return found
