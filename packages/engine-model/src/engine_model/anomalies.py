"""Parameters that a loss doesn't depend on."""

from __future__ import annotations

import logging
from typing import Any

from torch import Tensor, nn

__all__ = ["detect_anomalous_params"]

logger = logging.getLogger(__name__)


def detect_anomalous_params(loss: Tensor, model: nn.Module) -> None:
    """Log the parameters that want a gradient and are no part of the graph of ``loss``.

    They are what data-parallel training stops at, unless it looks for unused parameters.

    Args:
        loss: what `backward` is called on.
        model: whose parameters.
    """
    reached: set[int] = set()
    seen: set[Any] = set()
    left: list[Any] = [loss.grad_fn]
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            reached.add(id(node.variable))
        left += [each for each, _ in node.next_functions]
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and id(parameter) not in reached:
            shape = tuple(parameter.shape)
            logger.error("%s with shape %s is not in the computational graph", name, shape)
