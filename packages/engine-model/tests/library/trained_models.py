"""Models, and trainings of them that run in several processes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine_dist import get_rank, get_world_size
from engine_model import (
    BaseModel,
    MMDistributedDataParallel,
    MMSeparateDistributedDataParallel,
)
from engine_optim import OptimWrapper, OptimWrapperDict

NUM_STEPS = 3


class Regression(BaseModel):
    """A line through points; ``spare`` is used only if it is said."""

    def __init__(self, *, with_spare: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        torch.manual_seed(0)
        self.layer = nn.Linear(3, 1)
        if with_spare:
            self.spare = nn.Linear(3, 1)

    def forward(self, inputs: Any, target: Any = None, mode: str = "tensor") -> Any:
        output = self.layer(inputs)
        if mode == "loss":
            return {"loss": (output - target).square().mean()}
        return list(output) if mode == "predict" else output


class Pair(BaseModel):
    """Two networks that are trained in turns; ``frozen`` is not trained."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 1)
        self.frozen = nn.Linear(3, 3).requires_grad_(False)

    def forward(self, inputs: Any, target: Any = None, mode: str = "tensor") -> Any:
        return list(self.second(self.first(inputs)))

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, Tensor]:
        data = self.data_preprocessor(data, True)
        log_vars = {}
        for name in ("first", "second"):
            output = self.second(self.first(self.frozen(data["inputs"])))
            loss, found = self.parse_losses({"loss": (output - data["target"]).square().mean()})
            optim_wrapper[name].update_params(loss)
            optim_wrapper["first"].zero_grad()
            optim_wrapper["second"].zero_grad()
            log_vars[f"{name}_loss"] = found["loss"]
        return log_vars


def batches() -> list[dict[str, Tensor]]:
    """Four points for each step."""
    made = torch.Generator().manual_seed(1)
    return [
        {
            "inputs": torch.randn(4, 3, generator=made),
            "target": torch.randn(4, 1, generator=made),
        }
        for _ in range(NUM_STEPS)
    ]


def share(batch: dict[str, Tensor], index: int, count: int) -> dict[str, Tensor]:
    """One of ``count`` equal parts of a batch."""
    return {key: value.chunk(count)[index] for key, value in batch.items()}


def weights(model: nn.Module) -> list[float]:
    """All parameters as numbers."""
    return torch.cat([value.detach().flatten() for value in model.parameters()]).tolist()


def wrapper_of(model: nn.Module, **options: Any) -> OptimWrapper:
    """A plain SGD."""
    return OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), **options)


def train_alone() -> list[float]:
    """Train on whole batches."""
    model = Regression()
    optim_wrapper = wrapper_of(model)
    for batch in batches():
        model.train_step(batch, optim_wrapper)
    return weights(model)


def train_parallel(accumulative_counts: int) -> list[float]:
    """Train on this rank's share of each batch, in as many pieces as gradients accumulate."""
    model = Regression()
    wrapped = MMDistributedDataParallel(model, broadcast_buffers=False)
    optim_wrapper = wrapper_of(wrapped, accumulative_counts=accumulative_counts)
    for batch in batches():
        own = share(batch, get_rank(), get_world_size())
        for index in range(accumulative_counts):
            wrapped.train_step(share(own, index, accumulative_counts), optim_wrapper)
    assert len(wrapped.val_step(batches()[0])) == len(wrapped.test_step(batches()[0])) == 4
    return weights(model)


def train_pair_alone() -> list[float]:
    """Train the two networks on whole batches."""
    model = Pair()
    optim_wrapper = OptimWrapperDict(first=wrapper_of(model.first), second=wrapper_of(model.second))
    for batch in batches():
        model.train_step(batch, optim_wrapper)
    return weights(model)


def train_pair_parallel() -> list[float]:
    """Train the two networks on this rank's share of each batch."""
    model = Pair()
    parts = {"first": wrapper_of(model.first), "second": wrapper_of(model.second)}
    wrapped = MMSeparateDistributedDataParallel(model)
    optim_wrapper = OptimWrapperDict(**parts)
    for batch in batches():
        wrapped.train_step(share(batch, get_rank(), get_world_size()), optim_wrapper)
    assert type(model.frozen) is nn.Linear
    assert isinstance(model.first, MMDistributedDataParallel)
    assert not wrapped.train(False).training
    assert not model.first.module.training
    return weights(model)


def gradients_without_sync() -> list[float]:
    """The gradients of this rank's own share, in a context in which nothing is exchanged."""
    model = Pair()
    wrapped = MMSeparateDistributedDataParallel(model)
    own = share(batches()[0], get_rank(), get_world_size())
    with wrapped.no_sync():
        output = model.second(model.first(own["inputs"]))
        (output - own["target"]).square().mean().backward()
    found: list[float] = model.second.module.weight.grad.flatten().tolist()
    return found


def everything() -> dict[str, list[float]]:
    """What each training in processes gives, of one start of them."""
    return {
        "plain": train_parallel(1),
        "accumulated": train_parallel(2),
        "pair": train_pair_parallel(),
        "without sync": gradients_without_sync(),
    }
