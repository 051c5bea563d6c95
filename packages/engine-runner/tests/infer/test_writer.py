"""Results in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine_runner.infer.results import Result
from engine_runner.infer.writer import Writer
from engine_visual import Visualizer


def test_pictures_are_called_as_their_inputs(tmp_path: Path) -> None:
    drawing = np.full((4, 6, 3), 7, np.uint8)
    visualizer = Visualizer()
    names = ["day/a.png", "night/a.jpg", "b.png", "3 (ndarray of (4, 6))"]
    with Writer(tmp_path / "out") as writer:
        found = [
            writer.write(Result(name=name, sample=1, drawing=drawing), visualizer) for name in names
        ]
    pictures = [each.picture.name for each in found if each.picture]
    assert pictures == ["a.png", "a_2.png", "b.png", "3 (ndarray of (4, 6)).png"]
    assert all(each.picture and each.picture.is_file() for each in found)
    lines = (tmp_path / "out" / "predictions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["input"] for line in lines] == names


def test_a_folder_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match="local folder, and s3://bucket/a is none"):
        Writer("s3://bucket/a")


def test_what_was_not_drawn_has_no_picture(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        assert writer.write(Result(name="a", sample=1), None).picture is None
    assert not (tmp_path / "pictures").exists()
