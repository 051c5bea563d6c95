"""What the framework costs on the first and the last of many ranks: counted, at several sizes.

Two processes are real; see `crowd` for what of the others is.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import many_ranks
import pytest
from many_ranks import STOPPED_AFTER, Found

SIZES = (2, 64, 128, 4096)
KEPT = 64  # so many ranks' states are kept in one file
ONE_STATE = 40_000  # more than the random state of a rank takes, which is kept twice
PLACES = {"first": 0, "last": 1}


@pytest.fixture(scope="session")
def _engines_compiled() -> None:
    """Nothing here needs a foreign engine."""


@pytest.fixture(scope="module")
def found() -> dict[int, tuple[Found, Found]]:
    patch = pytest.MonkeyPatch()  # the processes start before a test's own
    with patch.context() as environment:
        environment.setenv("OMP_NUM_THREADS", "1")
        environment.setenv("PYTHONPATH", str(Path(many_ranks.__file__).parent), prepend=os.pathsep)
        return {size: many_ranks.measure(size) for size in SIZES}


both = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)


@both
def test_no_iteration_has_a_collective_of_ours(
    found: dict[int, tuple[Found, Found]], place: int
) -> None:
    for ranks in found.values():
        for name in ("one file", "sharded"):
            stage = f"iteration, {name}"
            assert ranks[place].counts(stage) == {}
            assert ranks[place].counts(stage, is_ours=False)  # there were some, and of torch


def test_what_the_last_rank_has_heard_stops_all_at_an_iteration_and_costs_a_rank_a_few_words(
    found: dict[int, tuple[Found, Found]],
) -> None:
    for size, (first, last) in found.items():
        assert first.iterations == last.iterations >= STOPPED_AFTER
        told = [
            {kind: each.asked.get(kind, 0) for kind in ("set", "add", "get")}
            for each in (first, last)
        ]
        assert [each["add"] for each in told] == [1, 1]
        assert all(1 <= each["set"] <= 3 for each in told)
        assert sorted(each["get"] for each in told) == [1, 1 + size]  # who spoke last reads all


@both
@pytest.mark.parametrize(
    "stage", ["start", "start, sharded", "evaluation", "resume, one file", "end, one file"]
)
def test_a_stage_costs_the_same_whatever_the_number_of_ranks(
    found: dict[int, tuple[Found, Found]], place: int, stage: str
) -> None:
    # a training that is stopped within a window of accumulation puts its gradients together, too
    may_differ = stage == "end, one file"
    most = 1000 if may_differ else math.inf
    few, many = (found[size][place].counts(stage, most=most) for size in (KEPT * 2, max(SIZES)))
    assert few.keys() == many.keys() != set()
    if may_differ:
        assert all(sent + received < 1000 for _, sent, received in (*few.values(), *many.values()))
    else:
        assert few == many == found[2][place].counts(stage)
    assert all(number <= 50 for number, _, _ in many.values())


@both
@pytest.mark.parametrize("stage", ["save, one file", "save, one file, in a window"])
def test_a_checkpoint_of_one_file_costs_the_same_beyond_the_ranks_that_it_keeps(
    found: dict[int, tuple[Found, Found]], place: int, stage: str
) -> None:
    some, many = found[KEPT * 2][place], found[4096][place]
    assert some.counts(stage) == many.counts(stage) != {}
    assert many.counts(stage).keys() <= {"all_reduce", "broadcast"}
    assert some.sizes[stage] == many.sizes[stage] < found[2][place].sizes[stage]
    assert found[KEPT][place].sizes[stage] < KEPT * ONE_STATE
    assert many.peaks[stage] < 500_000


def test_evaluating_takes_as_much_memory_on_rank_0(found: dict[int, tuple[Found, Found]]) -> None:
    peaks = [found[size][0].peaks["evaluation"] for size in SIZES]
    assert max(peaks) < min(peaks) + 200_000


@both
def test_gathering_every_prediction_is_what_grows(
    found: dict[int, tuple[Found, Found]], place: int
) -> None:
    counts = {size: found[size][place].counts("gathering") for size in SIZES}
    if place == 0:
        assert {size: counts[size]["recv"][0] for size in SIZES} == {n: n - 1 for n in SIZES}
        assert counts[4096]["gather"] == (1, 8, 8 * 4096)
    else:
        assert all(counts[size]["send"][0] == 1 for size in SIZES)
    rest = [
        {k: v for k, v in each.items() if k not in ("recv", "gather", "send")}
        for each in counts.values()
    ]
    assert rest == [rest[0]] * len(SIZES)


def test_a_sharded_checkpoint_tells_rank_0_some_bytes_of_each_piece(
    found: dict[int, tuple[Found, Found]],
) -> None:
    pieces = 6 * 2  # weights and their momenta
    for size in SIZES[2:]:  # of fewer, a state of each rank is gathered, too
        first, last = (each.counts("save, sharded") for each in found[size])
        number, _, received = first["recv"]
        assert number == size - 1 and received < (size - 1) * pieces * 150
        assert last["send"][0] == 1 and last.keys() == {"all_reduce", "broadcast", "gather", "send"}
        assert first["broadcast"][0] == last["broadcast"][0] == 4
