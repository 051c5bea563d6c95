"""Models in the engines of DeepSpeed and ColossalAI."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine_model.wrapped_steps import WrapperSteps

__all__ = ["ColossalAIModelWrapper", "MMDeepSpeedEngineWrapper"]


class _EngineWrapper(WrapperSteps, nn.Module):
    """Trains through an engine; everything else is the model's own affair.

    Attributes:
        model: the engine, a module that is called in place of the model.
        module: the model in it.
    """

    model: nn.Module

    @property
    def module(self) -> Any:
        """The model."""
        return self.model.module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the engine."""
        return self.model(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "model":
                raise
            return getattr(self.model.module, name)


class MMDeepSpeedEngineWrapper(_EngineWrapper):
    """A model in DeepSpeed's engine.

    Where the engine computes in half precision, numbers that the model is called with are cast.

    Args:
        model: the engine.
        inputs_to_half: which arguments of the model are cast, by name or place; None casts all.
    """

    def __init__(self, *, model: nn.Module, inputs_to_half: list[int | str] | None = None) -> None:
        super().__init__()
        self.model = model
        dtype = next((each.dtype for each in model.parameters() if each.is_floating_point()), None)
        if dtype in (torch.float16, torch.bfloat16):
            cast = _Caster(dtype, inputs_to_half)
            self.module.register_forward_pre_hook(cast, with_kwargs=True)


class ColossalAIModelWrapper(_EngineWrapper):
    """A model in a wrapper of ColossalAI's booster.

    Args:
        model_wrapper: what the booster has made of the model.
        model: the model itself.
    """

    def __init__(self, model_wrapper: nn.Module, model: nn.Module) -> None:
        super().__init__()
        self.model = model_wrapper
        self._inner = [model]  # in a list: it is a part of the booster's wrapper already

    @property
    def module(self) -> Any:
        """The model."""
        return self._inner[0]

    def no_sync(self) -> Any:
        """Return the context in which processes don't average gradients."""
        boosted: Any = self.model
        return boosted.no_sync()


class _Caster:
    """Casts floating-point arguments of a module before it is called."""

    def __init__(self, dtype: torch.dtype, which: Collection[int | str] | None) -> None:
        self._dtype, self._which = dtype, which

    def __call__(
        self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        cast_args = tuple(
            self._cast(each) if self._is_meant(place) else each for place, each in enumerate(args)
        )
        return cast_args, {
            name: self._cast(each) if self._is_meant(name) else each
            for name, each in kwargs.items()
        }

    def _is_meant(self, place: int | str) -> bool:
        return self._which is None or place in self._which

    def _cast(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return value.to(self._dtype) if value.is_floating_point() else value
        if isinstance(value, Mapping):
            return {key: self._cast(each) for key, each in value.items()}
        if type(value) in (list, tuple):
            return type(value)([self._cast(each) for each in value])
        return value
