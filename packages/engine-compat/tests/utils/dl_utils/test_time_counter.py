"""The mean time of what is called again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from mmengine.utils.dl_utils import TimeCounter


@pytest.fixture(autouse=True)
def _no_counters() -> Iterator[None]:
    TimeCounter.instance_dict.clear()
    yield
    TimeCounter.instance_dict.clear()


def test_a_function_is_timed_after_its_warm_up(capsys: pytest.CaptureFixture[str]) -> None:
    @TimeCounter(log_interval=2, warmup_interval=1, with_sync=False)
    def work() -> int:
        return 1

    assert [work() for _ in range(4)] == [1, 1, 1, 1]
    told = capsys.readouterr().out.splitlines()
    assert [re.findall(r"\[work\].*past (\d+) runs", line) for line in told] == [["1"], ["3"]]


def test_counters_of_one_name_are_one() -> None:
    first = TimeCounter(tag="block", warmup_interval=5)
    with first:
        pass
    assert TimeCounter(tag="block") is first
    assert TimeCounter.instance_dict == {"block": first}


def test_a_block_needs_a_name() -> None:
    with pytest.raises(ValueError, match="tag="), TimeCounter():
        pass
