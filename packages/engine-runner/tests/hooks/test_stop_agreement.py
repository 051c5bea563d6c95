"""What one rank has heard, all ranks know at the same iteration."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from stopped import stopped_on_one_rank
from torch.distributed import HashStore

from engine_dist import launch
from engine_runner.hooks.stop_agreement import Agreement


def test_of_one_process_everything_is_known_at_once() -> None:
    words = [0, 3]
    agreement = Agreement(lambda: words[0], interval=100)
    assert agreement() == 0
    words.pop(0)
    assert agreement() == 3
    agreement.close()


class Rank(threading.Thread):
    """Iterates until all ranks stop, as far apart from the others as ranks without a barrier."""

    def __init__(self, rank: int, store: Any, words: dict[int, int], **options: Any) -> None:
        super().__init__()
        self.agreement = Agreement(lambda: words.get(rank, 0), store=store, rank=rank, **options)
        self.draw, self.stopped_at, self.code = random.Random(rank), 0, 0

    def run(self) -> None:
        while not self.code:
            self.stopped_at += 1
            threading.Event().wait(self.draw.random() / 100)  # an iteration takes a while
            self.code = self.agreement()
        self.agreement.close()


@pytest.mark.parametrize("interval", [None, 7])
@pytest.mark.parametrize("world_size", [2, 5])
def test_ranks_of_any_pace_stop_after_the_same_iteration(
    world_size: int, interval: int | None
) -> None:
    store, words = HashStore(), {}
    ranks = [
        Rank(rank, store, words, world_size=world_size, interval=interval)
        for rank in range(world_size)
    ]
    for rank in ranks:
        rank.start()
    words.update({1: 20, 0: 10})  # the larger one counts
    for rank in ranks:
        rank.join(30)
    assert len({rank.stopped_at for rank in ranks}) == 1
    assert {rank.code for rank in ranks} == {20}
    assert ranks[0].stopped_at % (interval or 1) == 0


def test_iterations_that_become_slow_do_not_keep_a_word_waiting() -> None:
    store, words = HashStore(), {}
    one, other = (
        Agreement(lambda r=rank: words.get(r, 0), store=store, rank=rank, world_size=2)  # type: ignore[misc]  # bound early
        for rank in range(2)
    )
    for _ in range(100_000):  # quick ones say nothing of those to come
        assert one() == other() == 0
    words[1] = 5
    until = time.monotonic() + 20
    while one._end is None and time.monotonic() < until:  # within one slow iteration
        threading.Event().wait(0.01)
    with ThreadPoolExecutor(2) as ranks:
        assert [*ranks.map(lambda each: each(), (one, other))] == [5, 5]
    one.close()
    other.close()


def test_a_signal_on_one_rank_stops_all_at_the_same_iteration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    first, second = launch(
        stopped_on_one_rank, 2, [str(tmp_path)], backend="gloo", start_method="forkserver"
    )
    assert first == second
    assert (first["code"], first["reason"]) == (130, "SIGINT")
    iteration = first["went_on_at"]
    assert iteration in (4, 8)  # of an interval of four
    assert first["checkpoint"] == str(tmp_path / "work" / f"preempted_iter_{iteration}.pth")
    assert first["weights"] == first["untouched"]
