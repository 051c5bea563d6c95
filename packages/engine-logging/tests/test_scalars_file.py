"""The whole history of a run's scalars, through resumes and crashes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_logging import HistoryBuffer, MessageHub, ScalarsFile, read_scalars


def test_every_value_is_written_once_with_its_count_and_clock(tmp_path: Path) -> None:
    path = tmp_path / "new" / "scalars.jsonl"
    hub, file = MessageHub("a"), ScalarsFile(path)
    assert file.write(hub) == 0
    hub.update_scalar("loss", 0.5, count=2)
    hub.update_scalars({"loss": 0.25, "acc": 1})
    assert file.write(hub, iter=2) == 3
    assert file.write(hub, iter=3) == 0
    hub.update_scalar("loss", 3.0)
    assert file.write(hub, iter=4) == 1
    assert read_scalars(path) == {"loss": ([0.5, 0.25, 3.0], [2, 1, 1]), "acc": ([1], [1])}
    assert path.read_text().splitlines()[-1] == (
        '{"scalar": "loss", "first": 2, "values": [3.0], "counts": [1], "iter": 4}'
    )


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=12),
    st.integers(0, 11),
    st.integers(0, 11),
)
@settings(max_examples=60)
def test_a_resumed_run_leaves_the_history_of_an_unbroken_one(
    tmp_path_factory: pytest.TempPathFactory, updates: list[int], saved_at: int, died_at: int
) -> None:
    path = tmp_path_factory.mktemp("run") / "scalars.jsonl"
    saved_at, died_at = sorted((saved_at % len(updates), died_at % len(updates)))

    def run(hub: MessageHub, file: ScalarsFile, rounds: range) -> dict | None:
        state = None
        for i in rounds:
            if i == saved_at:
                state = hub.state_dict()
            for j in range(updates[i]):
                hub.update_scalar("loss", i * 10 + j)
            file.write(hub, iter=i)
        return state

    state = run(MessageHub("first"), ScalarsFile(path), range(died_at + 1))
    hub = MessageHub("second")
    hub.load_state_dict(state)
    run(hub, ScalarsFile(path), range(saved_at, len(updates)))
    expected = [i * 10 + j for i, num in enumerate(updates) for j in range(num)]
    found = read_scalars(path) if path.exists() else {}
    assert found.get("loss", ([], []))[0] == expected


def test_a_line_that_a_crash_cut_off_is_left_out_and_removed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "scalars.jsonl"
    hub = MessageHub("a")
    hub.update_scalar("loss", 1.0)
    ScalarsFile(path).write(hub)
    whole = path.read_text()
    path.write_text(whole + '{"scalar": "loss", "fir')
    assert read_scalars(path) == {"loss": ([1.0], [1])}
    assert "scalars.jsonl:2 is unfinished" in caplog.text
    hub.update_scalar("loss", 2.0)
    ScalarsFile(path).write(hub)
    assert read_scalars(path) == {"loss": ([1.0, 2.0], [1, 1])}
    path.write_text('{"scalar": "los')
    assert ScalarsFile(path).write(hub) == 2


def test_a_line_of_something_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scalars.jsonl"
    for text in ("{}\n", "no json\n", "[1]\n"):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"scalars.jsonl:1 is no line of scalars"):
            read_scalars(path)
    with pytest.raises(FileNotFoundError):
        read_scalars(tmp_path / "nothing")


def test_since_numbers_values_from_the_first_there_ever_was() -> None:
    buffer = HistoryBuffer(max_length=3)
    for value in range(5):
        buffer.update(value)
    assert buffer.since(4) == (4, [4], [1])
    assert buffer.since(0) == (2, [2, 3, 4], [1, 1, 1])  # the first two are forgotten
    assert buffer.since(5) == buffer.since(9) == (5, [], [])


def test_numbers_that_json_has_none_for_are_written_as_text_and_read_as_numbers(
    tmp_path: Path,
) -> None:
    hub, file = MessageHub("not finite"), ScalarsFile(tmp_path / "scalars.jsonl")
    for value in (1.0, math.nan, math.inf, -math.inf):
        hub.update_scalar("loss", value)
    file.write(hub)

    def refuse(text: str) -> None:
        raise AssertionError(f"{text} is no JSON")

    json.loads(file.path.read_text(), parse_constant=refuse)
    values, _ = read_scalars(file.path)["loss"]
    assert [values[0], *values[2:]] == [1.0, math.inf, -math.inf]
    assert math.isnan(values[1])
    assert ScalarsFile(file.path).write(hub) == 0
