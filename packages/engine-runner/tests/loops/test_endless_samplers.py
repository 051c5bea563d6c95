"""A sampler that never ends, where a pass has to: it ends at the loader's length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from toy import Count, Points, loader, toy_runner

from engine_runner.hooks import Hook


class Batches(Hook):
    """Counts the batches of each loop."""

    def __init__(self) -> None:
        self.counts = {"train": 0, "val": 0, "test": 0}

    def _after_iter(self, runner: Any, *args: Any, mode: str = "train", **kwargs: Any) -> None:
        self.counts[mode] += 1


@pytest.mark.parametrize("num_workers", [0, 2])
def test_epochs_and_evaluations_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, num_workers: int
) -> None:
    def endless(size: int) -> dict[str, Any]:
        sampler = {"type": "InfiniteSampler", "shuffle": True}
        return loader(Points(size), sampler=sampler, num_workers=num_workers)

    batches = Batches()
    runner = toy_runner(
        tmp_path,
        train_dataloader=endless(10),
        val_dataloader=endless(5),
        test_dataloader=endless(7),
        test_cfg={},
        test_evaluator={"type": Count},
        custom_hooks=[batches],
    )
    runner.train()
    assert (runner.epoch, runner.iter) == (2, 10)
    assert batches.counts == {"train": 2 * 5, "val": 2 * 3, "test": 0}
    runner.test()
    assert batches.counts["test"] == 4
    assert (
        "InfiniteSampler never ends, and here a pass has to: it is one of 5 batches" in caplog.text
    )
