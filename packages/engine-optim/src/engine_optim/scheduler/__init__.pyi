# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_optim.scheduler.base import (
    ParamScheduler as ParamScheduler,
    _ParamScheduler as _ParamScheduler,
)
from engine_optim.scheduler.cosine import (
    CosineAnnealingParamScheduler as CosineAnnealingParamScheduler,
    CosineRestartParamScheduler as CosineRestartParamScheduler,
)
from engine_optim.scheduler.curves import (
    ConstantParamScheduler as ConstantParamScheduler,
    ExponentialParamScheduler as ExponentialParamScheduler,
    LinearParamScheduler as LinearParamScheduler,
    PolyParamScheduler as PolyParamScheduler,
)
from engine_optim.scheduler.step_curves import (
    MultiStepParamScheduler as MultiStepParamScheduler,
    StepParamScheduler as StepParamScheduler,
)
from engine_optim.scheduler.learning_rate import (
    ConstantLR as ConstantLR,
    CosineAnnealingLR as CosineAnnealingLR,
    CosineRestartLR as CosineRestartLR,
    ExponentialLR as ExponentialLR,
    LinearLR as LinearLR,
    MultiStepLR as MultiStepLR,
    OneCycleLR as OneCycleLR,
    PolyLR as PolyLR,
    ReduceOnPlateauLR as ReduceOnPlateauLR,
    StepLR as StepLR,
)
from engine_optim.scheduler.momentum import (
    ConstantMomentum as ConstantMomentum,
    CosineAnnealingMomentum as CosineAnnealingMomentum,
    CosineRestartMomentum as CosineRestartMomentum,
    ExponentialMomentum as ExponentialMomentum,
    LinearMomentum as LinearMomentum,
    MultiStepMomentum as MultiStepMomentum,
    PolyMomentum as PolyMomentum,
    ReduceOnPlateauMomentum as ReduceOnPlateauMomentum,
    StepMomentum as StepMomentum,
)
from engine_optim.scheduler.one_cycle import (
    OneCycleParamScheduler as OneCycleParamScheduler,
)
from engine_optim.scheduler.plateau import (
    ReduceOnPlateauParamScheduler as ReduceOnPlateauParamScheduler,
)
