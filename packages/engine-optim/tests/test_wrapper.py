"""Accumulated and clipped steps are those of large batches and of torch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from engine_logging import MessageHub
from engine_optim import OptimWrapper


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def batches(number: int) -> list[Tensor]:
    torch.manual_seed(1)
    return [torch.randn(4, 3) for _ in range(number)]


def loss_of(model: nn.Module, batch: Tensor) -> Tensor:
    return model(batch).square().mean()


class ReadsOfScalars(TorchDispatchMode):
    """Counts what would wait for a device: item(), float(), bool() of a tensor."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def test_a_plain_step_is_torchs() -> None:
    ours, theirs = linear(), linear()
    wrapper = OptimWrapper(torch.optim.SGD(ours.parameters(), lr=0.1, momentum=0.9))
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for batch in batches(5):
        wrapper.update_params(loss_of(ours, batch))
        optimizer.zero_grad()
        loss_of(theirs, batch).backward()
        optimizer.step()
    assert torch.equal(ours.weight, theirs.weight)
    assert ours.weight.grad is None
    assert wrapper.inner_count == 5


@given(every=st.integers(1, 5), total=st.integers(1, 12), resumed_at=st.integers(0, 12))
def test_each_window_is_one_step_on_its_mean_loss(every: int, total: int, resumed_at: int) -> None:
    """Also the last window, if it is shorter; also if the training went on from a window's end."""
    start = min(resumed_at, total) // every * every
    ours, theirs = linear(), linear()
    wrapper = OptimWrapper(torch.optim.SGD(ours.parameters(), lr=0.1), accumulative_counts=every)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1)
    wrapper.initialize_count_status(ours, start, total)
    data = batches(total)[start:]
    for batch in data:
        wrapper.update_params(loss_of(ours, batch))
    for first in range(0, len(data), every):
        window = data[first : first + every]
        optimizer.zero_grad()
        torch.stack([loss_of(theirs, batch) for batch in window]).mean().backward()
        optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-6, atol=1e-7)
    assert wrapper.inner_count == total


def test_without_a_known_end_every_window_is_a_whole_one() -> None:
    model = linear()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), accumulative_counts=3)
    wrapper.initialize_count_status(model, 0, -1)
    moved = []
    for batch in batches(7):
        before = model.weight.detach().clone()
        assert float(wrapper.scale_loss(torch.tensor(3.0))) == 1.0
        wrapper.update_params(loss_of(model, batch))
        moved.append(not torch.equal(before, model.weight))
    assert moved == [False, False, True, False, False, True, False]


def test_processes_average_gradients_at_the_end_of_a_window_alone() -> None:
    class Averaging(nn.Linear):
        def __init__(self) -> None:
            super().__init__(3, 2)
            self.synced: list[bool] = []
            self.on = True

        @contextmanager
        def no_sync(self) -> Iterator[None]:
            self.on = False
            yield
            self.on = True

    model = Averaging()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), accumulative_counts=3)
    wrapper.initialize_count_status(model, 0, 7)
    for batch in batches(7):
        with wrapper.optim_context(model):
            loss = loss_of(model, batch)
            model.synced.append(model.on)
        wrapper.update_params(loss)
    assert model.synced == [False, False, True, False, False, True, True]


def test_arguments_reach_the_optimizer() -> None:
    model = linear()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    called = []

    def closure() -> float:
        called.append(True)
        return 0.0

    wrapper.update_params(
        loss_of(model, batches(1)[0]), {"closure": closure}, {"set_to_none": False}
    )
    assert called
    assert torch.equal(model.weight.grad, torch.zeros(2, 3))


def test_the_norm_of_gradients_is_clipped_and_logged() -> None:
    MessageHub.get_instance("clipping")
    ours, theirs = linear(), linear()
    wrapper = OptimWrapper(
        torch.optim.SGD(ours.parameters(), lr=0.1), clip_grad={"max_norm": 0.01, "norm_type": 1}
    )
    (batch,) = batches(1)
    wrapper.update_params(loss_of(ours, batch))
    loss_of(theirs, batch).backward()
    norm = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.01, norm_type=1)
    torch.optim.SGD(theirs.parameters(), lr=0.1).step()
    assert torch.equal(ours.weight, theirs.weight)
    logged = MessageHub.get_current_instance().get_scalar("train/grad_norm")
    assert float(logged.current()) == pytest.approx(float(norm))


def test_gradients_are_clipped_by_value() -> None:
    MessageHub.get_instance("clipping by value")
    model = linear()
    before = model.weight.detach().clone()
    wrapper = OptimWrapper(
        torch.optim.SGD(model.parameters(), lr=1.0),
        clip_grad={"type": "value", "clip_value": 1e-3},
    )
    wrapper.update_params(loss_of(model, batches(1)[0]))
    assert float((model.weight.detach() - before).abs().max()) <= 1e-3 + 1e-6
    assert "train/grad_norm" not in MessageHub.get_current_instance().log_scalars


def test_parameters_that_join_later_are_clipped_too() -> None:
    MessageHub.get_instance("joining")
    first, second = linear(), linear()
    wrapper = OptimWrapper(
        torch.optim.SGD(first.parameters(), lr=1.0), clip_grad={"max_norm": 1e-3}
    )
    wrapper.update_params(loss_of(first, batches(1)[0]))
    wrapper.optimizer.add_param_group({"params": [*second.parameters()]})
    before = second.weight.detach().clone()
    wrapper.update_params(loss_of(second, batches(1)[0]))
    assert 0 < float((second.weight.detach() - before).norm()) <= 1e-3 + 1e-6


def test_a_step_without_gradients_has_nothing_to_clip() -> None:
    wrapper = OptimWrapper(
        torch.optim.SGD(linear().parameters(), lr=0.1), clip_grad={"max_norm": 1}
    )
    wrapper.step()


@pytest.mark.parametrize(
    "options", [{}, {"accumulative_counts": 3}, {"clip_grad": {"max_norm": 1}}]
)
def test_a_step_reads_no_scalar(options: dict[str, Any]) -> None:
    MessageHub.get_instance("no scalar")
    model = linear()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), **options)
    wrapper.initialize_count_status(model, 0, 7)
    with ReadsOfScalars() as reads:
        for batch in batches(7):
            with wrapper.optim_context(model):
                loss = loss_of(model, batch)
            wrapper.update_params(loss)
    assert reads.count == 0
    with ReadsOfScalars() as reads:
        loss.item()
    assert reads.count == 1  # it would have been seen


def test_what_accumulation_can_do_wrong_is_told(caplog: pytest.LogCaptureFixture) -> None:
    model = nn.Sequential(linear(), nn.BatchNorm1d(2))
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), accumulative_counts=4)
    with caplog.at_level(logging.WARNING):
        wrapper.initialize_count_status(model, 6, 10)
    assert "after 6 iterations, in the middle of a window of 4" in caplog.text
    assert "batch normalisation sees each batch alone" in caplog.text


def test_rates_and_momenta_are_those_of_each_group() -> None:
    groups = [
        {"params": [nn.Parameter(torch.zeros(1))], "lr": 0.1},
        {"params": [nn.Parameter(torch.zeros(1))], "lr": 0.2},
    ]
    sgd = OptimWrapper(torch.optim.SGD(groups, lr=1.0, momentum=0.9))
    assert sgd.get_lr() == {"base_lr": [1.0], "lr": [0.1, 0.2]}
    assert sgd.get_momentum() == {"momentum": [0.9, 0.9]}
    adam = OptimWrapper(torch.optim.Adam([nn.Parameter(torch.zeros(1))], betas=(0.8, 0.9)))
    assert adam.get_momentum() == {"momentum": [0.8]}
    adagrad = OptimWrapper(torch.optim.Adagrad([nn.Parameter(torch.zeros(1))]))
    assert adagrad.get_momentum() == {"momentum": [0]}
    assert sgd.defaults is sgd.optimizer.defaults


def test_the_state_is_the_optimizers() -> None:
    model = linear()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
    wrapper.update_params(loss_of(model, batches(1)[0]))
    other = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
    other.load_state_dict(wrapper.optimizer.state_dict())
    moments = [each["momentum_buffer"] for each in other.state_dict()["state"].values()]
    assert len(moments) == 2
    assert torch.equal(moments[0], wrapper.optimizer.state[model.weight]["momentum_buffer"])


def test_wrong_arguments_are_named() -> None:
    optimizer = torch.optim.SGD(linear().parameters(), lr=0.1)
    with pytest.raises(TypeError, match="must be a torch optimizer, got 3"):
        OptimWrapper(3)
    for counts in (0, 1.5, "2"):
        with pytest.raises(ValueError, match=f"must be a positive int, got {counts!r}"):
            OptimWrapper(optimizer, accumulative_counts=counts)
    for clip in ({}, 35):
        with pytest.raises(TypeError, match=r"must be a dict such as dict\(max_norm=1\), got"):
            OptimWrapper(optimizer, clip_grad=clip)
    with pytest.raises(ValueError, match="'norm' or 'value', got 'both'"):
        OptimWrapper(optimizer, clip_grad={"type": "both"})


def test_it_says_what_it_wraps() -> None:
    text = repr(OptimWrapper(torch.optim.SGD(linear().parameters(), lr=0.1), accumulative_counts=2))
    assert text.startswith("Type: OptimWrapper\n_accumulative_counts: 2\noptimizer: \nSGD (")
