"""Where a training runs makes no difference to its result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import ranks
import torch
from torch import nn
from toy import Line

import engine_dist
from engine_checkpoint import read_file
from engine_runner.strategy import BaseStrategy, DDPStrategy, SingleDeviceStrategy


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each of two processes found."""
    work_dir = str(tmp_path_factory.mktemp("two"))
    return engine_dist.launch(
        ranks.all_of_it, 2, (work_dir,), backend="gloo", start_method="forkserver", timeout=60
    )


@pytest.mark.parametrize(("kind", "accumulative_counts"), [("plain", 1), ("accumulated", 2)])
def test_two_processes_train_as_one_with_the_double_batch(
    tmp_path: Path, of_two: list[dict[str, Any]], kind: str, accumulative_counts: int
) -> None:
    one = ranks.train(str(tmp_path / "one"), 4, accumulative_counts)
    first, second = (each[kind] for each in of_two)
    assert first["weights"] == second["weights"]
    assert (first["wrapper"], first["strategy"]) == ("MMDistributedDataParallel", "DDPStrategy")
    assert (one["wrapper"], one["strategy"]) == ("Line", "SingleDeviceStrategy")
    assert (first["read"], second["read"]) == ([0, 2, 4, 6], [1, 3, 5, 7])
    for name, value in one["weights"].items():
        # The mean of two means is rounded otherwise than the mean of all.
        torch.testing.assert_close(
            torch.tensor(first["weights"][name]), torch.tensor(value), rtol=1e-5, atol=1e-6
        )


def test_ranks_with_seeds_of_their_own_begin_with_the_same_weights(
    of_two: list[dict[str, Any]],
) -> None:
    first, second = (each["begun"] for each in of_two)
    assert first == second
    assert len(set(first[:2])) == 2  # drawn, not constant


def test_a_data_parallel_model_is_wrapped_once_and_its_wrapper_is_no_part_of_names(
    of_two: list[dict[str, Any]],
) -> None:
    keys = list(ranks.Normed().state_dict())
    for rank, each in enumerate(of_two):
        assert each["placed"] == {
            "rank": rank,
            "unused": True,
            "again": True,
            "keys": keys,
            "loaded": len(keys),
        }


def test_a_single_device_has_plain_batch_norm() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.SyncBatchNorm(2))
    placed: Any = SingleDeviceStrategy().place(model)
    assert not isinstance(placed[1], nn.SyncBatchNorm)
    assert placed(torch.ones(2, 1, 2, 2)).shape == (2, 2, 2, 2)


def test_state_goes_out_and_in(tmp_path: Path) -> None:
    strategy: BaseStrategy = SingleDeviceStrategy()
    model, other = strategy.place(Line()), strategy.place(Line())
    model.layer.weight.data.fill_(3)
    address = str(tmp_path / "a.pth")
    strategy.write({"state_dict": strategy.model_state(model)}, address)
    state = strategy.read(address, logger="silent")["state_dict"]
    assert strategy.load_model_state(other, state, strict=True).num_loaded == 2
    assert other.layer.weight.tolist() == [[3, 3]]
    assert list(read_file(address)["state_dict"]) == ["layer.weight", "layer.bias"]


def test_a_strategy_of_ones_own_says_only_where_the_model_goes() -> None:
    class Doubles(BaseStrategy):
        def convert_model(self, model: nn.Module) -> nn.Module:
            return model.double()

    assert next(Doubles().place(nn.Linear(1, 1)).parameters()).dtype == torch.float64
    assert Doubles().device.type == DDPStrategy().device.type
