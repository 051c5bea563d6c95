"""Schedules of learning rate, momentum, and any other setting."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_optim.scheduler.base": ["ParamScheduler", "_ParamScheduler"],
        "engine_optim.scheduler.cosine": [
            "CosineAnnealingParamScheduler",
            "CosineRestartParamScheduler",
        ],
        "engine_optim.scheduler.curves": [
            "ConstantParamScheduler",
            "ExponentialParamScheduler",
            "LinearParamScheduler",
            "PolyParamScheduler",
        ],
        "engine_optim.scheduler.step_curves": ["MultiStepParamScheduler", "StepParamScheduler"],
        "engine_optim.scheduler.learning_rate": [
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
        ],
        "engine_optim.scheduler.momentum": [
            "ConstantMomentum",
            "CosineAnnealingMomentum",
            "CosineRestartMomentum",
            "ExponentialMomentum",
            "LinearMomentum",
            "MultiStepMomentum",
            "PolyMomentum",
            "ReduceOnPlateauMomentum",
            "StepMomentum",
        ],
        "engine_optim.scheduler.one_cycle": ["OneCycleParamScheduler"],
        "engine_optim.scheduler.plateau": ["ReduceOnPlateauParamScheduler"],
    },
)
