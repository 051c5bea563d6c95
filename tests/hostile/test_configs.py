"""Hostile configurations under the judge: nothing runs, leaves or costs much."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from corpus_config import Case, code, cost, data_files, files, sources, templates
from court import Court, config_judgement, court
from grammar import data_text, program
from hypothesis import given, settings
from hypothesis import strategies as st

# Kinds, and every how many of their cases is tried here; `hatch run fuzz` tries them all.
_KINDS: dict[str, tuple[Callable[[], Iterable[Case]], int]] = {
    "code": (code, 4),
    "cost": (lambda: cost(whole=False), 2),
    "files": (files, 1),
    "data files": (data_files, 1),
    "templates": (templates, 1),
    "sources": (sources, 4),
}


def judgements(judge: Court, folder: Path, cases: Iterable[Case]) -> list[str]:
    """What is wrong with the answers to ``cases``; files that may not be read lie beside them."""
    for suffix, text in (("py", "leak = 1\n"), ("yaml", "leak: 1\n"), ("json", '{"leak": 1}')):
        (folder / f"outside.{suffix}").write_text(text)
    return [wrong for case in cases if (wrong := config_judgement(judge, folder / "case", case))]


@pytest.mark.parametrize("kind", _KINDS)
def test_a_hostile_config_runs_nothing_and_costs_little(tmp_path: Path, kind: str) -> None:
    cases, step = _KINDS[kind]
    with court(tmp_path, "run_config:load") as judge:
        assert judgements(judge, tmp_path, itertools.islice(cases(), 0, None, step)) == []


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with court(tmp_path_factory.mktemp("judge"), "run_config:load") as judge:
        yield judge


@given(seed=st.integers(0, 2**32), suffix=st.sampled_from(["py", "py", "yaml", "json"]))
@settings(max_examples=100)
def test_no_config_at_random_gets_out(judge: Court, seed: int, suffix: str) -> None:
    text = program(Random(seed)) if suffix == "py" else data_text(Random(seed), suffix)
    files = {"base.json": '{"a": [1, {"b": "c"}]}', f"case.{suffix}": text}
    with tempfile.TemporaryDirectory() as folder:
        assert not config_judgement(judge, Path(folder) / "case", Case(text, files))


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
