"""Hostile checkpoints, indices and configs in checkpoints under the judge: data, or refused."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from corpus_checkpoint import CheckpointCase, configs, costly, indices, named, trainings
from corpus_reach import reaching
from court import Court, checkpoint_judgement, court, options_judgement
from grammar_checkpoint import checkpoint_case, option_texts
from hypothesis import given, settings
from hypothesis import strategies as st

# Kinds, and every how many of their cases is tried.
_KINDS: dict[str, tuple[Callable[[], Iterable[CheckpointCase]], int]] = {
    "what pickles name": (named, 9),
    "costly or damaged": (costly, 2),
    "configs": (configs, 2),
    "trainings": (trainings, 5),
    "indices": (indices, 1),
    "what reaches out": (reaching, 1),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_hostile_checkpoint_runs_nothing_and_costs_little(tmp_path: Path, kind: str) -> None:
    cases, step = _KINDS[kind]
    (tmp_path / "outside.pth").write_bytes(b"x")
    (tmp_path / "outside.py").write_text("leak = 1\n")
    with court(tmp_path, "run_checkpoint:read") as judge:
        chosen = itertools.islice(cases(), 0, None, step)
        wrong = [checkpoint_judgement(judge, tmp_path / "case", case) for case in chosen]
    assert [each for each in wrong if each] == []


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with court(tmp_path_factory.mktemp("judge"), "run_checkpoint:read") as judge:
        yield judge


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with court(tmp_path_factory.mktemp("judge"), "run_options:parse") as judge:
        yield judge


@given(seed=st.integers(0, 2**32))
@settings(max_examples=100)
def test_no_checkpoint_or_index_at_random_gets_out(reader: Court, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = checkpoint_case(Random(seed), f"seed {seed}")
        assert not checkpoint_judgement(reader, Path(folder) / "case", case)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=100)
def test_no_options_at_random_get_out(parser: Court, seed: int) -> None:
    assert not options_judgement(parser, option_texts(Random(seed)))
