from __future__ import annotations

import json
import logging

from engine_logging.formats import JsonFormatter, LineFormatter


def record(level: int = logging.INFO, message: str = "hello") -> logging.LogRecord:
    return logging.LogRecord("name", level, "file.py", 3, message, None, None, "function")


def test_a_line_has_time_name_level_and_message() -> None:
    line = LineFormatter("%Y").format(record())
    assert line[4:] == " - name - INFO - hello"


def test_an_unknown_level_is_written_as_it_is() -> None:
    line = LineFormatter(colour=lambda: True).format(record(25))
    assert line.endswith(" - name - Level 25 - hello")


def test_a_json_line_stays_one_line_whatever_the_message() -> None:
    line = JsonFormatter().format(record(message='two\nlines "ü"'))
    assert "\n" not in line
    assert json.loads(line)["message"] == 'two\nlines "ü"'
