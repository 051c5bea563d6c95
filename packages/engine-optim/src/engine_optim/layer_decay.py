"""Learning rates that fall from the last layer to the first."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine_dist.wrapping import without_wrapper
from engine_optim.constructor import DefaultOptimWrapperConstructor
from engine_optim.wrapper import OptimWrapper

__all__ = ["LearningRateDecayOptimWrapperConstructor"]


class LearningRateDecayOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """Gives each layer a part of the next one's learning rate (Clark et al., arXiv:2003.10555).

    Further options of ``paramwise_cfg``:

    * ``layer_decay_rate``: what a layer's learning rate is multiplied by for each layer above it.
    * ``layers``: the layers from the input on, each as the beginning of its parameters' names, such
      as ``["patch_embed", "blocks.0", "blocks.1"]``. Parameters elsewhere, such as a head's, count
      as above them all. Without it, the model or its ``backbone`` is asked: the method
      ``get_layer_depth(name, prefix)`` of MMPretrain's backbones returns a parameter's layer,
      counted from the input, and how many layers there are.

    Args:
        optim_wrapper_cfg: ``optimizer``, and the arguments of the wrapper.
        paramwise_cfg: the options.

    Raises:
        TypeError: an argument is no dict; or, on a call, nothing tells a parameter's layer.
        ValueError: ``layer_decay_rate`` is missing or out of (0, 1], or as the class above.
    """

    options = (*DefaultOptimWrapperConstructor.options, "layer_decay_rate", "layers")

    def _validate_cfg(self) -> None:
        super()._validate_cfg()
        rate = self.paramwise_cfg.get("layer_decay_rate")
        if not isinstance(rate, int | float) or not 0 < rate <= 1:
            raise ValueError(f"paramwise_cfg: layer_decay_rate must lie in (0, 1], got {rate!r}")
        if self.base_lr is None:
            raise ValueError(
                "paramwise_cfg: layer_decay_rate needs a 'lr' of the optimizer to multiply, and "
                f"its config says {self.optimizer_cfg!r}"
            )
        self._model: Any = None

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """Return the optimizer wrapper of a model, or of the one in a wrapper."""
        self._model = without_wrapper(model)
        return super().__call__(model)

    def settings_of(
        self, full_name: str, param: nn.Parameter, module: nn.Module, *, within_dcn: bool
    ) -> dict[str, Any]:
        """Return the settings of the class above, with the layer's learning rate."""
        settings = super().settings_of(full_name, param, module, within_dcn=within_dcn)
        factor = self.paramwise_cfg["layer_decay_rate"] ** self._layers_above(full_name)
        return {**settings, "lr": settings.get("lr", self.base_lr) * factor}

    def _layers_above(self, full_name: str) -> int:
        """How many layers lie between a parameter's and the top."""
        layers = self.paramwise_cfg.get("layers")
        if layers is not None:
            fitting = [
                (len(layer), len(layers) - index)
                for index, layer in enumerate(layers)
                if f"{full_name}.".startswith(f"{layer}.")
            ]
            return max(fitting)[1] if fitting else 0
        backbone: Any = getattr(self._model, "backbone", None)
        for part, prefix in ((self._model, ""), (backbone, "backbone.")):
            if hasattr(part, "get_layer_depth"):
                if not full_name.startswith(prefix):
                    return 0
                depth, number = part.get_layer_depth(full_name, prefix=prefix)
                return int(number - depth - 1)
        raise TypeError(
            f"nothing tells the layers of {type(self._model).__name__}: give their names as "
            "paramwise_cfg=dict(layers=[...]), from the input on"
        )
