from __future__ import annotations

import logging

import pytest

from engine_logging import handlers
from engine_logging.handlers import RepeatedWarnings


def test_a_filter_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MAX_REMEMBERED", 2)
    repeated = RepeatedWarnings()

    def passes(message: str, level: int = logging.WARNING, name: str = "a") -> bool:
        fields = {"name": name, "levelno": level, "msg": message}
        return repeated.filter(logging.makeLogRecord(fields))

    assert passes("one") and not passes("one")
    assert passes("one", name="b")
    assert passes("one", logging.ERROR) and passes("one", logging.ERROR)
    assert passes("two")  # a third: the others are forgotten
    assert passes("one") and not passes("two")
