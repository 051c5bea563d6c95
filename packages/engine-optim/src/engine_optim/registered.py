"""What this package adds to the root registries: by import path, so that nothing is imported."""

from __future__ import annotations

from typing import Final

from engine_optim.external_optimizers import OPTIONAL
from engine_registry.root import ROOT_REGISTRIES

__all__ = ["register"]

_HERE: Final = "engine_optim"
_TORCH: Final = (
    *("ASGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "NAdam", "Optimizer"),
    *("RAdam", "RMSprop", "Rprop", "SGD", "SparseAdam"),
)
_SCHEDULERS: Final = (
    *("Constant", "CosineAnnealing", "CosineRestart", "Exponential", "Linear", "MultiStep"),
    *("OneCycle", "Poly", "ReduceOnPlateau", "Step"),
)


def register() -> None:
    """Register everything; the registries call it when a name is missed for the first time."""
    optimizers = ROOT_REGISTRIES["OPTIMIZERS"]
    for name in _TORCH:
        optimizers.register_lazy(name, f"torch.optim:{name}")
    optimizers.register_lazy("Muon", "torch.optim:Muon")  # torch 2.9 and later
    optimizers.register_lazy("TorchAdafactor", "torch.optim:Adafactor")
    optimizers.register_lazy("ZeroRedundancyOptimizer", f"{_HERE}.zero:ZeroRedundancyOptimizer")
    for name in OPTIONAL:
        optimizers.register_lazy(name, f"{_HERE}.external_optimizers:{name}")
    for name, module in {
        "OptimWrapper": "wrapper",
        "AmpOptimWrapper": "amp",
        "ApexOptimWrapper": "apex",
        "ColossalAIOptimWrapper": "colossalai",
        "DeepSpeedOptimWrapper": "deepspeed",
    }.items():
        ROOT_REGISTRIES["OPTIM_WRAPPERS"].register_lazy(name, f"{_HERE}.{module}:{name}")
    for name, module in {
        "DefaultOptimWrapperConstructor": "constructor",
        "LearningRateDecayOptimWrapperConstructor": "layer_decay",
    }.items():
        path = f"{_HERE}.{module}:{name}"
        ROOT_REGISTRIES["OPTIM_WRAPPER_CONSTRUCTORS"].register_lazy(name, path)
    for kind in _SCHEDULERS:
        for what in ("LR", "Momentum", "ParamScheduler"):
            if (kind, what) != ("OneCycle", "Momentum"):
                path = f"{_HERE}.scheduler:{kind}{what}"
                ROOT_REGISTRIES["PARAM_SCHEDULERS"].register_lazy(f"{kind}{what}", path)
