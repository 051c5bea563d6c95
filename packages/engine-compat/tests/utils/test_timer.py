"""Timers."""

from __future__ import annotations

import pytest

from mmengine.utils import Timer, TimerError, check_time


def test_a_timer_tells_the_time_since_it_began_and_since_it_was_asked() -> None:
    timer = Timer()
    assert timer.is_running
    first = timer.since_start()
    assert 0 <= first <= timer.since_start()
    assert 0 <= timer.since_last_check() <= timer.since_start()


def test_one_that_does_not_run_cannot_be_asked() -> None:
    timer = Timer(start=False)
    assert not timer.is_running
    for ask in (timer.since_start, timer.since_last_check):
        with pytest.raises(TimerError, match="not running"):
            ask()


def test_a_context_prints_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with Timer(print_tmpl="it took {:.0f} s"):
        pass
    assert capsys.readouterr().out == "it took 0 s\n"


def test_a_name_is_a_timer_of_its_own() -> None:
    assert check_time("a name of this test") == 0
    assert check_time("a name of this test") >= 0
