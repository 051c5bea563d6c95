"""A tracker that hangs holds up a run for seconds, not for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from test_tracker import Ours

from engine_visual.backends.call_queue import CallQueue, Late


class Hangs(Ours):
    """Hangs in every call until it is let go."""

    timeout_s = 0.05

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        self.go_on.wait(30)
        super().write_scalars(numbers, step)


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hangs]:
    monkeypatch.delenv("RANK", raising=False)
    found = Hangs()
    yield found
    found.go_on.set()


def test_calls_wait_for_one_that_hangs_and_the_run_does_not(
    tracker: Hangs, caplog: pytest.LogCaptureFixture
) -> None:
    for step in range(2000):
        tracker.add_scalar("loss", 1.0, step)
    assert caplog.text.count("add_scalar hangs for more than 0.05 s: the run goes on") == 1
    tracker.go_on.set()
    tracker.timeout_s = 30.0
    run = tracker.run
    tracker.close()
    assert [step for _, step in run[:-1]] == list(range(1001))  # in order, and no more than 1,000
    assert run[-1] == "finished"
    assert "missed 999 calls (999 of add_scalar); the first error was" in caplog.text


def test_the_end_does_not_wait_for_ever_either(
    tracker: Hangs, caplog: pytest.LogCaptureFixture
) -> None:
    for step in range(3):
        tracker.add_scalar("loss", 1.0, step)
    tracker.close()
    assert "missed" in caplog.text
    assert "close" in caplog.text
    assert "a call hangs" in caplog.text


def test_what_does_not_hang_is_done_when_its_call_returns(tracker: Hangs) -> None:
    tracker.go_on.set()
    tracker.timeout_s = 30.0
    tracker.add_scalar("loss", 1.0, 3)
    assert tracker.run == [({"loss": 1.0}, 3)]
    with pytest.raises(TypeError, match="must be one number"):
        tracker.strict = True
        tracker.add_scalar("loss", "text", 4)


def test_errors_of_calls_that_nobody_waits_for_are_told() -> None:
    lane, go_on, told = CallQueue(), threading.Event(), []

    def fails() -> Any:
        raise ConnectionError("gone")

    for act in (lambda: go_on.wait(30), fails):
        with pytest.raises(Late):
            lane.call(act, 0.01, fail=told.append)
    go_on.set()
    assert lane.call(lambda: 5, 30, fail=told.append, is_last=True) == 5
    assert [str(error) for error in told] == ["gone"]
