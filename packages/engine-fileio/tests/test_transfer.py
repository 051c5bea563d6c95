"""Many things at a time, in order."""

from __future__ import annotations

import threading

import pytest

from engine_fileio.transfer import naming, ordered_map


def test_the_order_is_that_of_the_items() -> None:
    gates = [threading.Event() for _ in range(4)]

    def wait(n: int) -> int:  # the first one can end only after the last one
        if n < 3:
            assert gates[n + 1].wait(10)
        gates[n].set()
        return n

    assert list(ordered_map(wait, range(4), workers=4)) == [0, 1, 2, 3]


def test_no_more_than_that_many_run_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def act(n: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1
        return n

    assert list(ordered_map(act, range(200), workers=3)) == list(range(200))
    assert most <= 3


def test_the_first_error_ends_it() -> None:
    done = []

    def act(n: int) -> None:
        if n == 5:
            raise RuntimeError("five")
        done.append(n)

    with pytest.raises(RuntimeError, match="five"):
        list(ordered_map(act, range(1000), workers=2))
    assert max(done) < 20


def test_who_stops_early_stops_the_work() -> None:
    done: list[int] = []
    before = threading.active_count()
    results = ordered_map(done.append, range(1000), workers=2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(done) < 20
    assert threading.active_count() <= before


def test_an_error_without_the_path_gets_a_note() -> None:
    assert naming("a/b", ValueError("bad")).__notes__ == ["while reading 'a/b'"]
    assert not hasattr(naming("a/b", ValueError("bad a/b")), "__notes__")
