"""A training goes on with other numbers of processes and other strategies, as if it were one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import resharding

from engine_dist import launch

FSDP: dict[str, Any] = {"type": "FSDPStrategy", "wrap_policy": ["Linear"]}
DDP: dict[str, Any] = {"type": "DDPStrategy"}
SINGLE: dict[str, Any] = {"type": "SingleDeviceStrategy"}

# Of each training, how it is saved on each leg of the way: 4 processes, 2, one, and 2 again.
LEGS = ((4, FSDP, 4), (2, DDP, 6), (1, SINGLE, 8), (2, FSDP, None))
WAYS = {
    "sharded": ("sharded",) * 4,
    "one file": ("full",) * 4,
    "in turn": ("sharded", "full", "sharded", "full"),
    "in turn the other way": ("full", "sharded", "full", "sharded"),
    "beside the training": ("sharded",) * 4,
    "with an average": ("sharded",) * 4,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "beside the training": {"async_save": True},
    "with an average": {"ema": True, "async_save": True},
}

Ranks = list[dict[str, Any]]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each way has its folder."""
    return tmp_path_factory.mktemp("legs")


@pytest.fixture(scope="module")
def trained(work: Path) -> dict[str, list[Ranks]]:
    """What each rank saw on each leg of each way."""
    found: dict[str, list[Ranks]] = {name: [] for name in WAYS}
    for leg, (world_size, strategy, stop) in enumerate(LEGS):
        given = [
            {
                "work_dir": str(work / name),
                "strategy": {**strategy, "state_dict_cfg": kinds[leg]},
                "stop": stop,
                **OPTIONS.get(name, {}),
            }
            for name, kinds in WAYS.items()
        ]
        if world_size == 1:
            ranks = [resharding.trainings(*given)]
        else:
            ranks = launch(
                resharding.trainings, world_size, given, backend="gloo", start_method="forkserver"
            )
        for place, name in enumerate(WAYS):
            found[name].append([rank[place] for rank in ranks])
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, dict[str, Any]]:
    """The training in one process without a stop, without and with an average."""
    work = tmp_path_factory.mktemp("whole")
    return {ema: resharding.train(str(work / f"{ema}"), SINGLE, ema=ema) for ema in (False, True)}


@pytest.mark.parametrize("name", WAYS)
def test_losses_rates_and_weights_are_those_of_one_process(
    trained: dict[str, list[Ranks]], whole: dict[bool, dict[str, Any]], name: str
) -> None:
    expected = whole["ema" in OPTIONS.get(name, {})]
    losses: dict[int, float] = {}
    for ranks in trained[name]:
        assert not losses.keys() & ranks[0]["losses"].keys()
        for iteration in ranks[0]["losses"]:
            losses[iteration] = sum(rank["losses"][iteration] for rank in ranks) / len(ranks)
            for rank in ranks:
                assert rank["rates"][iteration] == pytest.approx(expected["rates"][iteration])
    assert losses == pytest.approx(expected["losses"], rel=1e-4)
    assert sorted(losses) == [*range(resharding.NUM_ITERS)]
    for rank in trained[name][-1]:
        for key, value in expected["weights"].items():
            assert flat(rank["weights"][key]) == pytest.approx(flat(value), rel=1e-3, abs=1e-5)


def flat(value: Any) -> list[float]:
    return [one for each in value for one in flat(each)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", WAYS)
def test_checkpoints_are_of_the_kind_that_is_asked_for_and_old_ones_go(
    trained: dict[str, list[Ranks]], name: str
) -> None:
    for kind, ranks, stop in zip(WAYS[name], trained[name], (4, 6, 8, 12), strict=True):
        folders = ranks[0]["folders"]
        assert sorted(folders) == sorted(f"iter_{each}.pth" for each in (stop - 2, stop))
        assert folders[f"iter_{stop}.pth"] == (kind == "sharded")


def test_folders_are_whole_and_hold_a_file_of_each_rank(
    trained: dict[str, list[Ranks]], work: Path
) -> None:
    assert trained
    last = work / "sharded" / "iter_12.pth"
    names = sorted(path.name for path in last.iterdir())
    assert names == [".metadata", "__0_0.distcp", "__1_0.distcp", "content.pth", "manifest.json"]
    left = [path.name for path in work.glob("*/.*")]
    assert left == []
