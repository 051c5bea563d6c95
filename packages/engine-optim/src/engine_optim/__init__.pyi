# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_optim.__about__ import (
    __version__ as __version__,
)
from engine_registry import (
    OPTIMIZERS as OPTIMIZERS,
    OPTIM_WRAPPER_CONSTRUCTORS as OPTIM_WRAPPER_CONSTRUCTORS,
)
from engine_optim.amp import (
    AmpOptimWrapper as AmpOptimWrapper,
)
from engine_optim.apex import (
    ApexOptimWrapper as ApexOptimWrapper,
)
from engine_optim.base import (
    BaseOptimWrapper as BaseOptimWrapper,
)
from engine_optim.constructor import (
    DefaultOptimWrapperConstructor as DefaultOptimWrapperConstructor,
    build_optim_wrapper as build_optim_wrapper,
)
from engine_optim.layer_decay import (
    LearningRateDecayOptimWrapperConstructor as LearningRateDecayOptimWrapperConstructor,
)
from engine_optim.scheduler import (
    ConstantLR as ConstantLR,
    ConstantMomentum as ConstantMomentum,
    ConstantParamScheduler as ConstantParamScheduler,
    CosineAnnealingLR as CosineAnnealingLR,
    CosineAnnealingMomentum as CosineAnnealingMomentum,
    CosineAnnealingParamScheduler as CosineAnnealingParamScheduler,
    CosineRestartLR as CosineRestartLR,
    CosineRestartMomentum as CosineRestartMomentum,
    CosineRestartParamScheduler as CosineRestartParamScheduler,
    ExponentialLR as ExponentialLR,
    ExponentialMomentum as ExponentialMomentum,
    ExponentialParamScheduler as ExponentialParamScheduler,
    LinearLR as LinearLR,
    LinearMomentum as LinearMomentum,
    LinearParamScheduler as LinearParamScheduler,
    MultiStepLR as MultiStepLR,
    MultiStepMomentum as MultiStepMomentum,
    MultiStepParamScheduler as MultiStepParamScheduler,
    OneCycleLR as OneCycleLR,
    OneCycleParamScheduler as OneCycleParamScheduler,
    ParamScheduler as ParamScheduler,
    PolyLR as PolyLR,
    PolyMomentum as PolyMomentum,
    PolyParamScheduler as PolyParamScheduler,
    ReduceOnPlateauLR as ReduceOnPlateauLR,
    ReduceOnPlateauMomentum as ReduceOnPlateauMomentum,
    ReduceOnPlateauParamScheduler as ReduceOnPlateauParamScheduler,
    StepLR as StepLR,
    StepMomentum as StepMomentum,
    StepParamScheduler as StepParamScheduler,
    _ParamScheduler as _ParamScheduler,
)
from engine_optim.optim_wrapper_dict import (
    OptimWrapperDict as OptimWrapperDict,
)
from engine_optim.wrapper import (
    OptimWrapper as OptimWrapper,
)
from engine_optim.zero import (
    ZeroRedundancyOptimizer as ZeroRedundancyOptimizer,
)
