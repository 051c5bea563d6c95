"""Asking slurm to run a job again: with a scontrol that writes down what it is asked."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine_runner.hooks.requeue import requeue_job

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="slurm is of systems like Unix")


@pytest.fixture
def scontrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Path]:
    """Puts a scontrol with an exit code on the PATH; returns the file with its arguments."""
    for name in ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"):
        monkeypatch.delenv(name, raising=False)

    def make(code: int) -> Path:
        program, asked = tmp_path / "scontrol", tmp_path / "asked"
        program.write_text(
            f'#!/bin/sh\necho "$@" >> "{asked}"\necho no such job >&2\nexit {code}\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return asked

    return make


def test_without_a_job_nothing_is_asked(scontrol: Callable[[int], Path]) -> None:
    asked = scontrol(0)
    assert not requeue_job()
    assert not asked.exists()


def test_a_job_is_put_into_the_queue_again(
    scontrol: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = scontrol(0)
    monkeypatch.setenv("SLURM_JOB_ID", "417")
    assert requeue_job()
    assert asked.read_text() == "requeue 417\n"


def test_of_an_array_the_task_is_put_into_the_queue_again(
    scontrol: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = scontrol(0)
    monkeypatch.setenv("SLURM_JOB_ID", "420")
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "417")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    assert requeue_job()
    assert asked.read_text() == "requeue 417_3\n"


def test_what_slurm_refuses_is_logged(
    scontrol: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scontrol(1)
    monkeypatch.setenv("SLURM_JOB_ID", "417")
    with caplog.at_level(logging.ERROR):
        assert not requeue_job()
    assert "job 417" in caplog.text and "no such job" in caplog.text


def test_a_missing_scontrol_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "417")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not requeue_job()
    assert "no scontrol on the PATH" in caplog.text
