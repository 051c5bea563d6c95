"""Schedulers of the momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine_optim.scheduler.base import torch_optimizer
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
from engine_optim.scheduler.plateau import ReduceOnPlateauParamScheduler
from engine_optim.scheduler.step_curves import MultiStepParamScheduler, StepParamScheduler

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

if TYPE_CHECKING:
    from engine_optim.scheduler.base import ParamScheduler as _Beside  # what it is mixed with
else:
    _Beside = object


class MomentumSchedulerMixin(_Beside):
    """Fills in the setting: the momentum, which is the first beta of Adam and its kind.

    Groups with ``betas`` get the first one as ``momentum``, too, so that a scheduler of one's own
    finds the setting by its name.

    Attributes:
        use_betas: whether the momentum is the first beta.

    Raises:
        ValueError: the optimizer has neither.
    """

    def __init__(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        groups = getattr(optimizer, "param_groups", None)
        groups = groups if isinstance(groups, list) else []
        self.use_betas = any("betas" in group for group in groups)
        for group in groups:
            if "betas" in group:
                group["momentum"] = group["betas"][0]
            elif "momentum" not in group:
                kind = type(torch_optimizer(optimizer)).__name__
                raise ValueError(
                    f"{type(self).__name__} needs an optimizer with momentum or betas, and the "
                    f"parameter groups of {kind} have {', '.join(sorted(group))}"
                )
        # as it stands: `engine config check` reads from it which arguments there are
        super().__init__(optimizer, "momentum", *args, **kwargs)


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
