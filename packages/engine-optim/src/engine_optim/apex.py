"""An optimizer for mixed precision by NVIDIA's Apex."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from engine_dist.wrapping import without_wrapper
from engine_optim.wrapper import OptimWrapper

__all__ = ["ApexOptimWrapper"]


class ApexOptimWrapper(OptimWrapper):
    """Mixed precision by ``apex.amp``, for trainings that began with it; see `AmpOptimWrapper`.

    Args:
        opt_level: "O0" to "O3".
        loss_scale: "dynamic" or a number.
        enabled: whether it does anything.
        cast_model_type: as ``apex.amp.initialize``, like those that follow.
        patch_torch_functions: see there.
        keep_batchnorm_fp32: see there.
        master_weights: see there.
        cast_model_outputs: see there.
        num_losses: see there.
        verbosity: see there.
        min_loss_scale: see there.
        max_loss_scale: see there.
        kwargs: of `OptimWrapper`.

    Raises:
        ImportError: Apex isn't installed.
    """

    def __init__(
        self,
        opt_level: str = "O1",
        loss_scale: float | str | None = "dynamic",
        enabled: bool | None = True,
        cast_model_type: torch.dtype | None = None,
        patch_torch_functions: bool | None = None,
        keep_batchnorm_fp32: bool | str | None = None,
        master_weights: bool | None = None,
        cast_model_outputs: torch.dtype | None = None,
        num_losses: int = 1,
        verbosity: int = 1,
        min_loss_scale: float | None = None,
        max_loss_scale: float | None = 16777216.0,
        **kwargs: Any,
    ) -> None:
        _apex()
        super().__init__(**kwargs)
        self._arguments = {
            "opt_level": opt_level,
            "loss_scale": loss_scale,
            "enabled": enabled,
            "cast_model_type": cast_model_type,
            "patch_torch_functions": patch_torch_functions,
            "keep_batchnorm_fp32": keep_batchnorm_fp32,
            "master_weights": master_weights,
            "cast_model_outputs": cast_model_outputs,
            "num_losses": num_losses,
            "verbosity": verbosity,
            "min_loss_scale": min_loss_scale,
            "max_loss_scale": max_loss_scale,
        }
        self._started = False

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Work out the gradients of the scaled loss, and count it."""
        with _apex().scale_loss(loss, self.optimizer) as scaled:
            scaled.backward(**kwargs)
        self._inner_count += 1

    def state_dict(self) -> dict[str, Any]:
        """Return the optimizer's state, with Apex's as ``apex_amp``."""
        return {**super().state_dict(), "apex_amp": _apex().state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put a state into the optimizer and Apex."""
        state = dict(state_dict)
        apex = state.pop("apex_amp", None)
        if apex is not None:
            _apex().load_state_dict(apex)
        super().load_state_dict(state)

    @contextmanager
    def optim_context(self, model: Any) -> Iterator[None]:
        """Hand the model over to Apex, once, and run the forward pass."""
        with super().optim_context(model):
            if not self._started:
                inner = without_wrapper(model)
                _, self.optimizer = _apex().initialize(inner, self.optimizer, **self._arguments)
                self._started = True
            yield


def _apex() -> Any:
    try:
        return import_module("apex.amp")
    except ImportError as error:
        raise ImportError(
            "ApexOptimWrapper needs NVIDIA's Apex, https://github.com/NVIDIA/apex (the apex of "
            "PyPI is something else). AmpOptimWrapper does the same with torch alone"
        ) from error
