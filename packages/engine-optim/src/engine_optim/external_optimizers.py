"""External optimizers: those of other packages, imported when they are asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

__all__ = ["OPTIONAL"]

_BITSANDBYTES: Final = (
    *("AdEMAMix", "AdEMAMix32bit", "AdEMAMix8bit", "Adagrad32bit", "Adagrad8bit", "Adam32bit"),
    *("Adam8bit", "AdamW32bit", "AdamW8bit", "LAMB", "LAMB32bit", "LAMB8bit", "LARS", "LARS32bit"),
    *("LARS8bit", "Lion32bit", "Lion8bit", "PagedAdEMAMix", "PagedAdEMAMix32bit"),
    *("PagedAdEMAMix8bit", "PagedAdam", "PagedAdam32bit", "PagedAdam8bit", "PagedAdamW"),
    *("PagedAdamW32bit", "PagedAdamW8bit", "PagedLion", "PagedLion32bit", "PagedLion8bit"),
    *("PytorchLARS", "RMSprop32bit", "RMSprop8bit", "SGD32bit", "SGD8bit"),
)
_D_ADAPTATION: Final = ("DAdaptAdaGrad", "DAdaptAdam", "DAdaptAdan", "DAdaptLion", "DAdaptSGD")

# registered name: (module, name in it, what to install)
OPTIONAL: Final[dict[str, tuple[str, str, str]]] = {
    **{name: ("bitsandbytes.optim", name, "bitsandbytes") for name in _BITSANDBYTES},
    **{
        f"bnb_{name}": ("bitsandbytes.optim", name, "bitsandbytes")
        for name in ("Adagrad", "Adam", "AdamW", "Lion", "RMSprop", "SGD")
    },
    **{
        f"ao_{name}": ("torchao.optim", name, "torchao")
        for name in ("Adam4bit", "Adam8bit", "AdamFp8", "AdamW4bit", "AdamW8bit", "AdamWFp8")
    },
    **{name: ("dadaptation", name, "dadaptation") for name in _D_ADAPTATION},
    "Adafactor": ("transformers.optimization", "Adafactor", "transformers"),
    "HybridAdam": ("colossalai.nn.optimizer", "HybridAdam", "colossalai"),
    "DeepSpeedCPUAdam": ("deepspeed.ops.adam", "DeepSpeedCPUAdam", "deepspeed"),
    "FusedAdam": ("deepspeed.ops.adam", "FusedAdam", "deepspeed"),
    "FusedLamb": ("deepspeed.ops.lamb", "FusedLamb", "deepspeed"),
    "Lion": ("lion_pytorch", "Lion", "lion-pytorch"),
    "Prodigy": ("prodigyopt", "Prodigy", "prodigyopt"),
    "SophiaG": ("sophia_opt", "SophiaG", "sophia-opt"),
    "SophiaH": ("pytorch_optimizer", "SophiaH", "pytorch-optimizer"),
}


def __getattr__(name: str) -> Any:
    """The optimizer of a name in `OPTIONAL`: this module is where lazy entries point to."""
    if name not in OPTIONAL:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute, package = OPTIONAL[name]
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise
        raise ImportError(f"the optimizer {name} needs a package: pip install {package}") from error
    except AttributeError as error:
        raise ImportError(
            f"the optimizer {name} should be {module}.{attribute}, and the {package} that is "
            f"installed has none: pip install --upgrade {package}"
        ) from error
