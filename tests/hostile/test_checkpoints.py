"""Hostile checkpoints, indices and configs in checkpoints under the judge: data, or refused."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from corpus_checkpoint import CheckpointCase, configs, costly, indices, named
from court import Court, court, written

# Kinds, and every how many of their cases is tried.
_KINDS: dict[str, tuple[Callable[[], Iterable[CheckpointCase]], int]] = {
    "what pickles name": (named, 9),
    "costly or damaged": (costly, 2),
    "configs": (configs, 2),
    "indices": (indices, 1),
}
_NAMED = ["stranger", "subprocess", "code", "antigravity", "webbrowser", "runpy", "timeit"]


def judgement(judge: Court, folder: Path, case: CheckpointCase) -> str:
    """What is wrong with the answer to a case, nothing if all is well."""
    written(folder, case.files, case.links)
    try:
        # A work_dir says where its checkpoints are: their folder is looked at, wherever it is.
        folders = [str(folder), *(["/"] if case.name.startswith("last: ") else [])]
        verdict = judge.verdict(
            {
                "address": str(folder / case.address),
                "how": case.how,
                "folder": str(folder),
                "folders": folders,
                "names": _NAMED,
                "is_large": True,
                "follows": True,
            }
        )
        answer = verdict["answer"]
        failed = answer.startswith(("raw", "died", "ended", "nothing"))
        read_on = case.refused and "Error" not in answer
        left = [path.name for path in folder.rglob("*here*")]
        wrong = failed or read_on or verdict["seen"] or left
        return f"{case.name}: {answer} {verdict['seen']} {left}" if wrong else ""
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_hostile_checkpoint_runs_nothing_and_costs_little(tmp_path: Path, kind: str) -> None:
    cases, step = _KINDS[kind]
    (tmp_path / "outside.pth").write_bytes(b"x")
    (tmp_path / "outside.py").write_text("leak = 1\n")
    with court(tmp_path, "run_checkpoint:read") as judge:
        chosen = itertools.islice(cases(), 0, None, step)
        wrong = [judgement(judge, tmp_path / "case", case) for case in chosen]
    assert [each for each in wrong if each] == []
