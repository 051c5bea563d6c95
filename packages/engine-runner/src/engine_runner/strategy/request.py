"""Strategy request: the settings of a runner that a strategy may be unable to serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["StrategyRequest"]


@dataclass(frozen=True, kw_only=True)
class StrategyRequest:
    """Parts of a runner's arguments, before anything is built of them.

    Attributes:
        optim_wrapper: the optimizer, or its config.
        hooks: custom hooks and default ones, or their configs.
        compile: what ``compile`` of the config says.
        activation_checkpointing: what ``activation_checkpointing`` of the config says.
        efficient_conv_bn_eval: what ``efficient_conv_bn_eval`` of the config says.
        diff_rank_seed: whether each rank has random numbers of its own.
        float8: what ``float8`` of the config says.
        detect_anomaly: whether the training watches for what isn't finite.
    """

    optim_wrapper: Any = None
    hooks: Sequence[Any] = ()
    compile: Any = False
    activation_checkpointing: Any = None
    efficient_conv_bn_eval: Any = None
    float8: Any = False
    diff_rank_seed: bool = False
    detect_anomaly: bool = False

    def hook_types(self) -> list[str]:
        """Return the names of the hooks' classes."""
        return [type_name(each) for each in self.hooks if each is not None]

    def optimizer_types(self) -> list[str]:
        """Return the names of the optimizers' classes, as far as a config or an object says."""
        return [*_optimizers(self.optim_wrapper)]

    def optim_wrapper_types(self) -> list[str]:
        """Return the names of the classes of what applies the optimizers."""
        return [*_wrappers(self.optim_wrapper)]


def type_name(given: Any) -> str:
    """Return the name of an object's class, or of the class that a config means."""
    kind = given.get("type", "") if isinstance(given, Mapping) else type(given)
    name = kind.__name__ if isinstance(kind, type) else str(kind)
    return name.rpartition(".")[2]


def _wrappers(given: Any) -> Iterator[str]:
    if given is None:
        return
    if isinstance(given, Mapping):
        several = [each for each in given.values() if isinstance(each, Mapping)]
        if "optimizer" not in given and "type" not in given and several:
            for each in several:
                yield from _wrappers(each)
            return
        yield type_name(given) or "OptimWrapper"
    elif hasattr(given, "optim_wrappers"):
        yield from (type_name(each) for each in given.optim_wrappers.values())
    else:
        yield type_name(given)


def _optimizers(given: Any) -> Iterator[str]:
    if given is None:
        return
    if isinstance(given, Mapping):
        if "optimizer" in given:
            yield type_name(given["optimizer"])
        for key, each in given.items():
            if key != "optimizer" and isinstance(each, Mapping):
                yield from _optimizers(each)
    elif hasattr(given, "optim_wrappers"):
        yield from (type_name(each.optimizer) for each in given.optim_wrappers.values())
    else:
        yield type_name(getattr(given, "optimizer", given))
