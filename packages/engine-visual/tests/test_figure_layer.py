from __future__ import annotations

import numpy as np
import pytest

from engine_visual import NoImageError, Visualizer


def test_what_is_drawn_on_the_axes_gets_into_the_image(white: Visualizer) -> None:
    white.ax_save.plot([20, 60], [30, 30], color="k", linewidth=2)
    image = white.get_image()
    assert image.shape == (80, 120, 3)
    assert (image[30, 25:55] == 0).all() and (image[40:] == 255).all()


def test_the_axes_are_cleared_and_drawing_goes_on_above_them(white: Visualizer) -> None:
    axes = white.ax_save
    axes.fill([10, 50, 50, 10], [10, 10, 50, 50], color="b", alpha=0.5)
    white.draw_bboxes(np.array([20, 20, 40, 40]), "none", face_colors="r", alpha=1)
    first = white.get_image()
    assert first[15, 15].tolist() == [127, 127, 255] and first[30, 30].tolist() == [255, 0, 0]
    assert not axes.patches and white.ax_save is axes
    assert (white.get_image() == first).all()


def test_a_new_image_has_axes_of_its_own(white: Visualizer) -> None:
    white.ax_save.plot([0, 100], [0, 50])
    white.set_image(np.full((33, 47, 3), 255, np.uint8))
    assert (white.get_image() == 255).all()
    white.ax_save.plot([0, 46], [16, 16], color="k", linewidth=3)
    assert white.get_image()[16].max() < 130
    with pytest.raises(NoImageError):
        _ = Visualizer().ax_save
