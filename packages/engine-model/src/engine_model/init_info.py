"""Which initialiser gave each parameter its values: worked out only where somebody reads it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["recorded", "update_init_info"]

logger = logging.getLogger(__name__)


class _Source(NamedTuple):
    """Where a parameter's values are from, and their mean, by which a change shows."""

    text: str
    mean: float


_record: ContextVar[dict[int, _Source] | None] = ContextVar("init_info", default=None)


def _mean(parameter: Tensor) -> float:
    return float("nan") if parameter.is_meta else _double_mean(parameter)


def _double_mean(parameter: Tensor) -> float:
    kind = torch.float64 if parameter.device.type != "mps" else torch.float32
    return parameter.detach().mean(dtype=kind).item()


@contextmanager
def recorded(module: nn.Module) -> Iterator[None]:
    """Log at the end, to the log file alone, where each parameter of ``module`` got its values.

    The outermost call does it for all that are inside. Where no record of level INFO goes anywhere,
    as outside of a run, nothing is worked out.
    """
    if _record.get() is not None or not logger.isEnabledFor(logging.INFO):
        yield
        return
    kind = type(module).__name__
    before = f"as they were before init_weights of {kind}"
    sources = {id(each): _Source(before, _mean(each)) for each in module.parameters()}
    token = _record.set(sources)
    try:
        yield
    finally:
        _record.reset(token)
    lines = [f"initialisation of {kind}"]
    for name, parameter in module.named_parameters():
        source = sources.get(id(parameter))
        same = source is not None and (parameter.is_meta or _mean(parameter) == source.mean)
        text = source.text if source and same else "an init_weights that doesn't say how"
        lines.append(f"  {name} {tuple(parameter.shape)}: {text}")
    logger.info("%s", "\n".join(lines), extra={"file_only": True})


def update_init_info(module: nn.Module, init_info: str) -> None:
    """Note that ``init_info`` is where the parameters got their values that changed since.

    Call it after an initialisation that no initialiser does. Outside of `BaseModule.init_weights`,
    or if its log isn't read, it does nothing.

    Args:
        module: whose parameters.
        init_info: a few words on the initialisation.
    """
    sources = _record.get()
    if sources is None:
        return
    for parameter in module.parameters():
        mean, known = _mean(parameter), sources.get(id(parameter))
        if known is None or mean != known.mean:
            sources[id(parameter)] = _Source(init_info, mean)
