"""Model summary: layers, parameters, operations, and the memory reckoned for a training."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine_config import Config, ConfigDict
from engine_model.analysis import get_model_complexity_info
from engine_optim import build_optim_wrapper
from engine_optim.patching import wrappers_of
from engine_runner.export.traced_model import TracedModel
from engine_runner.infer.components import MakesParts
from engine_runner.randomness import rng_state, set_rng_state
from engine_runner.runner import build

__all__ = ["ModelSummary", "TrainingMemory", "summarise_model"]


@dataclass(frozen=True, kw_only=True)
class TrainingMemory:
    """Bytes that a training takes on the device, reckoned; workspaces of kernels come on top.

    Attributes:
        weights: parameters and buffers.
        gradients: of the parameters that are trained.
        optimizer: what the optimizers keep, such as Adam's two moments.
        activations: what one batch keeps for the backward pass.
        batch_size: its samples.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int
    batch_size: int

    @property
    def total(self) -> int:
        """The sum."""
        return self.weights + self.gradients + self.optimizer + self.activations


@dataclass(frozen=True, kw_only=True)
class ModelSummary:
    """What a model is made of, and costs.

    Attributes:
        table: its modules, with parameters, operations and activations, as text.
        num_parameters: all of them.
        num_trained: those that are trained.
        flops: of one sample; a multiplication with an addition counts as one.
        memory: of a training; None without an ``optim_wrapper``.
    """

    table: str
    num_parameters: int
    num_trained: int
    flops: int
    memory: TrainingMemory | None

    def __str__(self) -> str:
        lines = [self.table, ""]
        lines.append(f"parameters   {self.num_parameters:,}, {self.num_trained:,} of them trained")
        lines.append(f"operations   {self.flops:,} for one sample")
        memory = self.memory
        if memory is not None:
            lines.append(f"memory of a training with batches of {memory.batch_size}, MiB:")
            parts = ("weights", "gradients", "optimizer", "activations", "total")
            lines += [f"  {name:<11}{getattr(memory, name) / 2**20:>10.1f}" for name in parts]
        return "\n".join(lines)


def summarise_model(cfg: Config | ConfigDict) -> ModelSummary:
    """Build the model of a config and look at it with one and two samples of its data.

    The activations of a batch are reckoned from what the second sample adds.

    Args:
        cfg: the config of a training.

    Raises:
        ValueError: there is no model, or no data to show it.
    """
    before = rng_state()
    try:
        model: Any = MakesParts()._init_model(cfg, None)
        with torch.no_grad():
            data = model.data_preprocessor(_batch(cfg, 1), False)
        traced = TracedModel(model, "forward", data, preprocess=False).eval()
        inputs = tuple(traced.inputs.values())
        found = get_model_complexity_info(
            traced, inputs=inputs, show_arch=False, uncalled_modules_warnings=False
        )
        memory = _memory(cfg, model) if cfg.get("optim_wrapper") else None
    finally:
        set_rng_state(before)
    parameters = list(model.parameters())
    return ModelSummary(
        table=found["out_table"],
        num_parameters=sum(each.numel() for each in parameters),
        num_trained=sum(each.numel() for each in parameters if each.requires_grad),
        flops=found["flops"],
        memory=memory,
    )


def _batch(cfg: Config | ConfigDict, size: int) -> Any:
    given = cfg.get("train_dataloader") or cfg.get("test_dataloader")
    if given is None:
        raise ValueError("the config has no data to show to the model")
    changed = {**given, "batch_size": size, "num_workers": 0}
    for name in ("persistent_workers", "batch_sampler", "prefetch_factor"):
        changed.pop(name, None)
    return next(iter(build.dataloader(changed, 0)))


def _memory(cfg: Config | ConfigDict, model: nn.Module) -> TrainingMemory:
    trained = [each for each in model.parameters() if each.requires_grad]
    wrapper = build_optim_wrapper(model, copy.deepcopy(cfg.optim_wrapper))
    one, two = (_kept_for_backward(model, wrapper, _batch(cfg, size)) for size in (1, 2))
    batch_size = (cfg.get("train_dataloader") or {}).get("batch_size", 1)
    return TrainingMemory(
        weights=_bytes([*model.parameters(), *model.buffers()]),
        gradients=_bytes(trained),
        optimizer=_optimizer_state(cfg, model),
        activations=one + (batch_size - 1) * (two - one),
        batch_size=batch_size,
    )


def _optimizer_state(cfg: Config | ConfigDict, model: nn.Module) -> int:
    """Bytes that the optimizers keep after a step, made where tensors have no memory."""
    bare = copy.deepcopy(model).to("meta")
    wrapper = build_optim_wrapper(bare, copy.deepcopy(cfg.optim_wrapper))
    for each in bare.parameters():
        each.grad = torch.zeros_like(each) if each.requires_grad else None
    kept: list[Tensor] = []
    for each in wrappers_of(wrapper):
        each.optimizer.step()
        states = each.optimizer.state.values()
        kept += [value for state in states for value in state.values() if isinstance(value, Tensor)]
    return _bytes(kept)


def _kept_for_backward(model: nn.Module, wrapper: Any, batch: Any) -> int:
    """Bytes that a forward pass keeps for the backward pass, without weights."""
    own = {each.untyped_storage().data_ptr() for each in (*model.parameters(), *model.buffers())}
    with _noted() as kept, wrappers_of(wrapper)[0].optim_context(model):
        stepped: Any = model.train()
        data = stepped.data_preprocessor(batch, True)
        losses = _losses(stepped, data)
    del losses
    return sum(size for pointer, size in kept.items() if pointer not in own)


def _losses(model: Any, data: Any) -> Any:
    if isinstance(data, Mapping):
        return model(**data, mode="loss")
    return model(*data, mode="loss") if isinstance(data, list | tuple) else model(data, mode="loss")


@contextmanager
def _noted() -> Iterator[dict[int, int]]:
    """Storages that are kept for a backward pass, with their sizes; all live until the end."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        yield kept


def _bytes(tensors: list[Any]) -> int:
    return sum(each.numel() * each.element_size() for each in tensors)
