"""Progress of tasks, one after the other and in several processes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from mmengine.utils import (
    ProgressBar,
    track_iter_progress,
    track_parallel_progress,
    track_progress,
    track_progress_rich,
)
from mmengine.utils.progressbar import init_pool

_offset = 0


def set_offset(number: int) -> None:
    global _offset
    _offset = number


def square(number: int) -> int:
    return number * number + _offset


def test_a_file_gets_text_at_every_step() -> None:
    file = io.StringIO()
    bar = ProgressBar(3, bar_width=10, file=file)
    bar.update()
    assert bar.completed == 1
    first, second = file.getvalue().split("\r")
    assert first == "[          ] 0/3, elapsed: 0s, ETA:"
    assert second.startswith("[>>>       ] 1/3, ")
    assert second.endswith(" task/s, elapsed: 0s, ETA:     0s")
    bar.update(2)
    assert "\r[>>>>>>>>>>] 3/3, " in file.getvalue()
    assert bar.terminal_width > 0


def test_a_number_that_nobody_knows_is_counted() -> None:
    file = io.StringIO()
    bar = ProgressBar(file=file)
    bar.update()
    bar.update()
    assert "completed: 0, elapsed: 0scompleted: 1, elapsed: 0s, " in file.getvalue()
    assert file.getvalue().endswith(" tasks/s")


def test_nothing_done_is_no_progress() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ProgressBar(3, file=io.StringIO()).update(0)


def numbers() -> Iterator[int]:
    yield from range(3)


def test_tasks_are_a_sequence_or_an_iterable_with_its_length() -> None:
    file = io.StringIO()
    assert track_progress(square, [1, 2], file=file) == [1, 4]
    assert track_progress(square, (numbers(), 3), file=file) == [0, 1, 4]
    assert track_progress(pow, range(3), file=file, exp=2) == [0, 1, 4]
    assert list(track_iter_progress([1, 2], file=file)) == [1, 2]
    with pytest.raises(TypeError, match="tasks must be a sequence"):
        track_progress(square, numbers())


def test_processes_share_the_work_and_keep_the_order() -> None:
    file = io.StringIO()
    found = track_parallel_progress(
        square, list(range(6)), 2, set_offset, (10,), chunksize=2, skip_first=True, file=file
    )
    assert found == [10, 11, 14, 19, 26, 35]
    assert "2/2" in file.getvalue()  # the first chunk of each process doesn't count
    found = track_parallel_progress(square, (numbers(), 3), 2, keep_order=False, file=file)
    assert sorted(found) == [0, 1, 4]
    with pytest.raises(TypeError, match="initargs"):
        init_pool(1, set_offset, [1])  # type: ignore[arg-type]  # it is the mistake


def two(a: int, b: int = 1) -> int:
    return 10 * a + b


def test_a_tuple_or_a_list_is_arguments_and_anything_else_is_one() -> None:
    assert track_progress_rich(two, [(1, 2), [3, 4], 4]) == [12, 34, 41]
    assert track_progress_rich(len, [{"a": 3}, "abc"]) == [1, 3]
    assert track_progress_rich(two, iter([1]), nproc=2) == [11]
    assert track_progress_rich(lambda: 1, task_num=3) == [1, 1, 1]


def test_what_cannot_be_done_is_refused() -> None:
    with pytest.raises(TypeError, match="func must be callable"):
        track_progress_rich(3, [1])
    with pytest.raises(TypeError, match="tasks must be iterable"):
        track_progress_rich(two, 3)
    with pytest.raises(ValueError, match="nproc must be at least 1"):
        track_progress_rich(two, [1], nproc=0)
    for number in (5, 0, -1):
        with pytest.raises(ValueError, match="there are 2 tasks"):
            track_progress_rich(two, [1, 2], task_num=number)
    with pytest.raises(ValueError, match="task_num says how often"):
        track_progress_rich(two)
