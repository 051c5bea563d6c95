"""Data-parallel wrappers, against one process that sees the whole batch."""

from __future__ import annotations

from typing import Any

import pytest
import trained_models
from torch import nn

from engine_dist import launch
from engine_registry import MODEL_WRAPPERS, Registry
from engine_runner.model import BaseModel, is_model_wrapper


@pytest.fixture(scope="module")
def ranks() -> list[dict[str, list[float]]]:
    """What two processes found, by what they did."""
    return launch(trained_models.everything, 2, backend="gloo", timeout=60)


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
