"""Where a training runs: what differs between one device, many, and foreign engines."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from engine_checkpoint import (
    CheckpointLoader,
    LoadReport,
    ShardedWriter,
    Snapshots,
    check_local,
    get_state_dict,
    is_sharded_checkpoint,
    load_state_dict,
    on_every_rank,
    on_main_rank,
    read_safetensors,
    read_sharded,
    safetensors_of,
    save_checkpoint,
    weights_to_cpu,
)
from engine_dist import broadcast, is_distributed, is_main_process
from engine_dist.accelerator import get_device
from engine_dist.shards import any_sharded, gathered, is_sharded, part_of, tensors_of
from engine_dist.wrapping import is_model_wrapper, without_wrapper
from engine_model.float8 import why_no_float8
from engine_runner.strategy.low_precision import is_low_precision, made_small, plain_states
from engine_runner.strategy.optimizer_names import in_own_order, with_names
from engine_runner.strategy.request import StrategyRequest
from engine_runner.strategy.sharded_entries import spread_as

__all__ = ["BaseStrategy", "is_spread", "optimizers_of"]


class BaseStrategy(metaclass=ABCMeta):
    """Places a model, and reads and writes its state, in ways that a runner needn't know.

    Override what is different; the rest works for a model that each process holds whole. A runner
    calls, in this order: `check`, `data_group`, `building`, `convert_model`, `wrap`, `join`,
    `init_weights`.

    Attributes:
        state_dict_type: "full" if a checkpoint is one file, which the main rank writes; "sharded"
            if it is a folder to which each rank writes its part.
    """

    state_dict_type: str = "full"
    _writer: ShardedWriter | None = None

    def check(self, request: StrategyRequest) -> None:
        """Refuse what can't be done together with this strategy, before anything is built.

        Args:
            request: what the runner is asked for.

        Raises:
            ValueError: something can't be done; the message says what to use instead.
        """
        refused = [*self.cannot(request)]
        if request.float8 and (reason := why_no_float8(self.device)):
            refused.append(reason)
        if refused:
            raise ValueError(f"{type(self).__name__} can't {'; and it cannot '.join(refused)}")

    def cannot(self, request: StrategyRequest) -> Iterator[str]:
        """Yield what can't be done, as "work with X: use Y instead"; override it."""
        yield from ()

    def data_group(self) -> Any:
        """Return the group of processes that deal the samples; None for all processes."""
        return None

    @property
    def device(self) -> torch.device:
        """The device of this process."""
        name = get_device()
        if name in ("cpu", "mps"):
            return torch.device(name)
        return torch.device(name, torch.accelerator.current_device_index())

    def building(self) -> AbstractContextManager[Any]:
        """Return the context in which the model is built from its config; by default none."""
        return nullcontext()

    def place(self, model: nn.Module) -> nn.Module:
        """Return the model on its device, in whatever wrapper it needs."""
        return model if is_model_wrapper(model) else self.wrap(self.convert_model(model))

    @abstractmethod
    def convert_model(self, model: nn.Module) -> nn.Module:
        """Return the model on its device, with the modules that are right for it there."""

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return a converted model in the wrapper that it needs; by default in none."""
        return model

    def join(self, model: nn.Module, optim_wrapper: Any) -> tuple[nn.Module, Any]:
        """Return model and optimizer as an engine that holds both wants them; by default as is.

        It is called once, when the optimizer has been built and the schedulers have not.
        """
        return model, optim_wrapper

    def init_weights(self, model: nn.Module) -> None:
        """Let the model initialise its weights, if it knows how: on all ranks the same."""
        inner: Any = without_wrapper(model)
        if hasattr(inner, "init_weights"):
            inner.init_weights()
            if is_distributed():  # ranks may draw with seeds of their own
                for value in tensors_of(inner).values():
                    broadcast(value)

    def model_state(self, model: nn.Module, *, on_cpu: bool = True) -> dict[str, Any]:
        """Return the weights by name; every rank has to call it.

        Those that are spread over processes are put together, one after the other, on the main
        rank alone: the others get an empty state. For sharded checkpoints they stay spread.

        Args:
            model: as `place` has returned it.
            on_cpu: whether they have to be on the CPU; where they are copied anyway they needn't.
        """
        state: dict[str, Any] = get_state_dict(model)
        if self.state_dict_type == "sharded":
            return state
        if any_sharded(state.values()):
            return _whole_weights(state, on_cpu=on_cpu)
        return weights_to_cpu(state) if on_cpu else state

    def load_model_state(
        self, model: nn.Module, state: Mapping[str, Any], *, strict: bool, logger: Any = None
    ) -> LoadReport:
        """Put weights into the model, and tell what didn't fit."""
        return load_state_dict(model, state, strict=strict, logger=logger)

    def optim_state(self, model: nn.Module, optim_wrapper: Any) -> dict[str, Any]:
        """Return the optimizer's state, put together as the weights; every rank has to call it."""
        state: dict[str, Any] = optim_wrapper.state_dict()
        if any(map(is_low_precision, optimizers_of(optim_wrapper))):
            state = plain_states(state)
        if self.state_dict_type == "sharded":
            return with_names(state, optim_wrapper, model)
        return _in_model_groups(
            gathered(state, on_cpu=False) if is_spread(model) else state, optim_wrapper
        )

    def load_optim_state(
        self, model: nn.Module, optim_wrapper: Any, state: Mapping[str, Any]
    ) -> None:
        """Put a state into the optimizer; of what is spread over processes, each its part."""
        with ExitStack() as stack:
            for optimizer in optimizers_of(optim_wrapper) if is_spread(model) else ():
                handle = optimizer.register_load_state_dict_pre_hook(_own_parts)
                stack.callback(handle.remove)
            optim_wrapper.load_state_dict(in_own_order(state, optim_wrapper, model))
        for optimizer in filter(is_low_precision, optimizers_of(optim_wrapper)):
            made_small(optimizer)

    def write(
        self,
        checkpoint: dict[str, Any],
        address: str,
        backend_args: dict[str, Any] | None = None,
    ) -> None:
        """Write a checkpoint, once for all ranks; it is there when this returns on any of them.

        Raises:
            OSError: it can't be written; on every rank.
        """
        if self.state_dict_type == "sharded":
            self.stage(checkpoint, address, backend_args)()
        else:
            on_main_rank(lambda: save_checkpoint(checkpoint, address, backend_args=backend_args))

    def check_address(self, address: str, backend_args: dict[str, Any] | None = None) -> None:
        """Refuse a place to which its checkpoints can't be written.

        Raises:
            ValueError: a sharded one can't be written there.
        """
        if self.state_dict_type == "sharded":
            check_local(address, backend_args)

    def stage(
        self,
        checkpoint: dict[str, Any],
        address: str,
        backend_args: dict[str, Any] | None = None,
        *,
        snapshots: Snapshots | None = None,
    ) -> Callable[[], None]:
        """Return what writes a checkpoint, for a thread beside the training; call it on every rank.

        Args:
            checkpoint: see `write`.
            address: see `write`.
            backend_args: see `write`.
            snapshots: copies its tensors, so that they may change before they are written.
        """
        if self.state_dict_type == "sharded":
            self._writer = self._writer or ShardedWriter()
            return self._writer.stage(
                checkpoint, address, backend_args=backend_args, snapshots=snapshots
            )
        if not is_main_process():
            return lambda: None
        copied = checkpoint if snapshots is None else snapshots.take(checkpoint)
        return partial(save_checkpoint, copied, address, backend_args=backend_args)

    def read(
        self,
        address: str,
        map_location: Any = "cpu",
        logger: Any = "current",
        *,
        model: nn.Module | None = None,
    ) -> Any:
        """Return what a checkpoint holds; every rank has to call it.

        Args:
            address: where it is.
            map_location: as ``torch.load``.
            logger: whom to tell where it comes from.
            model: as `place` has returned it: of what it has spread over processes, only this one's
                part is read from a sharded checkpoint, and from safetensors.
        """
        if model is not None and is_spread(model) and is_sharded_checkpoint(address):
            like = spread_as(model)
            return on_every_rank(
                lambda: read_sharded(address, map_location, like=like, name=address)
            )
        if model is not None and is_spread(model) and "://" not in address:
            stored = safetensors_of(address)
            if stored is not None and stored.is_file():
                return read_safetensors(stored, name=address, like=spread_as(model))
        return CheckpointLoader.load_checkpoint(address, map_location, logger)


def is_spread(model: nn.Module) -> bool:
    """Whether weights of a model are spread over processes."""
    return any_sharded(model.parameters())


def optimizers_of(optim_wrapper: Any) -> list[Any]:
    """Return the torch optimizers in a wrapper, or in several."""
    wrappers = getattr(optim_wrapper, "optim_wrappers", None) or {"": optim_wrapper}
    return [each.optimizer for each in wrappers.values()]


def _in_model_groups(state: dict[str, Any], optim_wrapper: Any) -> dict[str, Any]:
    """Of one wrapper or several, as MMEngine holds them."""
    wrappers = getattr(optim_wrapper, "optim_wrappers", None)
    if wrappers is not None:
        return {name: _in_model_groups(each, wrappers[name]) for name, each in state.items()}
    change = getattr(optim_wrapper, "in_model_groups", None)
    return state if change is None else change(state)


def _whole_weights(state: Mapping[str, Any], *, on_cpu: bool) -> dict[str, Any]:
    found: Any = OrderedDict(gathered(state, on_cpu=on_cpu))
    found._metadata = getattr(state, "_metadata", OrderedDict())
    weights: dict[str, Any] = found
    return weights


def _own_parts(optimizer: Any, state: dict[str, Any]) -> dict[str, Any]:
    """Of a state of whole tensors, by numbers, this rank's parts: as its parameters are spread."""
    values = dict(state["state"])
    for own, saved in zip(optimizer.param_groups, state["param_groups"], strict=False):
        for param, number in zip(own["params"], saved["params"], strict=False):
            if is_sharded(param) and number in values:
                values[number] = {key: _part(value, param) for key, value in values[number].items()}
    return {**state, "state": values}


def _part(value: Any, param: Any) -> Any:
    """A part of what is as large as the parameter; counts of steps stay what they are."""
    if not isinstance(value, Tensor) or value.shape != param.shape or not value.ndim:
        return value
    return part_of(value, param)
