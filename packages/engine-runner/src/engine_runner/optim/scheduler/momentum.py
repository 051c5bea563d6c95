"""Schedulers of the momentum."""

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
from engine_runner.optim.scheduler.plateau import ReduceOnPlateauParamScheduler

__all__ = [
    "ConstantMomentum",
    "CosineAnnealingMomentum",
    "CosineRestartMomentum",
    "ExponentialMomentum",
    "LinearMomentum",
    "MultiStepMomentum",
    "PolyMomentum",
    "ReduceOnPlateauMomentum",
    "StepMomentum",
]


class _OfMomentum:
    """Fills in the setting: the momentum, which is the first beta of Adam and its kind."""

    def __init__(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        beside: Any = super()
        beside.__init__(optimizer, "momentum", *args, **kwargs)


class ConstantMomentum(_OfMomentum, ConstantParamScheduler):
    """ConstantParamScheduler of the momentum; its arguments without ``param_name``."""


class CosineAnnealingMomentum(_OfMomentum, CosineAnnealingParamScheduler):
    """CosineAnnealingParamScheduler of the momentum; its arguments without ``param_name``."""


class CosineRestartMomentum(_OfMomentum, CosineRestartParamScheduler):
    """CosineRestartParamScheduler of the momentum; its arguments without ``param_name``."""


class ExponentialMomentum(_OfMomentum, ExponentialParamScheduler):
    """ExponentialParamScheduler of the momentum; its arguments without ``param_name``."""


class LinearMomentum(_OfMomentum, LinearParamScheduler):
    """LinearParamScheduler of the momentum; its arguments without ``param_name``."""


class MultiStepMomentum(_OfMomentum, MultiStepParamScheduler):
    """MultiStepParamScheduler of the momentum; its arguments without ``param_name``."""


class PolyMomentum(_OfMomentum, PolyParamScheduler):
    """PolyParamScheduler of the momentum; its arguments without ``param_name``."""


class ReduceOnPlateauMomentum(_OfMomentum, ReduceOnPlateauParamScheduler):
    """ReduceOnPlateauParamScheduler of the momentum; its arguments without ``param_name``."""


class StepMomentum(_OfMomentum, StepParamScheduler):
    """StepParamScheduler of the momentum; its arguments without ``param_name``."""
