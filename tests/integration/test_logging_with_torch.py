"""engine-logging knows no torch; here it meets torch's own tensors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine_logging import HistoryBuffer, MessageHub
from engine_logging.scalar import Deferred, to_number


@pytest.fixture
def hub() -> Iterator[MessageHub]:
    yield MessageHub.get_instance("torch")
    MessageHub._instance_dict.clear()


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(0.5),
        torch.tensor([0.5]),
        torch.tensor([[0.5]], dtype=torch.float64),
        torch.tensor(0.5, dtype=torch.bfloat16),
        torch.tensor(0.5, requires_grad=True),
        (torch.ones(2, requires_grad=True) * 0.25).sum(),
    ],
)
def test_a_tensor_of_one_element_is_a_scalar(hub: MessageHub, tensor: torch.Tensor) -> None:
    hub.update_scalar("loss", tensor)
    assert hub.get_scalar("loss").current() == 0.5


def test_integers_and_truth_values_keep_their_type() -> None:
    assert to_number(torch.tensor(3)) == 3 and type(to_number(torch.tensor(3))) is int
    assert to_number(torch.tensor(True)) is True


@pytest.mark.parametrize("shape", [(2,), (0,), (2, 2)])
def test_a_larger_tensor_is_refused(hub: MessageHub, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"one element, got {torch.Size(shape).numel()}"):
        hub.update_scalar("loss", torch.zeros(shape))
    assert hub.log_scalars == {}


def test_later_changes_in_place_do_not_reach_the_history(hub: MessageHub) -> None:
    total = torch.zeros(())
    for number in range(3):
        total += number
        hub.update_scalar("total", total)
    assert hub.get_scalar("total").data[0].tolist() == [0, 1, 3]


def test_a_deferred_tensor_keeps_its_value_and_no_graph() -> None:
    """As on a device; the copying itself is the same on the CPU."""
    fresh = (torch.ones(2, requires_grad=True) * 0.25).sum()
    accumulator = torch.zeros(())
    accumulator += 1
    part = torch.arange(3.0)[1]
    with torch.inference_mode():
        inference = torch.ones(()) * 2
    kept = [Deferred(each) for each in (fresh, accumulator, part, inference)]
    assert not kept[0]._tensor.requires_grad
    assert kept[0]._tensor.data_ptr() == fresh.data_ptr()
    accumulator += 1
    part += 5
    assert [each.fetch() for each in kept] == [0.5, 1.0, 1.0, 2.0]


def test_the_state_is_loaded_with_weights_only(hub: MessageHub, tmp_path: Path) -> None:
    for number in range(5):
        hub.update_scalar("loss", torch.tensor(float(number)))
    hub.update_info_dict({"iter": 5, "best": torch.tensor(0.5), "classes": ("cat", "dog")})
    torch.save(hub.state_dict(), tmp_path / "hub.pth")
    other = MessageHub.get_instance("other")
    other.load_state_dict(torch.load(tmp_path / "hub.pth", weights_only=True))
    assert other.get_scalar("loss").data[0].tolist() == [0, 1, 2, 3, 4]
    assert other.get_info("iter") == 5 and other.get_info("classes") == ("cat", "dog")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.accelerator.is_available(), reason="needs an accelerator")
def test_a_tensor_on_a_device_is_not_waited_for() -> None:
    device = torch.accelerator.current_accelerator()
    buffer = HistoryBuffer()
    if device is not None and device.type == "cuda":
        torch.cuda.set_sync_debug_mode("error")
    try:
        total = torch.zeros((), device=device)
        for _ in range(10):
            total = total + 1
            buffer.update(total)
    finally:
        if device is not None and device.type == "cuda":
            torch.cuda.set_sync_debug_mode("default")
    assert buffer.mean() == 5.5
