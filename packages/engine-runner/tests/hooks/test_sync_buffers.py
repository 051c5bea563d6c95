"""The same statistics on all ranks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import ranks
from toy import QUIET, Points, loader

import engine_dist
from engine_runner.hooks import SyncBuffersHook


def test_ranks_validate_with_the_mean_of_their_statistics(tmp_path: Path) -> None:
    work_dir = str(tmp_path)
    first, second = engine_dist.launch(
        ranks.synced_buffers, 2, (work_dir,), backend="gloo", start_method="forkserver", timeout=60
    )
    assert first["own"] != second["own"]
    mean = [(a + b) / 2 for a, b in zip(first["own"], second["own"], strict=True)]
    assert first["validated"] == second["validated"] == pytest.approx(mean, rel=1e-6)
    assert first["count"] == 4


def test_one_process_has_nothing_to_do(toy: Any) -> None:
    runner = toy(
        model=ranks.Normed(),
        train_dataloader=loader(Points(8)),
        custom_hooks=[SyncBuffersHook()],
        default_hooks=QUIET,
    )
    runner.train()
    assert runner.model.norm.num_batches_tracked == 8
