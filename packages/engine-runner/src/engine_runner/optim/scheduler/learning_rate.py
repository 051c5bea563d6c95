"""Schedulers of the learning rate."""

from __future__ import annotations

from typing import Any

from engine_runner.optim.scheduler.cosine import (
    CosineAnnealingParamScheduler,
    CosineRestartParamScheduler,
)
from engine_runner.optim.scheduler.curves import (
    ConstantParamScheduler,
    ExponentialParamScheduler,
    LinearParamScheduler,
    MultiStepParamScheduler,
    PolyParamScheduler,
    StepParamScheduler,
)
from engine_runner.optim.scheduler.one_cycle import OneCycleParamScheduler
from engine_runner.optim.scheduler.plateau import ReduceOnPlateauParamScheduler

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineRestartLR",
    "ExponentialLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "PolyLR",
    "ReduceOnPlateauLR",
    "StepLR",
]


class _OfRate:
    """Fills in the setting: the learning rate."""

    def __init__(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        beside: Any = super()
        beside.__init__(optimizer, "lr", *args, **kwargs)


class ConstantLR(_OfRate, ConstantParamScheduler):
    """ConstantParamScheduler of the learning rate; its arguments without ``param_name``."""


class CosineAnnealingLR(_OfRate, CosineAnnealingParamScheduler):
    """CosineAnnealingParamScheduler of the learning rate; its arguments without ``param_name``."""


class CosineRestartLR(_OfRate, CosineRestartParamScheduler):
    """CosineRestartParamScheduler of the learning rate; its arguments without ``param_name``."""


class ExponentialLR(_OfRate, ExponentialParamScheduler):
    """ExponentialParamScheduler of the learning rate; its arguments without ``param_name``."""


class LinearLR(_OfRate, LinearParamScheduler):
    """LinearParamScheduler of the learning rate; its arguments without ``param_name``."""


class MultiStepLR(_OfRate, MultiStepParamScheduler):
    """MultiStepParamScheduler of the learning rate; its arguments without ``param_name``."""


class OneCycleLR(_OfRate, OneCycleParamScheduler):
    """OneCycleParamScheduler of the learning rate; its arguments without ``param_name``."""


class PolyLR(_OfRate, PolyParamScheduler):
    """PolyParamScheduler of the learning rate; its arguments without ``param_name``."""


class ReduceOnPlateauLR(_OfRate, ReduceOnPlateauParamScheduler):
    """ReduceOnPlateauParamScheduler of the learning rate; its arguments without ``param_name``."""


class StepLR(_OfRate, StepParamScheduler):
    """StepParamScheduler of the learning rate; its arguments without ``param_name``."""
