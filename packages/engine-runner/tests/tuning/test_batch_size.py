"""The batch-size search, on a model whose memory is known."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine_config import Config
from engine_runner.tuning import find_batch_size

MIB = 2**20
LIBRARY = Path(__file__).parents[1] / "library"


def config(tmp_path: Path, **changed: Any) -> Config:
    shutil.copy(LIBRARY / "hungry.py", tmp_path)
    (tmp_path / "config.py").write_text(
        """
custom_imports = dict(imports=["hungry"])
model = dict(type="Hungry")
train_dataloader = dict(
    batch_size=1,
    dataset=dict(type="Zeros", size=100),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
train_cfg = dict(by_epoch=True, max_epochs=1)
optim_wrapper = dict(optimizer=dict(type="SGD", lr=0.1))
work_dir = "never_made"
"""
    )
    return Config.fromfile(tmp_path / "config.py", **changed)


def test_the_largest_that_fits_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample takes between 64 and 192 MiB: with 448 above what one takes, 2 fit and 8 don't."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    cfg = config(tmp_path)
    (one,) = find_batch_size(cfg, largest=1, num_iters=2, memory_limit_bytes=8192 * MIB)
    assert one.fits and one.samples_per_s > 0
    limit = one.peak_bytes + 448 * MIB
    told: list[int] = []
    trials = find_batch_size(
        cfg,
        smallest=2,
        num_iters=2,
        memory_limit_bytes=limit,
        on_trial=lambda trial: told.append(trial.batch_size),
    )
    assert told[:2] == [2, 4] and sorted(told) == [each.batch_size for each in trials]
    fitting = [each.batch_size for each in trials if each.fits]
    too_large = [each.batch_size for each in trials if not each.fits]
    assert 2 <= max(fitting) < min(too_large) == max(fitting) + 1 <= 8
    assert all(one.peak_bytes < each.peak_bytes <= limit for each in trials if each.fits)
    assert not Path("never_made").exists()


def test_a_training_that_fails_otherwise_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    cfg = config(tmp_path)
    cfg.model.wrong = True
    with pytest.raises(RuntimeError, match=r"batches of 1 fails: .*'wrong'"):
        find_batch_size(cfg, memory_limit_bytes=8192 * MIB)


def test_what_cant_be_searched_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no train_dataloader.batch_size"):
        find_batch_size({"train_dataloader": {"dataset": []}}, memory_limit_bytes=1)
    with pytest.raises(ValueError, match="from smallest to largest: 4 and 2"):
        find_batch_size({}, smallest=4, largest=2, memory_limit_bytes=1)
