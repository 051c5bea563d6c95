"""Initialisers, as configs name them, and what applies them to the layers of a module."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from engine_model import weight_init
from engine_model.init_info import update_init_info
from engine_registry import FUNCTIONS
from engine_registry.trust import reaches_out

__all__ = [
    "BaseInit",
    "Caffe2XavierInit",
    "ConstantInit",
    "KaimingInit",
    "NormalInit",
    "PretrainedInit",
    "TruncNormalInit",
    "UniformInit",
    "XavierInit",
    "logger",
]

logger = logging.getLogger(__name__)


class BaseInit:
    """Initialises the layers of a kind in a module. A subclass says how, in `fill`.

    Args:
        bias: value of biases.
        bias_prob: instead of ``bias``: the probability that a sigmoid gives at that bias.
        layer: names of classes, or of the classes that they derive from, one level up. Without
            one nothing is initialised, unless an ``override`` (see `initialize`) says what.

    Raises:
        TypeError: an argument of another kind.
    """

    wholemodule = False  # whether every layer is meant, whatever its class

    def __init__(
        self,
        *,
        bias: float = 0,
        bias_prob: float | None = None,
        layer: str | Sequence[str] | None = None,
    ) -> None:
        if not isinstance(bias, int | float):
            raise TypeError(f"bias must be a number, got {bias!r}")
        if bias_prob is not None and not isinstance(bias_prob, float):
            raise TypeError(f"bias_prob must be a float, got {bias_prob!r}")
        layers = [layer] if isinstance(layer, str) else [] if layer is None else layer
        if not isinstance(layers, list | tuple) or not all(isinstance(x, str) for x in layers):
            raise TypeError(f"layer must be the name of a class, or a list of them, got {layer!r}")
        self.bias = bias if bias_prob is None else weight_init.bias_init_with_prob(bias_prob)
        self.layer = list(layers)

    def __call__(self, module: nn.Module) -> None:
        """Initialise the layers of ``module`` that are meant."""
        module.apply(self._fill_if_meant)
        update_init_info(module, init_info=self._get_init_info())

    def _get_init_info(self) -> str:
        return str(self)

    def __str__(self) -> str:
        shown = {key: value for key, value in vars(self).items() if key not in ("layer", "bias")}
        shown["bias"] = self.bias
        return f"{type(self).__name__}: " + ", ".join(f"{k}={v}" for k, v in shown.items())

    def fill(self, layer: nn.Module) -> None:
        """Initialise one layer."""
        raise NotImplementedError(f"{type(self).__name__} doesn't say how to fill a layer")

    def _fill_if_meant(self, layer: nn.Module) -> None:
        kind = type(layer)
        names = {kind.__name__, *(base.__name__ for base in kind.__bases__)}
        if self.wholemodule or not names.isdisjoint(self.layer):
            self.fill(layer)


class ConstantInit(BaseInit):
    """Sets weights to ``val``; see `BaseInit` for the other arguments."""

    def __init__(self, val: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.val = val

    def fill(self, layer: nn.Module) -> None:
        """Initialise one layer."""
        weight_init.constant_init(layer, self.val, self.bias)


class XavierInit(BaseInit):
    """Draws weights by `xavier_init`; see `BaseInit` for the other arguments."""

    def __init__(self, gain: float = 1, distribution: str = "normal", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gain = gain
        self.distribution = distribution

    def fill(self, layer: nn.Module) -> None:
        """Initialise one layer."""
        weight_init.xavier_init(layer, self.gain, self.bias, self.distribution)


class NormalInit(BaseInit):
    """Draws weights by `normal_init`; see `BaseInit` for the other arguments."""

    def __init__(self, mean: float = 0, std: float = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mean = mean
        self.std = std

    def fill(self, layer: nn.Module) -> None:
        """Initialise one layer."""
        weight_init.normal_init(layer, self.mean, self.std, self.bias)


class TruncNormalInit(BaseInit):
    """Draws weights by `trunc_normal_init`; see `BaseInit` for the other arguments.

    Args:
        mean: of the normal distribution, before it is cut off.
        std: its standard deviation.
        a: the least value.
        b: the largest value.
    """

    def __init__(
        self, mean: float = 0, std: float = 1, a: float = -2, b: float = 2, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.mean = mean
        self.std = std
        self.a = a
        self.b = b

    def fill(self, layer: nn.Module) -> None:
        """Initialise one layer."""
        weight_init.trunc_normal_init(layer, self.mean, self.std, self.a, self.b, self.bias)


class UniformInit(BaseInit):
    """Draws weights by `uniform_init`; see `BaseInit` for the other arguments."""

    def __init__(self, a: float = 0, b: float = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.a = a
        self.b = b

    def fill(self, layer: nn.Module) -> None:
        """Initialise one layer."""
        weight_init.uniform_init(layer, self.a, self.b, self.bias)


class KaimingInit(BaseInit):
    """Draws weights by `kaiming_init`; see `BaseInit` for the other arguments.

    Args:
        a: negative slope of the rectifier.
        mode: "fan_in" or "fan_out".
        nonlinearity: "relu" or "leaky_relu".
        distribution: "normal" or "uniform".
    """

    def __init__(
        self,
        a: float = 0,
        mode: str = "fan_out",
        nonlinearity: str = "relu",
        distribution: str = "normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.a = a
        self.mode = mode
        self.nonlinearity = nonlinearity
        self.distribution = distribution

    def fill(self, layer: nn.Module) -> None:
        """Initialise one layer."""
        weight_init.kaiming_init(
            layer, self.a, self.mode, self.nonlinearity, self.bias, self.distribution
        )


class Caffe2XavierInit(KaimingInit):
    """Draws weights by `caffe2_xavier_init`; see `BaseInit` for the arguments."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            a=1, mode="fan_in", nonlinearity="leaky_relu", distribution="uniform", **kwargs
        )


@reaches_out
class PretrainedInit:
    """Loads the weights of a checkpoint, as far as they fit; what doesn't is logged.

    Args:
        checkpoint: its address; see `load_checkpoint`.
        prefix: take the weights whose names begin with it, such as "backbone".
        map_location: as ``torch.load``.
    """

    def __init__(
        self, checkpoint: str, prefix: str | None = None, map_location: Any = "cpu"
    ) -> None:
        self.checkpoint = checkpoint
        self.prefix = prefix
        self.map_location = map_location

    def __call__(self, module: nn.Module) -> None:
        """Load the weights into ``module``."""
        if self.prefix is None:
            logger.info("load model from: %s", self.checkpoint)
            load: Callable[..., Any] = FUNCTIONS.resolve("load_checkpoint")
            load(
                module,
                self.checkpoint,
                map_location=self.map_location,
                strict=False,
                logger="current",
            )
        else:
            logger.info("load %s in model from: %s", self.prefix, self.checkpoint)
            read: Callable[..., Any] = FUNCTIONS.resolve("load_checkpoint_with_prefix")
            weights = read(self.prefix, self.checkpoint, map_location=self.map_location)
            put: Callable[..., Any] = FUNCTIONS.resolve("load_state_dict")
            put(module, weights, strict=False, logger="current")
        update_init_info(module, init_info=str(self))

    def __str__(self) -> str:
        part = "" if self.prefix is None else f"{self.prefix} of "
        return f"{type(self).__name__}: load from {part}{self.checkpoint}"
