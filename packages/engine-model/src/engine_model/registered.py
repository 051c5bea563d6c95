"""What this package adds to the root registries: by import path, so that nothing is imported."""

from __future__ import annotations

from typing import Final

from engine_registry.root import ROOT_REGISTRIES

__all__ = ["register"]

_HERE: Final = "engine_model"
_ENTRIES: Final = {
    "MODELS": {
        "BaseDataPreprocessor": "data_preprocessor",
        "BaseTTAModel": "tta",
        "ExponentialMovingAverage": "averaged_model",
        "ImgDataPreprocessor": "data_preprocessor",
        "ModuleDict": "base_module",
        "ModuleList": "base_module",
        "MomentumAnnealingEMA": "averaged_model",
        "PlainModel": "module_adapter",
        "Sequential": "base_module",
        "StochasticWeightAverage": "averaged_model",
    },
    "MODEL_WRAPPERS": {
        "ColossalAIModelWrapper": "engine_wrappers",
        "MMDeepSpeedEngineWrapper": "engine_wrappers",
        "MMDistributedDataParallel": "wrappers",
        "MMFullyShardedDataParallel": "fully_sharded",
        "MMSeparateDistributedDataParallel": "wrappers",
    },
}
_INITIALIZERS: Final = (
    *("Caffe2Xavier", "Constant", "Kaiming", "Normal", "Pretrained", "TruncNormal", "Uniform"),
    "Xavier",
)


def register() -> None:
    """Register everything; the registries call it when a name is missed for the first time."""
    for registry, entries in _ENTRIES.items():
        for name, module in entries.items():
            ROOT_REGISTRIES[registry].register_lazy(name, f"{_HERE}.{module}:{name}")
    for name in ("DataParallel", "DistributedDataParallel"):
        ROOT_REGISTRIES["MODEL_WRAPPERS"].register_lazy(name, f"torch.nn.parallel:{name}")
    path = f"{_HERE}.engine_wrappers:ColossalAIModelWrapper"  # MMEngine has a second name for it
    ROOT_REGISTRIES["MODEL_WRAPPERS"].register_lazy("CollosalAIModelWrapper", path)
    for name in _INITIALIZERS:
        path = f"{_HERE}.initializers:{name}Init"
        ROOT_REGISTRIES["WEIGHT_INITIALIZERS"].register_lazy(name, path)
