"""Data-parallel wrappers, against one process that sees the whole batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import trained_models
from torch import nn

from engine_checkpoint import get_state_dict, load_checkpoint
from engine_dist import launch
from engine_model import BaseModel, is_model_wrapper
from engine_optim import build_optim_wrapper
from engine_registry import MODEL_WRAPPERS, Registry


@pytest.fixture(scope="module")
def ranks() -> list[dict[str, list[float]]]:
    """What two processes found, by what they did."""
    return launch(
        trained_models.everything, 2, backend="gloo", start_method="forkserver", timeout=60
    )


@pytest.mark.parametrize("how", ["plain", "accumulated"])
def test_two_processes_train_as_one_with_the_whole_batch(ranks: Any, how: str) -> None:
    assert ranks[0][how] == ranks[1][how]
    # Only the order in which floats are added up differs.
    assert ranks[0][how] == pytest.approx(trained_models.train_alone(), abs=1e-6)


def test_parts_that_are_wrapped_by_themselves_train_as_in_one_process(ranks: Any) -> None:
    assert ranks[0]["pair"] == ranks[1]["pair"]
    assert ranks[0]["pair"] == pytest.approx(trained_models.train_pair_alone(), abs=1e-6)


def test_nothing_is_exchanged_without_sync(ranks: Any) -> None:
    assert ranks[0]["without sync"] != ranks[1]["without sync"]


def test_a_wrapper_is_told_from_a_model() -> None:
    model = trained_models.Regression()
    assert not is_model_wrapper(model)
    assert is_model_wrapper(nn.DataParallel(model))


def test_a_registered_class_is_a_wrapper_and_one_of_a_library_too() -> None:
    class Wrapper(nn.Module):
        pass

    class OfLibrary(nn.Module):
        pass

    here = Registry("model_wrapper", scope="here")
    library = Registry("model_wrapper", parent=here, scope="library")
    here.register_module(module=Wrapper)
    library.register_module(module=OfLibrary)
    assert is_model_wrapper(Wrapper(), here)
    assert is_model_wrapper(OfLibrary(), here)
    assert not is_model_wrapper(BaseModelOfMine(), here)
    assert not is_model_wrapper(Wrapper())


class BaseModelOfMine(BaseModel):
    def forward(self, *args: Any, **kwargs: Any) -> Any: ...


def test_wrappers_are_found_by_name() -> None:
    for name in (
        "MMDistributedDataParallel",
        "MMSeparateDistributedDataParallel",
        "DataParallel",
        "DistributedDataParallel",
    ):
        found = MODEL_WRAPPERS.get(name)
        assert isinstance(found, type)
        assert found.__name__ == name


class Plain(nn.Module):
    """A wrapper of somebody's own."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module


def test_a_registry_of_wrappers_is_asked_and_no_other() -> None:
    registry = Registry("model wrapper", scope="own")
    registry.register_module(module=Plain)
    parallel = nn.DataParallel(nn.Linear(1, 1))
    assert is_model_wrapper(Plain(parallel), registry=registry)
    assert not is_model_wrapper(parallel, registry=registry)
    assert is_model_wrapper(parallel)
    assert not is_model_wrapper(Plain(parallel))


def test_weights_of_a_registered_wrapper_are_those_of_its_model(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    MODEL_WRAPPERS.register_module(module=Plain, name="WrapperOfTest")
    try:
        wrapped = Plain(model)
        assert sorted(get_state_dict(wrapped)) == ["bias", "weight"]
        file = str(tmp_path / "a.pth")
        torch.save(
            {"state_dict": {"module.weight": torch.ones(1, 2), "module.bias": torch.ones(1)}}, file
        )
        load_checkpoint(wrapped, file, strict=True)
        assert model.weight.tolist() == [[1.0, 1.0]]
    finally:
        del MODEL_WRAPPERS.module_dict["WrapperOfTest"]


class NoModule:
    """A wrapper that is no torch module."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module


@pytest.mark.parametrize("options", [None, {"bias_lr_mult": 2.0}])
def test_an_optimizer_is_built_of_the_model_in_any_object(options: Any) -> None:
    config = {"optimizer": {"type": "SGD", "lr": 0.1}, "paramwise_cfg": options}
    wrapper = build_optim_wrapper(NoModule(nn.Linear(1, 1)), config)  # type: ignore[arg-type]
    assert wrapper.get_lr()["lr"] == ([0.1] if options is None else [0.1, 0.2])
