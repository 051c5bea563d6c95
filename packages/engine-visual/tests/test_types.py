"""Types that MMEngine's visualizer refuses, ours refuses with the same class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine_visual import Visualizer


@pytest.mark.parametrize(
    ("method", "arguments", "name"),
    [
        ("draw_texts", (5, np.array([[1, 2]])), "texts"),
        ("draw_texts", (("a", "b"), np.array([[1, 2], [3, 4]])), "texts"),
        ("draw_texts", ("a", [1, 2]), "positions"),
        ("draw_bboxes", ([1, 2, 3, 4],), "bboxes"),
        ("draw_lines", ([1, 2], [3, 4]), "x_datas"),
        ("draw_circles", ([1, 2], np.array([1])), "center"),
        ("draw_circles", (np.array([1, 2]), 3), "radius"),
        ("draw_points", ([[1, 2]],), "positions"),
        ("draw_polygons", (5,), "polygons"),
        ("draw_binary_masks", ([[True]],), "binary_masks"),
    ],
)
def test_a_wrong_type_is_a_type_error(method: str, arguments: Any, name: str) -> None:
    visualizer = Visualizer()
    visualizer.set_image(np.full((80, 200, 3), 255, np.uint8))
    with pytest.raises(TypeError, match=f"{name} must be"):
        getattr(visualizer, method)(*arguments)


@pytest.mark.parametrize("option", ["bboxes", "vertical_alignments", "horizontal_alignments"])
def test_a_wrong_option_of_a_text_is_a_type_error(option: str) -> None:
    visualizer = Visualizer()
    visualizer.set_image(np.full((80, 200, 3), 255, np.uint8))
    with pytest.raises(TypeError, match=f"{option} must be .* got int"):
        visualizer.draw_texts("a", np.array([1, 2]), **{option: 3})
