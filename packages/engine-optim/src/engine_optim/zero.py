"""An optimizer whose state is spread over the processes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from engine_dist import is_main_process
from engine_registry import OPTIMIZERS

with warnings.catch_warnings():
    # Torch itself compiles optimizers by TorchScript as it imports this, and warns of it.
    warnings.simplefilter("ignore", DeprecationWarning)
    from torch.distributed.optim import ZeroRedundancyOptimizer as TorchZero

__all__ = ["ZeroRedundancyOptimizer"]


class ZeroRedundancyOptimizer(TorchZero):
    """Torch's ZeroRedundancyOptimizer (Rajbhandari et al., arXiv:1910.02054, stage 1), by names.

    Args:
        params: parameters, or groups of them.
        optimizer_type: the name of the optimizer of each process.
        kwargs: its arguments, and those of torch's class.

    Raises:
        UnknownNameError: there is no such optimizer.
    """

    def __init__(self, params: Iterable[Any], optimizer_type: str, **kwargs: Any) -> None:
        optimizer_class: Any = OPTIMIZERS.resolve(optimizer_type)
        super().__init__(params, optimizer_class=optimizer_class, **kwargs)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of all processes, on the main one; an empty one elsewhere."""
        self.consolidate_state_dict()
        state: dict[str, Any] = super().state_dict() if is_main_process() else {}
        return state
