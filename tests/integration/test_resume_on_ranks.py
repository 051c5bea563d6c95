"""Several processes that stop and go on, as many as before, fewer or more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import ranked

from engine_dist import launch

NUM_ITERS = 8
LOOPS = {"epochs": True, "iterations": False}

Ranks = list[dict[str, Any]]


def steps(ranks: Ranks) -> dict[int, tuple[list[int], float]]:
    """Of each iteration, the samples of all ranks together, and the mean of the losses."""
    return {
        iteration: (
            sorted(index for rank in ranks for index in rank["seen"][iteration][0]),
            sum(rank["seen"][iteration][1] for rank in ranks) / len(ranks),
        )
        for iteration in ranks[0]["seen"]
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ranks]:
    """What each rank of each training saw; few groups, as it takes processes long to start."""
    work = tmp_path_factory.mktemp("ranks")
    config = str(Path(ranked.__file__).with_name("exact_config.py"))
    found: dict[str, Ranks] = {}

    def train(world_size: int, **wanted: dict[str, Any]) -> None:
        given = [{"config": config, **each} for each in wanted.values()]
        if world_size == 1:
            ranks = [ranked.trainings(*given)]
        else:
            ranks = launch(
                ranked.trainings, world_size, given, backend="gloo", start_method="forkserver"
            )
        for place, name in enumerate(wanted):
            found[name] = [rank[place] for rank in ranks]

    def each_loop(name: str, folder: str, **options: Any) -> dict[str, dict[str, Any]]:
        return {
            f"{name} {loop}": {"work_dir": f"{work}/{folder} {loop}", "by_epoch": value, **options}
            for loop, value in LOOPS.items()
        }

    own = {"model": "Drawing", "work_dir": f"{work}/own"}
    many = {"is_one_of_many": True, "stop": 5}
    apart = {**own, "work_dir": f"{work}/apart", "state_dict_cfg": "sharded", **many}
    alike = {"model": "Alike", "work_dir": f"{work}/alike", **many}
    train(1, **each_loop("whole", "whole"))
    train(
        2,
        **each_loop("two", "rest", stop=2),
        own={**own, "work_dir": f"{work}/own whole"},
        own_begun={**own, "stop": 5},
        own_rest=own,
        apart_begun=apart,
        apart_rest={**apart, "stop": None},
        alike={**alike, "work_dir": f"{work}/alike whole", "stop": None},
        alike_begun=alike,
        alike_rest={**alike, "stop": None},
    )
    train(1, **each_loop("one", "rest", stop=5))
    train(4, **each_loop("four", "rest"))
    return found


@pytest.mark.parametrize("loop", LOOPS)
def test_two_one_and_four_processes_make_the_training_of_one(
    trained: dict[str, Ranks], loop: str
) -> None:
    expected = steps(trained[f"whole {loop}"])
    found: dict[int, tuple[list[int], float]] = {}
    for name in ("two", "one", "four"):
        part = steps(trained[f"{name} {loop}"])
        assert not found.keys() & part.keys()
        found |= part
    assert sorted(found) == sorted(expected) == list(range(NUM_ITERS))
    for iteration, (samples, loss) in expected.items():
        assert found[iteration] == (samples, pytest.approx(loss, rel=1e-5))
    for name, value in trained[f"whole {loop}"][0]["weights"].items():
        for rank in trained[f"four {loop}"]:
            assert rank["weights"][name] == pytest.approx(value, rel=1e-4, abs=1e-6)


def test_two_processes_with_generators_of_their_own_go_on_to_the_bit(
    trained: dict[str, Ranks],
) -> None:
    whole = trained["own"]
    for one, begun, rest in zip(whole, trained["own_begun"], trained["own_rest"], strict=True):
        assert {**begun["seen"], **rest["seen"]} == one["seen"]
        assert rest["weights"] == one["weights"]
    assert whole[0]["seen"] != whole[1]["seen"]


@pytest.mark.parametrize(("whole", "part"), [("own", "apart"), ("alike", "alike")])
def test_ranks_that_are_too_many_for_one_file_go_on_as_if_they_had_not_stopped(
    trained: dict[str, Ranks], whole: str, part: str
) -> None:
    begun, rest = trained[f"{part}_begun"], trained[f"{part}_rest"]
    for one, before, after in zip(trained[whole], begun, rest, strict=True):
        found = {**before["seen"], **after["seen"]}
        assert not before["seen"].keys() & after["seen"].keys()
        assert found.keys() == one["seen"].keys()
        for iteration, (samples, loss) in one["seen"].items():
            # of a window in which it stopped the mean of all ranks' gradients is kept
            assert found[iteration] == (samples, pytest.approx(loss, rel=1e-5))
        for name, value in one["weights"].items():
            # one file keeps the main rank's statistics alone
            if part == "apart" or "running" not in name or one is trained[whole][0]:
                assert after["weights"][name] == pytest.approx(value, rel=1e-4, abs=1e-6), name
