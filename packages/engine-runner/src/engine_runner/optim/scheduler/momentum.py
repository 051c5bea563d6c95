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
    "MomentumSchedulerMixin",
    "MultiStepMomentum",
    "PolyMomentum",
    "ReduceOnPlateauMomentum",
    "StepMomentum",
]


class MomentumSchedulerMixin:
    """Fills in the setting: the momentum, which is the first beta of Adam and its kind."""

    def __init__(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        beside: Any = super()
        beside.__init__(optimizer, "momentum", *args, **kwargs)


class ConstantMomentum(MomentumSchedulerMixin, ConstantParamScheduler):
    """ConstantParamScheduler of the momentum; its arguments without ``param_name``."""


class CosineAnnealingMomentum(MomentumSchedulerMixin, CosineAnnealingParamScheduler):
    """CosineAnnealingParamScheduler of the momentum; its arguments without ``param_name``."""


class CosineRestartMomentum(MomentumSchedulerMixin, CosineRestartParamScheduler):
    """CosineRestartParamScheduler of the momentum; its arguments without ``param_name``."""


class ExponentialMomentum(MomentumSchedulerMixin, ExponentialParamScheduler):
    """ExponentialParamScheduler of the momentum; its arguments without ``param_name``."""


class LinearMomentum(MomentumSchedulerMixin, LinearParamScheduler):
    """LinearParamScheduler of the momentum; its arguments without ``param_name``."""


class MultiStepMomentum(MomentumSchedulerMixin, MultiStepParamScheduler):
    """MultiStepParamScheduler of the momentum; its arguments without ``param_name``."""


class PolyMomentum(MomentumSchedulerMixin, PolyParamScheduler):
    """PolyParamScheduler of the momentum; its arguments without ``param_name``."""


class ReduceOnPlateauMomentum(MomentumSchedulerMixin, ReduceOnPlateauParamScheduler):
    """ReduceOnPlateauParamScheduler of the momentum; its arguments without ``param_name``."""


class StepMomentum(MomentumSchedulerMixin, StepParamScheduler):
    """StepParamScheduler of the momentum; its arguments without ``param_name``."""
