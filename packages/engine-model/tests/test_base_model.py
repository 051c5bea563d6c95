from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from trained_models import Regression, batches, wrapper_of

from engine_model import BaseDataPreprocessor, BaseModel, ImgDataPreprocessor


class Says(BaseModel):
    """Returns what it was given to say, and keeps what it was called with."""

    def __init__(self, losses: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.losses = losses
        self.called: list[Any] = []

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        self.called.append((args, kwargs))
        return self.losses


def test_a_step_moves_the_weights_as_a_plain_loop_does() -> None:
    model, plain = Regression(), Regression()
    optim_wrapper = wrapper_of(model)
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    for batch in batches():
        logged = model.train_step(batch, optim_wrapper)
        loss = (plain.layer(batch["inputs"]) - batch["target"]).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        assert torch.equal(logged["loss"], loss)
        assert not logged["loss"].requires_grad
    assert torch.equal(model.layer.weight, plain.layer.weight)


class Watched(Tensor):
    """Notes each call that reads a value, and so would wait for a device."""

    read: list[str] = []  # noqa: RUF012 - one list for all

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if name in {"item", "__float__", "__bool__", "__int__", "tolist", "cpu", "numpy"}:
            cls.read.append(name)
        return super().__torch_function__(func, types, args, kwargs or {})


def test_no_value_is_read_in_a_step() -> None:
    model = Regression()
    Watched.read.clear()
    batch = {name: value.as_subclass(Watched) for name, value in batches()[0].items()}
    logged = model.train_step(batch, wrapper_of(model))
    assert Watched.read == []
    assert isinstance(logged["loss"], Watched)
    assert float(logged["loss"]) > 0
    assert Watched.read  # it does see it


@pytest.mark.parametrize("mode", ["val_step", "test_step"])
def test_the_other_steps_predict(mode: str) -> None:
    model = Regression()
    batch = batches()[0]
    found = getattr(model, mode)(batch)
    assert torch.equal(torch.stack(found), model.layer(batch["inputs"]))


def test_a_dict_goes_in_by_names_and_a_sequence_in_order() -> None:
    model = Says()
    model.val_step({"inputs": 1, "data_samples": "x"})
    model.val_step([1, "x"])
    model.test_step((1, "x"))
    assert model.called == [
        ((), {"inputs": 1, "data_samples": "x", "mode": "predict"}),
        ((1, "x"), {"mode": "predict"}),
        ((1, "x"), {"mode": "predict"}),
    ]


def test_a_batch_that_cannot_be_taken_apart_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a dict, a list or a tuple for Says\.forward.*got int"):
        Says().val_step(3)


def test_the_sum_of_all_losses_comes_first_and_is_what_backward_is_called_on() -> None:
    part = torch.tensor([1.0, 3.0], requires_grad=True)
    total, logged = Says().parse_losses(
        {"acc": torch.tensor(0.5), "loss_a": part, "loss_b": [part, torch.tensor(4.0)]}
    )
    assert list(logged) == ["loss", "acc", "loss_a", "loss_b"]
    assert [value.item() for value in logged.values()] == [8.0, 0.5, 2.0, 6.0]
    assert total.requires_grad
    assert not any(value.requires_grad for value in logged.values())


def test_a_loss_among_others_counts_once_and_the_log_shows_the_sum() -> None:
    total, logged = Says().parse_losses({"loss_a": torch.tensor(1.0), "loss": torch.tensor(2.0)})
    assert total.item() == 3.0
    assert {name: value.item() for name, value in logged.items()} == {"loss": 3.0, "loss_a": 1.0}


def test_whole_numbers_can_be_logged() -> None:
    _, logged = Says().parse_losses(
        {"loss": torch.tensor(1.0), "hits": torch.tensor([1, 2]), "right": torch.tensor([True])}
    )
    assert (logged["hits"].item(), logged["right"].item()) == (1.5, 1.0)


@pytest.mark.parametrize(
    ("losses", "error", "message"),
    [
        ({"acc": torch.tensor(1.0)}, ValueError, r"Says\..*no loss.*there are \['acc'\]"),
        ({}, ValueError, "no names at all"),
        ({"loss": 1.0}, TypeError, "'loss' must be a tensor or a list of tensors, got 1.0"),
        ({"loss": [1.0]}, TypeError, "'loss' must be"),
        ({"loss": []}, TypeError, "'loss' must be"),
        (torch.tensor(1.0), TypeError, r"Says\..*must return a dict of losses.*got Tensor"),
        (None, TypeError, "got NoneType"),
    ],
)
def test_what_is_no_loss_is_refused(losses: Any, error: type[Exception], message: str) -> None:
    model = Says(losses)
    with pytest.raises(error, match=message):
        model.train_step({}, wrapper_of(nn.Linear(1, 1)))


def test_a_model_without_forward_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BaseModel()  # type: ignore[abstract]


def test_the_preprocessor_is_a_module_or_made_of_a_config() -> None:
    assert type(Says().data_preprocessor) is BaseDataPreprocessor
    own = BaseDataPreprocessor()
    assert Says(data_preprocessor=own).data_preprocessor is own
    made = Says(data_preprocessor={"type": "ImgDataPreprocessor", "pad_size_divisor": 8})
    assert isinstance(made.data_preprocessor, ImgDataPreprocessor)
    assert type(Says(data_preprocessor={"non_blocking": True}).data_preprocessor) is (
        BaseDataPreprocessor
    )
    with pytest.raises(TypeError, match="data_preprocessor must be a module or a config, got 3"):
        Says(data_preprocessor=3)


def test_the_preprocessor_follows_the_model_and_what_the_model_is_in() -> None:
    meta = torch.device("meta")
    model = Regression()
    assert model.to("meta").data_preprocessor.device == meta
    assert model.to(torch.float64).data_preprocessor.device == meta
    inside = Regression()
    nn.ModuleList([inside]).to("meta")
    assert inside.data_preprocessor.device == meta
    assert model.to_empty(device="cpu").data_preprocessor.device == torch.device("cpu")
    assert model.cpu() is model


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_step_on_a_gpu_waits_for_nothing() -> None:
    model = Regression().cuda()
    optim_wrapper = wrapper_of(model)
    assert model.data_preprocessor.device == torch.device("cuda", 0)
    batch = {name: value.cuda() for name, value in batches()[0].items()}
    model.train_step(batch, optim_wrapper)
    torch.cuda.set_sync_debug_mode("error")
    try:
        logged = model.train_step(batch, optim_wrapper)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert logged["loss"].is_cuda
    assert model.cpu().data_preprocessor.device == torch.device("cpu")
