"""Hostile configurations under the judge: nothing runs, leaves or costs much."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from corpus_config import Case, code, cost, data_files, files, sources, templates
from court import Court, court, written

# Kinds, and every how many of their cases is tried here; `hatch run fuzz` tries them all.
_KINDS: dict[str, tuple[Callable[[], Iterable[Case]], int]] = {
    "code": (code, 5),
    "cost": (lambda: cost(whole=False), 1),
    "files": (files, 1),
    "data files": (data_files, 1),
    "templates": (templates, 1),
    "sources": (sources, 3),
}


def judgements(court_: Court, folder: Path, cases: Iterable[Case]) -> list[str]:
    """What is wrong with the answers to ``cases``; files that may not be read lie beside them."""
    for suffix, text in (("py", "leak = 1\n"), ("yaml", "leak: 1\n"), ("json", '{"leak": 1}')):
        (folder / f"outside.{suffix}").write_text(text)
    return [
        wrong
        for i, case in enumerate(cases)
        if (wrong := judgement(court_, folder / f"case{i}", case))
    ]


def judgement(court_: Court, folder: Path, case: Case) -> str:
    """What is wrong with the answer to a case, nothing if all is well."""
    written(folder, case.files, case.links)
    name = next(name for name in case.files if name.startswith("case."))
    verdict = court_.verdict(
        {
            "file": str(folder / name),
            "folder": str(folder),
            "folders": [str(folder)],
            "names": case.names,
        }
    )
    answer = verdict["answer"]
    failed = answer.startswith(("raw", "died", "ended", "nothing")) or case.stays not in answer
    if failed or verdict["seen"] or any("here" in path.name for path in folder.iterdir()):
        return f"{case.name}: {answer} {verdict['seen']}"
    return ""


@pytest.mark.parametrize("kind", _KINDS)
def test_a_hostile_config_runs_nothing_and_costs_little(tmp_path: Path, kind: str) -> None:
    cases, step = _KINDS[kind]
    with court(tmp_path, "run_config:load") as judge:
        assert judgements(judge, tmp_path, itertools.islice(cases(), 0, None, step)) == []


def test_the_judge_sees_what_is_done(tmp_path: Path) -> None:
    deeds = {
        "import": "import stranger",
        "import of a library": "import sqlite3",
        "process": "import os; os.system('true')",
        "open": "open('/etc/hostname')",
        "listing": "import os; os.listdir('/etc')",
        "exec": "exec('1')",
        "memory": "b'x' * 2**30",
        "time": "while True: pass",
        "socket": "import socket; socket.socket()",
    }
    with court(tmp_path, "run_deed:do") as judge:
        for name, deed in deeds.items():
            verdict = judge.verdict({"deed": deed, "names": ["stranger"]})
            assert verdict["seen"] or verdict["answer"].startswith(("raw", "died")), name
