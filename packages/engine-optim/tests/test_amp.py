"""Mixed precision trains what full precision trains, nearly."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine_dist.accelerator import get_device
from engine_optim import AmpOptimWrapper, OptimWrapper

DEVICE = get_device()
INPUTS = torch.linspace(-1, 1, 12).view(4, 3).to(DEVICE)


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2).to(DEVICE)


def trained(wrapper: Any, model: nn.Module, steps: int) -> nn.Module:
    wrapper.initialize_count_status(model, 0, steps)
    for _ in range(steps):
        with wrapper.optim_context(model):
            loss = model(INPUTS).square().mean()
        wrapper.update_params(loss)
    return model


def amp(model: nn.Module, **options: Any) -> AmpOptimWrapper:
    return AmpOptimWrapper(optimizer=torch.optim.SGD(model.parameters(), lr=0.1), **options)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", torch.float16, "float32", None])
@pytest.mark.parametrize("counts", [1, 3])
def test_it_trains_as_full_precision_does(dtype: Any, counts: int) -> None:
    half, full = linear(), linear()
    trained(amp(half, dtype=dtype, accumulative_counts=counts), half, 7)
    optimizer = torch.optim.SGD(full.parameters(), lr=0.1)
    trained(OptimWrapper(optimizer, accumulative_counts=counts), full, 7)
    torch.testing.assert_close(half.weight, full.weight, rtol=0.05, atol=0.01)
    assert half.weight.dtype is torch.float32
    assert torch.equal(half.weight, full.weight) == (dtype == "float32")


def test_it_computes_in_half_precision() -> None:
    model = linear()
    for dtype in (torch.float16, torch.bfloat16):
        with amp(model, dtype=dtype).optim_context(model):
            assert model(INPUTS).dtype is dtype
    assert model(INPUTS).dtype is torch.float32


def test_the_loss_is_scaled_with_float16_alone() -> None:
    assert amp(linear(), dtype="float16").loss_scaler.is_enabled()
    assert not amp(linear(), dtype="bfloat16").loss_scaler.is_enabled()
    assert amp(linear()).loss_scaler.is_enabled() == (DEVICE != "cpu")


def test_a_step_whose_gradients_overflow_is_left_out() -> None:
    model = linear()
    wrapper = amp(model, dtype="float16", loss_scale={"init_scale": 64.0})
    before = model.weight.detach().clone()
    wrapper.update_params(model(INPUTS).sum() * float("inf"))
    assert torch.equal(model.weight, before)
    assert wrapper.loss_scaler.get_scale() == 32.0


def test_a_fixed_scale_stays() -> None:
    model = linear()
    wrapper = amp(model, dtype="float16", loss_scale=8.0)
    wrapper.update_params(model(INPUTS).sum() * float("inf"))
    trained(wrapper, model, 3)
    assert wrapper.loss_scaler.get_scale() == 8.0


def test_gradients_are_clipped_in_their_own_scale() -> None:
    model = linear()
    before = model.weight.detach().clone()
    trained(amp(model, dtype="float16", loss_scale=8.0, clip_grad={"max_norm": 0.01}), model, 1)
    assert 0 < float((model.weight.detach() - before).norm()) <= 0.1 * 0.01 + 1e-6


def test_the_scale_is_part_of_the_state() -> None:
    model = linear()
    wrapper = amp(model, dtype="float16", loss_scale={"init_scale": 4.0})
    trained(wrapper, model, 2)
    state = wrapper.state_dict()
    assert state["loss_scaler"]["scale"] == 4.0
    other = amp(model, dtype="float16")
    other.load_state_dict(state)
    assert other.loss_scaler.get_scale() == 4.0
    assert "loss_scaler" in state  # what was given isn't changed


def test_states_go_from_one_precision_to_another() -> None:
    model = linear()
    plain = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.5))
    half, brain = amp(model, dtype="float16"), amp(model, dtype="bfloat16")
    half.load_state_dict(plain.state_dict())
    assert half.get_lr() == {"lr": [0.5]}
    brain.load_state_dict(half.state_dict())
    half.load_state_dict(brain.state_dict())
    assert half.get_lr() == brain.get_lr() == {"lr": [0.5]}


def test_the_scale_of_a_sharded_model_is_that_of_all_ranks() -> None:
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        model = linear()
        wrapper = amp(model, dtype="float16", loss_scale={"init_scale": 64.0}, use_fsdp=True)
        wrapper.update_params(model(INPUTS).sum() * float("inf"))
        assert type(wrapper.loss_scaler).__name__ == "ShardedGradScaler"
        assert wrapper.loss_scaler.get_scale() == 32.0
    finally:
        torch.distributed.destroy_process_group()


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(TypeError, match="'dynamic', a number or a dict, got 'static'"):
        amp(linear(), loss_scale="static")
    with pytest.raises(ValueError, match="one of float16, bfloat16, float32, or None: got 'int8'"):
        amp(linear(), dtype="int8")
    assert AmpOptimWrapper.valid_dtypes == ("float16", "bfloat16", "float32")
