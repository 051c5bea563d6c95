"""From a config and a model to an optimizer wrapper, with settings for each parameter."""

from __future__ import annotations

import inspect
import logging
from typing import Any, Final

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm

from engine_dist.wrapping import without_wrapper
from engine_optim.custom_keys import check_patterns, check_settings, fitting, freeze
from engine_optim.param_groups import merged_groups
from engine_optim.wrapper import OptimWrapper
from engine_registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS

__all__ = ["DefaultOptimWrapperConstructor", "build_optim_wrapper"]

logger = logging.getLogger(__name__)

_NORMS: Final = (_BatchNorm, _InstanceNorm, nn.GroupNorm, nn.LayerNorm)
_NO_SETTINGS: Final = ("lr_mult", "decay_mult", "requires_grad")
_DEFORMABLE: Final = {"DeformConv2d", "ModulatedDeformConv2d"}


class DefaultOptimWrapperConstructor:
    """Builds an optimizer wrapper whose parameters have settings of their own.

    Options of ``paramwise_cfg``; a factor multiplies the optimizer's own setting, and of those of
    the learning rate, as of those of the decay, the first one that applies decides:

    * ``custom_keys``: factors ``lr_mult`` and ``decay_mult``, and any other setting of a group, for
      parameters whose name contains the key; the longest key that fits decides alone, and other
      options decide what it says nothing of. ``requires_grad=False`` freezes the parameters.
    * ``bias_lr_mult``: of biases, but for normalisation and what is in a deformable convolution.
    * ``dcn_offset_lr_mult``: of the layer that gives a deformable convolution its offsets.
    * ``norm_decay_mult``: of normalisation layers.
    * ``bias_decay_mult``: of biases, those of normalisation layers among them unless
      ``norm_decay_mult`` is given, but not of what is in a deformable convolution.
    * ``dwconv_decay_mult``: of depth-wise convolutions.
    * ``flat_decay_mult``: of other one-dimensional parameters, but not of what is in a deformable
      convolution.
    * ``bypass_duplicate``: leave out a parameter that is there already, under another name.

    Parameters that are frozen get no place in the optimizer, if there are options.
    Parameters with the same settings share a group, so that the optimizer's kernels take them
    together.

    A subclass that gives parameters other settings overrides `settings_of`, or `add_params`.

    Args:
        optim_wrapper_cfg: ``optimizer``, and the arguments of the wrapper.
        paramwise_cfg: the options.

    Attributes:
        options: the names of the options. A subclass with options of its own says them here; one
            that doesn't say takes any.

    Raises:
        TypeError: an argument is no dict.
        ValueError: there is no ``optimizer``, an unknown option, or one without what it multiplies.
            A call of it raises it for a parameter that is there twice, and for a misspelt key or
            setting in ``custom_keys``.
    """

    options: tuple[str, ...] = (
        *("lr_mult", "decay_mult", "bias_lr_mult", "bias_decay_mult", "norm_decay_mult"),
        *("dwconv_decay_mult", "dcn_offset_lr_mult", "flat_decay_mult", "bypass_duplicate"),
        "custom_keys",
    )

    def __init__(
        self, optim_wrapper_cfg: dict[str, Any], paramwise_cfg: dict[str, Any] | None = None
    ) -> None:
        if not isinstance(optim_wrapper_cfg, dict):
            raise TypeError(f"optim_wrapper must be a dict, got {optim_wrapper_cfg!r}")
        self.optim_wrapper_cfg = dict(optim_wrapper_cfg)
        if "optimizer" not in self.optim_wrapper_cfg:
            raise ValueError(f"optim_wrapper needs the key 'optimizer', got {optim_wrapper_cfg!r}")
        self.optimizer_cfg: dict[str, Any] = dict(self.optim_wrapper_cfg.pop("optimizer"))
        self.paramwise_cfg: dict[str, Any] = {} if paramwise_cfg is None else paramwise_cfg
        self.base_lr = self.optimizer_cfg.get("lr")
        self.base_wd = self.optimizer_cfg.get("weight_decay")
        self._known: tuple[list[dict[str, Any]], int, set[int]] = ([], 0, set())
        self._validate_cfg()

    def _validate_cfg(self) -> None:
        if not isinstance(self.paramwise_cfg, dict):
            raise TypeError(f"paramwise_cfg must be a dict, got {self.paramwise_cfg!r}")
        custom = self.paramwise_cfg.get("custom_keys", {})
        if not isinstance(custom, dict) or not all(isinstance(v, dict) for v in custom.values()):
            raise TypeError(
                "paramwise_cfg: custom_keys must map names to dicts such as dict(lr_mult=0.1), got "
                f"{custom!r}"
            )
        for factor, setting, base in (
            ("lr_mult", "lr", self.base_lr),
            ("decay_mult", "weight_decay", self.base_wd),
        ):
            wanted = [key for key in self.paramwise_cfg if key.endswith(factor)]
            wanted += [f"custom_keys: {key}" for key, value in custom.items() if factor in value]
            if wanted and base is None:
                raise ValueError(
                    f"paramwise_cfg: {wanted[0]!r} needs a {setting!r} of the optimizer to "
                    f"multiply, and its config says {self.optimizer_cfg!r}"
                )
        if "options" in type(self).__dict__:
            unknown = sorted(set(self.paramwise_cfg) - set(self.options))
            if unknown:
                raise ValueError(
                    f"paramwise_cfg has no option {unknown[0]!r}; there are "
                    f"{', '.join(self.options)}"
                )

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """Return the optimizer wrapper of a model, or of the one in a wrapper."""
        inner = without_wrapper(model)
        config = {"type": "OptimWrapper", **self.optim_wrapper_cfg}
        if not self.paramwise_cfg:
            optimizer = self._optimizer(inner.parameters())
            plain: OptimWrapper = OPTIM_WRAPPERS.build(
                config, default_args={"optimizer": optimizer}
            )
            return plain
        custom = self.paramwise_cfg.get("custom_keys", {})
        freeze(inner, custom)
        params: list[dict[str, Any]] = []
        self.add_params(params, inner)
        groups, order = merged_groups(params)
        optimizer = self._optimizer(groups)
        if "options" in type(self).__dict__:
            check_patterns(custom, inner)
            check_settings(custom, getattr(optimizer, "defaults", {}))
        wrapper: OptimWrapper = OPTIM_WRAPPERS.build(config, default_args={"optimizer": optimizer})
        if hasattr(wrapper, "keep_model_order"):
            wrapper.keep_model_order(order)
        wrapper.keep_base_settings()
        for index, group in enumerate(wrapper.optimizer.param_groups):
            logger.info(
                "parameter group %d: %d tensors, lr=%s, weight_decay=%s",
                *(index, len(group["params"]), group.get("lr"), group.get("weight_decay")),
            )
        return wrapper

    def _optimizer(self, params: Any) -> Any:
        """Build the optimizer; the parameters are its first argument, whatever that is called."""
        kind = self.optimizer_cfg.get("type")
        found = OPTIMIZERS.get(kind) if isinstance(kind, str) else kind
        try:
            names = [*inspect.signature(found).parameters]  # type: ignore[arg-type]  # or it raises
        except (TypeError, ValueError):
            names = []
        first = "params" if "params" in names or not names else names[0]
        return OPTIMIZERS.build({**self.optimizer_cfg, first: params})

    def add_params(
        self,
        params: list[dict[str, Any]],
        module: nn.Module,
        prefix: str = "",
        is_dcn_module: float | None = None,
    ) -> None:
        """Append a group for each parameter of a module, and of those below it.

        Args:
            params: the groups so far.
            module: the module.
            prefix: its name in the model.
            is_dcn_module: whether it is, or is part of, a deformable convolution.
        """
        seen = self._seen(params)
        for name, param in module.named_parameters(recurse=False):
            if not param.requires_grad:
                continue
            full_name = f"{prefix}.{name}" if prefix else name
            if id(param) in seen:
                self._meet_again(full_name)
                continue
            within = bool(is_dcn_module)
            settings = self.settings_of(full_name, param, module, within_dcn=within)
            params.append({"params": [param], **settings})
        is_dcn = any(base.__name__ in _DEFORMABLE for base in type(module).__mro__)
        for name, child in module.named_children():
            child_prefix = f"{prefix}.{name}" if prefix else name
            self.add_params(params, child, prefix=child_prefix, is_dcn_module=is_dcn)

    def _seen(self, params: list[dict[str, Any]]) -> set[int]:
        """The parameters in the groups so far; each group is looked at once."""
        known, count, seen = self._known
        if known is not params or count > len(params):
            count, seen = 0, set()
        seen.update(id(each) for group in params[count:] for each in _listed(group["params"]))
        self._known = (params, len(params), seen)
        return seen

    def _meet_again(self, full_name: str) -> None:
        if not self.paramwise_cfg.get("bypass_duplicate", False):
            raise ValueError(
                f"the parameter {full_name} is in the optimizer already, under another name: "
                "modules share it. Set bypass_duplicate=True in paramwise_cfg to use it once, with "
                "the settings of its first name"
            )
        logger.warning("%s is there already under another name", full_name)

    def settings_of(
        self, full_name: str, param: nn.Parameter, module: nn.Module, *, within_dcn: bool
    ) -> dict[str, Any]:
        """Return what a parameter's group says beside the optimizer's own settings.

        Args:
            full_name: its name in the model.
            param: the parameter.
            module: what it belongs to.
            within_dcn: whether that belongs to a deformable convolution.
        """
        given = fitting(self.paramwise_cfg.get("custom_keys", {}), full_name)
        settings = {k: v for k, v in (given or {}).items() if k not in _NO_SETTINGS}
        default = None if given is None else 1.0  # what a key fits always says both
        lr_factor = (given or {}).get("lr_mult")
        if lr_factor is None:
            lr_factor = self._lr_factor(full_name, module, within_dcn)
        lr_factor = default if lr_factor is None else lr_factor
        if lr_factor is not None and self.base_lr is not None:
            settings["lr"] = self.base_lr * lr_factor
        decay_factor = (given or {}).get("decay_mult")
        if decay_factor is None:
            decay_factor = self._decay_factor(full_name, param, module, within_dcn=within_dcn)
        decay_factor = default if decay_factor is None else decay_factor
        if decay_factor is not None and self.base_wd is not None:
            settings["weight_decay"] = self.base_wd * decay_factor
        return settings

    def _is_in(self, param_group: dict[str, Any], param_group_list: list[dict[str, Any]]) -> bool:
        """Whether a parameter of a group is in one of others; subclasses of libraries ask."""
        known = {id(each) for group in param_group_list for each in _listed(group["params"])}
        return any(id(each) in known for each in _listed(param_group["params"]))

    def _lr_factor(self, full_name: str, module: nn.Module, within_dcn: bool) -> Any:
        bias = full_name.rpartition(".")[2] == "bias"
        if bias and not within_dcn and not isinstance(module, _NORMS):
            return self.paramwise_cfg.get("bias_lr_mult")
        if within_dcn and "conv_offset" in full_name and isinstance(module, nn.Conv2d):
            return self.paramwise_cfg.get("dcn_offset_lr_mult")
        return None

    def _decay_factor(
        self, full_name: str, param: nn.Parameter, module: nn.Module, *, within_dcn: bool
    ) -> Any:
        bias = full_name.rpartition(".")[2] == "bias"
        depthwise = isinstance(module, nn.Conv2d) and module.in_channels == module.groups
        for applies, option in (
            (isinstance(module, _NORMS), "norm_decay_mult"),
            (bias and not within_dcn, "bias_decay_mult"),
            (depthwise, "dwconv_decay_mult"),
            (param.ndim == 1 and not within_dcn, "flat_decay_mult"),
        ):
            if applies and option in self.paramwise_cfg:
                return self.paramwise_cfg[option]
        return None


def _listed(params: Any) -> list[Any]:
    return params if isinstance(params, list) else [params]


def build_optim_wrapper(model: nn.Module, cfg: dict[str, Any]) -> OptimWrapper:
    """Return the optimizer wrapper of a model.

    Args:
        model: the model.
        cfg: ``optimizer``, ``type`` and arguments of the wrapper, ``paramwise_cfg``, and
            ``constructor``, by default `DefaultOptimWrapperConstructor`.
    """
    config = dict(cfg)
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(
        {
            "type": config.pop("constructor", "DefaultOptimWrapperConstructor"),
            "paramwise_cfg": config.pop("paramwise_cfg", None),
            "optim_wrapper_cfg": config,
        }
    )
    wrapper: OptimWrapper = constructor(model)
    return wrapper
