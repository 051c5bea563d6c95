"""Weights and optimizer state in DeepSpeed's engine, as a single process would have them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine_checkpoint import get_state_dict
from engine_dist import get_rank, get_world_size, is_main_process

__all__ = ["DeepSpeedState"]


class DeepSpeedState:
    """Reads and writes what ZeRO has shared out, tensor by tensor. Every rank has to call it.

    Args:
        engine: DeepSpeed's.
        groups: the parameters of each of the optimizer's groups, as they were given to it.
        stage: of ZeRO.
    """

    def __init__(self, engine: Any, groups: Sequence[Sequence[Any]], *, stage: int) -> None:
        self._engine, self._groups, self._stage = engine, groups, stage

    @property
    def _optimizer(self) -> Any:
        """The optimizer that holds the flat parts."""
        return self._engine.optimizer.optimizer

    def weights(self, model: nn.Module, *, without: Collection[str] = ()) -> dict[str, Any]:
        """Return all weights in full precision and buffers; on other ranks than the main one, {}.

        Args:
            model: in no wrapper.
            without: names to leave out.
        """
        found: dict[str, Any] = OrderedDict()
        named: Mapping[str, Any] = get_state_dict(model, keep_vars=True)
        for name, value in named.items():
            whole = self._whole(value) if isinstance(value, nn.Parameter) else value
            if is_main_process() and name not in without:
                found[name] = whole.detach().cpu().clone()
        return found

    def _whole(self, param: Any) -> Tensor:
        get = _fragments().safe_get_full_fp32_param
        master: Tensor | None = get(param) if param.requires_grad else None
        if master is not None:
            return master.view(getattr(param, "ds_shape", param.shape))
        with self._gathered([param]):
            whole: Tensor = param.detach().clone()
        return whole

    def _gathered(
        self, params: Sequence[Any], *, changed: bool = False
    ) -> AbstractContextManager[Any]:
        """The context in which parameters are whole; changes of the main rank's stay."""
        spread = [each for each in params if hasattr(each, "ds_id")]
        zero: Any = import_module("deepspeed").zero
        context: AbstractContextManager[Any] = zero.GatheredParameters(
            spread, modifier_rank=0 if changed else None, enabled=bool(spread)
        )
        return context

    @contextmanager
    def whole_weights(self) -> Iterator[None]:
        """The context in which the model's weights are whole, and can be changed."""
        with self._gathered([*self._engine.module.parameters()], changed=True):
            yield

    def load_weights(self, model: nn.Module, state: Mapping[str, Any]) -> None:
        """Put weights that the model has got already into the copies in full precision.

        Args:
            model: in no wrapper.
            state: weights by name; what doesn't fit is left out.
        """
        if not self._stage:
            return
        named: Mapping[str, Any] = get_state_dict(model, keep_vars=True)
        for name, param in named.items():
            if not isinstance(param, nn.Parameter) or not param.requires_grad or name not in state:
                continue
            shape = getattr(param, "ds_shape", param.shape)
            if state[name].shape == shape:
                _set(param, state[name])

    def optimizer(self) -> dict[str, Any]:
        """Return the optimizer's state by numbers, as torch's own tells it; its tensors on the CPU.

        On other ranks than the main one it has no tensors.
        """
        get = _fragments().safe_get_full_optimizer_state
        self._link()
        moments, counts = self._kinds()
        groups, states, number = [], {}, 0
        for settings, params in zip(self._optimizer.param_groups, self._groups, strict=True):
            numbers = [*range(number, number + len(params))]
            number += len(params)
            groups.append({**_without_params(settings), "params": numbers})
            for place, param in zip(numbers, params, strict=True):
                whole = {key: get(param, key) for key in moments}
                if is_main_process() and (moments or counts):
                    shape = getattr(param, "ds_shape", param.shape)
                    own = {key: each.view(shape).cpu().clone() for key, each in whole.items()}
                    states[place] = {**_copied(counts), **own}
        return {"state": states, "param_groups": groups}

    def load_optimizer(self, state: Mapping[str, Any]) -> None:
        """Put a state that torch's own optimizer would take into this one's parts.

        Raises:
            ValueError: it is of other parameters.
        """
        sizes = [len(group["params"]) for group in state["param_groups"]]
        if sizes != [len(params) for params in self._groups]:
            raise ValueError(
                f"it is of {sum(sizes)} parameters in {len(sizes)} groups, and there are "
                f"{sum(map(len, self._groups))} in {len(self._groups)}"
            )
        if state["state"]:
            self._begin()
            self._link()
        for place, (saved, params) in enumerate(
            zip(state["param_groups"], self._groups, strict=True)
        ):
            settings = _without_params(saved)
            self._optimizer.param_groups[place].update(settings)
            self._engine.optimizer.param_groups[place].update(settings)
            for number, param in zip(saved["params"], params, strict=True):
                for key, value in state["state"].get(number, {}).items():
                    if isinstance(value, Tensor) and value.ndim:
                        _set(param, value, key)
        first: Mapping[str, Any] = next(iter(state["state"].values()), {})
        for own in self._optimizer.state.values():
            own.update(_copied(_counts_of(first)))

    def _kinds(self) -> tuple[list[str], dict[str, Any]]:
        """Names of what is as large as the parameters, and what is counted for all of them."""
        own: Mapping[str, Any] = next((each for each in self._optimizer.state.values() if each), {})
        counts = _counts_of(own)
        return [key for key in own if key not in counts], counts

    def _begin(self) -> None:
        """Have the optimizer make the state that it makes at its first step, without a step."""
        groups = self._optimizer.param_groups
        kept = [(group["params"], group["lr"]) for group in groups]
        flat = self._flat()
        parts = [part for each in flat for part in each]
        if any(self._optimizer.state.get(part) for part in parts):
            return
        gradients = [part.grad for part in parts]
        for group, own in zip(groups, flat, strict=True):
            group["params"], group["lr"] = own, 0.0
        for part in parts:
            part.grad = torch.zeros_like(part)
        self._optimizer.step()
        for part, gradient in zip(parts, gradients, strict=True):
            part.grad = gradient
        for group, (params, rate) in zip(groups, kept, strict=True):
            group["params"], group["lr"] = params, rate

    def _flat(self) -> list[list[Any]]:
        """This rank's parts of each of the optimizer's groups."""
        groups = self._optimizer.param_groups
        if self._stage < 3:
            return [[*group["params"]] for group in groups]
        zero = self._engine.optimizer
        found: list[list[Any]] = [[] for _ in groups]
        for place, part in enumerate(zero.fp32_partitioned_groups_flat):
            found[zero.sub_group_to_group_id[place]].append(part)
        return found

    def _link(self) -> None:
        """Let parameters know their part of the state.

        Of several groups, DeepSpeed's stages 1 and 2 know the first one's alone after a step.
        """
        zero = self._engine.optimizer
        if self._stage in (1, 2) and self._optimizer.state:
            zero._hp_optimizer_states_linked = False
            zero._lazy_init_hp_params_optimizer_state()


def _set(param: Any, value: Tensor, key: str | None = None) -> None:
    """Put the whole of a parameter in full precision, or of its state ``key``, where it is kept."""
    which, whole = "full", value.to(param.device, torch.float32)
    if hasattr(param, "ds_tensor"):
        which, whole = "local", _own_part(param, whole)
    if key is None:
        getattr(_fragments(), f"safe_set_{which}_fp32_param")(param, whole)
    else:
        getattr(_fragments(), f"safe_set_{which}_optimizer_state")(param, whole, key)


def _own_part(param: Any, whole: Tensor) -> Tensor:
    """This rank's part of a parameter of stage 3.

    DeepSpeed's own setting of the whole fails where it can't be divided into equal parts.
    """
    size = param.ds_tensor.ds_numel
    padded = functional.pad(whole.flatten(), (0, size * get_world_size() - whole.numel()))
    return padded[get_rank() * size :][:size]


def _fragments() -> Any:
    """DeepSpeed's functions that read and write parts of parameters."""
    return import_module("deepspeed.utils")


def _without_params(group: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "params"}


def _counts_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """What isn't of a parameter's size: counts of steps."""
    return {
        key: value
        for key, value in state.items()
        if not isinstance(value, Tensor) or not value.ndim
    }


def _copied(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.detach().cpu().clone() if isinstance(value, Tensor) else value
        for key, value in counts.items()
    }
