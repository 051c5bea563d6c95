"""A training whose processes were started again goes on by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from stopped import killed_once

from engine_dist import launch
from engine_runner.runner.environment import goes_on_by_itself


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_after_a_rank_was_killed_all_go_on_from_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("ENGINE_JOB_START", raising=False)
    for found in launch(killed_once, 2, [str(tmp_path)], backend="gloo", max_restarts=1):
        assert found["restarts"] == "1"
        assert found["work"]["began_at"] == 4
        assert found["untouched"]["began_at"] == 0
        assert found["work"]["weights"] == found["untouched"]["weights"]


def test_only_a_process_that_was_started_again_goes_on_and_only_with_its_own_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = tmp_path / "last_checkpoint"
    monkeypatch.delenv("ENGINE_JOB_START", raising=False)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert not goes_on_by_itself(str(tmp_path))
    last.write_text("epoch_1.pth")
    assert goes_on_by_itself(str(tmp_path))
    written = last.stat().st_mtime
    monkeypatch.setenv("ENGINE_JOB_START", str(written - 1))
    assert goes_on_by_itself(str(tmp_path))
    monkeypatch.setenv("ENGINE_JOB_START", str(written + 1))
    assert not goes_on_by_itself(str(tmp_path))
    monkeypatch.delenv("ENGINE_JOB_START")
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")
    assert not goes_on_by_itself(str(tmp_path))
