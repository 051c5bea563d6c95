"""Processes that are killed while they write a sharded checkpoint leave whole ones, and go on."""

from __future__ import annotations

import json
import multiprocessing
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
import resharding

from engine_checkpoint import is_sharded_checkpoint, is_whole, numbers_in

KILLS = 8
NUM_ITERS = 80
PATIENCE_S = 120.0

# Forked from one process that has imported everything: a start takes no seconds.
CONTEXT = multiprocessing.get_context("forkserver")


@contextmanager
def training(work_dir: Path, *, async_save: bool) -> Iterator[list[BaseProcess]]:
    """Two processes that go on with a training; they are killed when the block ends."""
    CONTEXT.set_forkserver_preload(["resharding"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {
        "work_dir": str(work_dir),
        "strategy": {
            "type": "FSDPStrategy",
            "wrap_policy": ["Linear"],
            "state_dict_cfg": "sharded",
        },
        "async_save": async_save,
        "num_iters": NUM_ITERS,
        "interval": 1,
    }
    processes = [
        CONTEXT.Process(target=resharding.member, args=(rank, 2, port, given)) for rank in range(2)
    ]
    for process in processes:
        process.start()
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.join()


def wait_for(work_dir: Path, number: int, processes: list[BaseProcess]) -> None:
    """Wait until so many checkpoints have been begun, or somebody has left."""
    seen: set[str] = set()
    deadline = time.monotonic() + PATIENCE_S
    while len(seen) < number and all(process.is_alive() for process in processes):
        seen |= {path.name for path in work_dir.glob(".*.draft")}
        assert time.monotonic() < deadline, "no checkpoint was begun"


@pytest.mark.parametrize("async_save", [False, True], ids=["now", "beside"])
def test_a_training_that_is_killed_while_it_saves_goes_on_as_if_it_were_not(
    tmp_path: Path, async_save: bool
) -> None:
    draw = random.Random(7)
    work, newest = tmp_path / "work", 0
    work.mkdir()
    for _ in range(KILLS):
        with training(work, async_save=async_save) as processes:
            wait_for(work, draw.randint(1, 4), processes)
            moment = time.perf_counter() + draw.uniform(0, 0.02)
            while time.perf_counter() < moment:
                pass  # somewhere within the writing
        numbers = numbers_in(str(work), "iter_{}.pth")
        for number in numbers:
            folder = work / f"iter_{number}.pth"
            assert is_sharded_checkpoint(folder)
            assert is_whole(str(folder))
        assert max(numbers, default=0) >= newest
        newest = max(numbers, default=0)
    assert 0 < newest < NUM_ITERS
    with training(work, async_save=async_save) as processes:
        for process in processes:
            process.join(PATIENCE_S)
        assert [process.exitcode for process in processes] == [0, 0]
    seen = [json.loads((work / f"seen_{rank}.json").read_text("utf-8")) for rank in range(2)]
    assert min(map(int, seen[0]["losses"])) == newest
    single: dict[str, Any] = {"type": "SingleDeviceStrategy"}
    whole = resharding.train(
        str(tmp_path / "whole"), single, num_iters=NUM_ITERS, interval=NUM_ITERS
    )
    for number, loss in seen[0]["losses"].items():
        mean = (loss + seen[1]["losses"][number]) / 2
        assert mean == pytest.approx(whole["losses"][int(number)], rel=1e-3)
    assert list(work.glob(".*")) == []
