"""Schedulers of the learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine_optim.scheduler.cosine import (
    CosineAnnealingParamScheduler,
    CosineRestartParamScheduler,
)
from engine_optim.scheduler.curves import (
    ConstantParamScheduler,
    ExponentialParamScheduler,
    LinearParamScheduler,
    PolyParamScheduler,
)
from engine_optim.scheduler.one_cycle import OneCycleParamScheduler
from engine_optim.scheduler.plateau import ReduceOnPlateauParamScheduler
from engine_optim.scheduler.step_curves import MultiStepParamScheduler, StepParamScheduler

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineRestartLR",
    "ExponentialLR",
    "LRSchedulerMixin",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "PolyLR",
    "ReduceOnPlateauLR",
    "StepLR",
]

if TYPE_CHECKING:
    from engine_optim.scheduler.base import ParamScheduler as _Beside  # what it is mixed with
else:
    _Beside = object


class LRSchedulerMixin(_Beside):
    """Fills in the setting: the learning rate."""

    def __init__(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        # as it stands: `engine config check` reads from it which arguments there are
        super().__init__(optimizer, "lr", *args, **kwargs)


class ConstantLR(LRSchedulerMixin, ConstantParamScheduler):
    """ConstantParamScheduler of the learning rate; its arguments without ``param_name``."""


class CosineAnnealingLR(LRSchedulerMixin, CosineAnnealingParamScheduler):
    """CosineAnnealingParamScheduler of the learning rate; its arguments without ``param_name``."""


class CosineRestartLR(LRSchedulerMixin, CosineRestartParamScheduler):
    """CosineRestartParamScheduler of the learning rate; its arguments without ``param_name``."""


class ExponentialLR(LRSchedulerMixin, ExponentialParamScheduler):
    """ExponentialParamScheduler of the learning rate; its arguments without ``param_name``."""


class LinearLR(LRSchedulerMixin, LinearParamScheduler):
    """LinearParamScheduler of the learning rate; its arguments without ``param_name``."""


class MultiStepLR(LRSchedulerMixin, MultiStepParamScheduler):
    """MultiStepParamScheduler of the learning rate; its arguments without ``param_name``."""


class OneCycleLR(LRSchedulerMixin, OneCycleParamScheduler):
    """OneCycleParamScheduler of the learning rate; its arguments without ``param_name``."""


class PolyLR(LRSchedulerMixin, PolyParamScheduler):
    """PolyParamScheduler of the learning rate; its arguments without ``param_name``."""


class ReduceOnPlateauLR(LRSchedulerMixin, ReduceOnPlateauParamScheduler):
    """ReduceOnPlateauParamScheduler of the learning rate; its arguments without ``param_name``."""


class StepLR(LRSchedulerMixin, StepParamScheduler):
    """StepParamScheduler of the learning rate; its arguments without ``param_name``."""
