"""An optimizer for mixed precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor

from engine_dist.accelerator import get_device
from engine_optim.wrapper import OptimWrapper

__all__ = ["AmpOptimWrapper"]

_DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}


class AmpOptimWrapper(OptimWrapper):
    """Computes in half precision where that is safe (Micikevicius et al., arXiv:1710.03740).

    With float16 the loss is scaled so that small gradients don't vanish, and a step whose
    gradients overflow is left out. bfloat16 has float32's range and needs no scaling. It works on
    every device that torch's autocast knows, the CPU among them. float32 casts nothing.

    Torch waits for the device at each step with float16, to see whether gradients overflowed,
    unless the optimizer is a fused one (``fused=True``).

    Args:
        loss_scale: "dynamic", a fixed scale, or arguments of torch's ``GradScaler``.
        dtype: "float16", "bfloat16", "float32" or torch's own name of one; None means float16 on
            an accelerator and bfloat16 on the CPU.
        use_fsdp: whether the model is sharded; the scaler then agrees over all ranks.
        kwargs: of `OptimWrapper`.

    Raises:
        TypeError: ``loss_scale`` is none of these.
        ValueError: ``dtype`` is none of these.
    """

    valid_dtypes: tuple[str, ...] = tuple(_DTYPES)

    def __init__(
        self,
        loss_scale: str | float | dict[str, Any] = "dynamic",
        dtype: str | torch.dtype | None = None,
        use_fsdp: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._device = get_device()
        self._scale_update_param: float | None = None
        self.cast_dtype = self._dtype(dtype)
        self.loss_scaler = self._scaler(loss_scale, use_fsdp=use_fsdp)

    def _dtype(self, dtype: str | torch.dtype | None) -> torch.dtype:
        if dtype is None:
            return torch.bfloat16 if self._device == "cpu" else torch.float16
        found = dtype if isinstance(dtype, torch.dtype) else _DTYPES.get(dtype)
        if found is None or found not in _DTYPES.values():
            raise ValueError(f"dtype must be one of {', '.join(_DTYPES)}, or None: got {dtype!r}")
        return found

    def _scaler(self, loss_scale: str | float | dict[str, Any], *, use_fsdp: bool) -> Any:
        arguments: dict[str, Any] = {}
        if isinstance(loss_scale, float | int):
            arguments["init_scale"] = self._scale_update_param = float(loss_scale)
        elif isinstance(loss_scale, dict):
            arguments = dict(loss_scale)
        elif loss_scale != "dynamic":
            raise TypeError(f"loss_scale must be 'dynamic', a number or a dict, got {loss_scale!r}")
        arguments.setdefault("enabled", self.cast_dtype is torch.float16)
        if use_fsdp and arguments["enabled"]:
            from torch.distributed.fsdp.sharded_grad_scaler import ShardedGradScaler

            return ShardedGradScaler(self._device, **arguments)
        return torch.amp.GradScaler(self._device, **arguments)

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Work out the gradients of the scaled loss, and count it."""
        self.loss_scaler.scale(loss).backward(**kwargs)
        self._inner_count += 1

    def step(self, **kwargs: Any) -> None:
        """Unscale and clip the gradients, and move the weights unless gradients overflowed."""
        if self.clip_grad_kwargs:
            self.loss_scaler.unscale_(self.optimizer)
            self._clip_grad()
        self.loss_scaler.step(self.optimizer, **kwargs)
        self.loss_scaler.update(self._scale_update_param)
        self._num_steps += 1  # also if it was left out: to find out would mean to wait

    def state_dict(self) -> dict[str, Any]:
        """Return the optimizer's state, with the scaler's, if it has one, as ``loss_scaler``."""
        scaler = self.loss_scaler.state_dict()
        return {**super().state_dict(), **({"loss_scaler": scaler} if scaler else {})}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put a state into the optimizer and the scaler; one of a plain wrapper will do, too."""
        state = dict(state_dict)
        scaler = state.pop("loss_scaler", None)
        if scaler and self.loss_scaler.is_enabled():
            self.loss_scaler.load_state_dict(scaler)
        super().load_state_dict(state)

    def optim_context(self, model: Any) -> AbstractContextManager[Any]:
        """Return what the forward pass runs in: mixed precision, and no averaging within a window.

        Where processes average gradients, all but a window's last loss go without that.
        """
        casts = self.cast_dtype is not torch.float32
        autocast = torch.autocast(self._device, self.cast_dtype if casts else None, enabled=casts)
        if self._accumulative_counts == 1:
            return autocast
        return _both(super().optim_context(model), autocast)


@contextmanager
def _both(outer: AbstractContextManager[Any], inner: AbstractContextManager[Any]) -> Iterator[None]:
    with outer, inner:
        yield
