"""What is asked to be predicted, one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine_fileio import put
from engine_runner.infer.inputs import PICTURES, as_list, called, files_in


def test_a_folder_is_its_files_without_hidden_ones(arrays: Path) -> None:
    (arrays / "inner").mkdir()
    wanted = [str(arrays / f"{number}.npy") for number in (1, 2, 3)]
    assert as_list(str(arrays)) == wanted
    assert as_list(arrays) == wanted


def test_of_a_folder_with_pictures_only_they_are_taken(arrays: Path) -> None:
    assert len(files_in(str(arrays), PICTURES)) == 3
    (arrays / "b.PNG").touch()
    assert files_in(str(arrays), PICTURES) == [str(arrays / "b.PNG")]


def test_a_folder_may_be_on_another_storage() -> None:
    for name in ("b.png", "a.png"):
        put(b"", f"memory://infer/{name}")
    assert as_list("memory://infer") == ["memory://infer/a.png", "memory://infer/b.png"]


def test_an_address_on_the_web_is_one_input() -> None:
    assert as_list("http://127.0.0.1:9/none") == ["http://127.0.0.1:9/none"]


@pytest.mark.parametrize("text", ["good morning", "look at https://example.com", "", "x" * 5000])
def test_a_text_is_one_input(text: str) -> None:
    assert as_list(text) == [text]


def test_a_sequence_is_its_elements_and_an_array_is_one_input() -> None:
    array, tensor = np.zeros((2, 3)), torch.zeros(2, 3)
    assert as_list(("a", "b")) == ["a", "b"]
    assert as_list(array)[0] is array and len(as_list(array)) == 1
    assert as_list(tensor)[0] is tensor and len(as_list(tensor)) == 1
    assert as_list({"a": 1}) == [{"a": 1}]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("a.png", "a.png"),
        (Path("a.png"), "a.png"),
        ({"img_path": "a.png"}, "a.png"),
        ({"b": 1}, "4 (dict)"),
        (np.zeros((2, 3)), "4 (ndarray of (2, 3))"),
        (torch.zeros(2), "4 (Tensor of (2,))"),
    ],
)
def test_an_input_has_a_name(item: object, name: str) -> None:
    assert called(item, 4) == name
