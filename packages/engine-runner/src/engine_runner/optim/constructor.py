"""From a config and a model to an optimizer wrapper, with settings for each parameter."""

from __future__ import annotations

import logging
from typing import Any, Final

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm

from engine_registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS
from engine_runner.optim.groups import merged_groups
from engine_runner.optim.wrapper import OptimWrapper

__all__ = ["DefaultOptimWrapperConstructor", "build_optim_wrapper"]

logger = logging.getLogger(__name__)

_NORMS: Final = (_BatchNorm, _InstanceNorm, nn.GroupNorm, nn.LayerNorm)
_DEFORMABLE: Final = {"DeformConv2d", "ModulatedDeformConv2d"}
_OPTIONS: Final = (
    *("lr_mult", "decay_mult", "bias_lr_mult", "bias_decay_mult", "norm_decay_mult"),
    *("dwconv_decay_mult", "dcn_offset_lr_mult", "flat_decay_mult", "bypass_duplicate"),
    "custom_keys",
)


class DefaultOptimWrapperConstructor:
    """Builds an optimizer wrapper whose parameters have settings of their own.

    Options of ``paramwise_cfg``; a factor multiplies the optimizer's own setting:

    * ``custom_keys``: factors ``lr_mult`` and ``decay_mult``, and any other setting of a group, for
      parameters whose name contains the key; the longest key that fits decides alone.
    * ``bias_lr_mult``: of biases, but not of normalisation and deformable convolution.
    * ``norm_decay_mult``: of normalisation layers.
    * ``bias_decay_mult``: of biases, but not of normalisation and deformable convolution.
    * ``dwconv_decay_mult``: of depth-wise convolutions.
    * ``flat_decay_mult``: of other one-dimensional parameters.
    * ``dcn_offset_lr_mult``: of the layer that gives a deformable convolution its offsets.
    * ``bypass_duplicate``: leave out a parameter that is there already.

    Parameters with the same settings share a group, so that the optimizer's kernels take them
    together.

    Args:
        optim_wrapper_cfg: ``optimizer``, and the arguments of the wrapper.
        paramwise_cfg: the options.

    Raises:
        TypeError: an argument is no dict.
        ValueError: there is no ``optimizer``, an unknown option, or one without what it multiplies.
    """

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
        wanted = [key for key in self.paramwise_cfg if "decay_mult" in key]
        wanted += [key for key, value in custom.items() if "decay_mult" in value]
        if wanted and self.base_wd is None:
            raise ValueError(f"paramwise_cfg: {wanted[0]!r} needs a weight_decay of the optimizer")
        if type(self) is DefaultOptimWrapperConstructor:
            unknown = sorted(set(self.paramwise_cfg) - set(_OPTIONS))
            if unknown:
                raise ValueError(
                    f"paramwise_cfg has no option {unknown[0]!r}; there are {', '.join(_OPTIONS)}"
                )

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """Return the optimizer wrapper of a model, or of the one in a wrapper."""
        inner: Any = getattr(model, "module", model)
        config = {"type": "OptimWrapper", **self.optim_wrapper_cfg}
        if not self.paramwise_cfg:
            optimizer = OPTIMIZERS.build({**self.optimizer_cfg, "params": inner.parameters()})
            plain: OptimWrapper = OPTIM_WRAPPERS.build(
                config, default_args={"optimizer": optimizer}
            )
            return plain
        params: list[dict[str, Any]] = []
        self.add_params(params, inner)
        groups, order = merged_groups(params)
        optimizer = OPTIMIZERS.build({**self.optimizer_cfg, "params": groups})
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
        seen = {id(each) for group in params for each in _listed(group["params"])}
        bypass = self.paramwise_cfg.get("bypass_duplicate", False)
        for name, param in module.named_parameters(recurse=False):
            if bypass and id(param) in seen:
                logger.warning("%s.%s is there already under another name", prefix, name)
                continue
            seen.add(id(param))
            full_name = f"{prefix}.{name}" if prefix else name
            group: dict[str, Any] = {"params": [param]}
            if param.requires_grad:
                within = bool(is_dcn_module)
                group.update(self._settings(full_name, param, module, within_dcn=within))
            params.append(group)
        is_dcn = any(base.__name__ in _DEFORMABLE for base in type(module).__mro__)
        for name, child in module.named_children():
            self.add_params(
                params, child, prefix=f"{prefix}.{name}" if prefix else name, is_dcn_module=is_dcn
            )

    def _settings(
        self, full_name: str, param: nn.Parameter, module: nn.Module, *, within_dcn: bool
    ) -> dict[str, Any]:
        """What a parameter's group says beside the optimizer's own settings."""
        custom = self.paramwise_cfg.get("custom_keys", {})
        for key in sorted(sorted(custom), key=len, reverse=True):
            if key in full_name:
                return self._custom(custom[key])
        settings: dict[str, Any] = {}
        lr_factor = self._lr_factor(full_name, module, within_dcn)
        if lr_factor is not None and self.base_lr is not None:
            settings["lr"] = self.base_lr * lr_factor
        decay_factor = self._decay_factor(full_name, param, module)
        if decay_factor is not None and self.base_wd is not None:
            settings["weight_decay"] = self.base_wd * decay_factor
        return settings

    def _custom(self, given: dict[str, Any]) -> dict[str, Any]:
        settings = {k: v for k, v in given.items() if k not in ("lr_mult", "decay_mult")}
        if self.base_lr is not None:
            settings["lr"] = self.base_lr * given.get("lr_mult", 1.0)
        if self.base_wd is not None:
            settings["weight_decay"] = self.base_wd * given.get("decay_mult", 1.0)
        return settings

    def _lr_factor(self, full_name: str, module: nn.Module, within_dcn: bool) -> Any:
        name, options = full_name.rsplit(".", 1)[-1], self.paramwise_cfg
        deformable = any(base.__name__ in _DEFORMABLE for base in type(module).__mro__)
        if within_dcn and "conv_offset" in full_name and isinstance(module, nn.Conv2d):
            return options.get("dcn_offset_lr_mult")
        if name == "bias" and not isinstance(module, _NORMS) and not deformable and not within_dcn:
            return options.get("bias_lr_mult")
        return None

    def _decay_factor(self, full_name: str, param: nn.Parameter, module: nn.Module) -> Any:
        options = self.paramwise_cfg
        deformable = any(base.__name__ in _DEFORMABLE for base in type(module).__mro__)
        depthwise = isinstance(module, nn.Conv2d) and module.in_channels == module.groups
        if isinstance(module, _NORMS) and "norm_decay_mult" in options:
            return options["norm_decay_mult"]
        if (
            full_name.rsplit(".", 1)[-1] == "bias"
            and not deformable
            and not isinstance(module, _NORMS)
            and "bias_decay_mult" in options
        ):
            return options["bias_decay_mult"]
        if depthwise and "dwconv_decay_mult" in options:
            return options["dwconv_decay_mult"]
        if param.ndim == 1 and not deformable and "flat_decay_mult" in options:
            return options["flat_decay_mult"]
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
