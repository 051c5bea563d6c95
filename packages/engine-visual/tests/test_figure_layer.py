from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from engine_visual import Visualizer


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


def test_there_are_axes_before_an_image_too_as_in_mmengine() -> None:
    visualizer = Visualizer()
    assert visualizer.ax_save.figure is visualizer.fig_save
    visualizer.set_image(np.full((33, 47, 3), 255, np.uint8))
    assert (visualizer.get_image() == 255).all()


def test_axes_with_other_limits_are_what_shapes_are_drawn_in() -> None:
    visualizer = Visualizer(image=np.full((40, 60, 3), 255, np.uint8))
    visualizer.ax_save.set_ylim(-0.5, 39.5)  # upwards
    visualizer.draw_bboxes(np.array([10, 0, 20, 8]), "none", face_colors="r", alpha=1)
    image = visualizer.get_image()
    assert image[36, 15].tolist() == [255, 0, 0] and image[3, 15].tolist() == [255, 255, 255]


def test_axes_that_are_assigned_are_drawn_on() -> None:
    visualizer = Visualizer(image=np.full((40, 60, 3), 255, np.uint8))
    own = Figure(figsize=(0.6001, 0.4001)).add_axes((0, 0, 1, 1), xlim=(0, 1), ylim=(0, 1))
    own.axis("off")
    visualizer.ax_save = own
    own.fill([0, 0.5, 0.5, 0], [0, 0, 1, 1], color="k")
    image = visualizer.get_image()
    assert (image[:, 5:25] == 0).all() and (image[:, 35:] == 255).all()
