"""What a drawing function is given; expectations are MMEngine 0.10.7's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from engine_visual import arguments


class Tensor:
    """Looks like one of torch's."""

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    dtype = "float32"

    def numpy(self) -> Any:
        return np.ones(2, np.float32)


def test_types_and_lengths_are_checked() -> None:
    arguments.check_type("x", [1], list)
    arguments.check_type_and_length("x", [1, 2], (list, tuple), 2)
    arguments.check_length("x", None, 2)
    with pytest.raises(TypeError, match=r"x must be .*str.*got .*int"):
        arguments.check_type("x", 3, str)
    with pytest.raises(AssertionError, match="x must have at least 2 elements, got 1"):
        arguments.check_type_and_length("x", [1], list, 2)


def test_a_single_value_is_repeated() -> None:
    assert arguments.value2list("r", (str, tuple), 3) == ["r", "r", "r"]
    assert arguments.value2list([1], int, 2) == [1]


def test_colours_are_as_matplotlib_takes_them() -> None:
    assert arguments.color_val_matplotlib("red") == "red"
    assert arguments.color_val_matplotlib([(255, 0, 0), "b"]) == [(1.0, 0.0, 0.0), "b"]
    with pytest.raises(TypeError, match="a color must be"):
        arguments.color_val_matplotlib(3)
    assert arguments.color_str2rgb("tab:blue") == (31, 119, 180)
    with pytest.raises(ValueError, match="no colour"):
        arguments.color_str2rgb("none")


def test_tensors_become_arrays_and_nothing_else_does() -> None:
    assert np.array_equal(arguments.tensor2ndarray(Tensor()), np.ones(2))
    array = np.ones(2)
    assert arguments.tensor2ndarray(array) is array
    assert arguments.tensor2ndarray([1]) == [1]


def test_a_canvas_is_read_without_its_opacity() -> None:
    figure = Figure((2, 1), dpi=100, facecolor="red")
    image = arguments.img_from_canvas(FigureCanvasAgg(figure))
    assert (image.shape, image.dtype) == ((100, 200, 3), np.uint8)
    assert image[0, 0].tolist() == [255, 0, 0]
