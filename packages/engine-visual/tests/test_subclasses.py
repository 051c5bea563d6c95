"""Subclasses with a canvas of their own, as libraries of MMEngine's world have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine_visual import Visualizer


class OwnImage(Visualizer):
    """Keeps image and size itself; draws it with matplotlib, or not at all."""

    uses_matplotlib = True

    def set_image(self, image: Any) -> None:
        self._image = image
        self.width, self.height = image.shape[1], image.shape[0]
        self._default_font_size = max(np.sqrt(self.height * self.width) // 90, 10)
        if self.uses_matplotlib:
            self.fig_save.set_size_inches(
                (self.width + 1e-2) / self.dpi, (self.height + 1e-2) / self.dpi
            )
            self.ax_save.cla()
            self.ax_save.axis(False)
            extent = (0, self.width, self.height, 0)
            self.ax_save.imshow(image, extent=extent, interpolation="none")


def picture(seed: int, height: int = 40, width: int = 60) -> Any:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def in_figure(visualizer: Visualizer) -> Any:
    """What matplotlib draws of a visualizer's figure."""
    canvas = visualizer.fig_save_canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


@pytest.mark.parametrize("uses_matplotlib", [True, False])
def test_an_image_that_a_subclass_sets_is_drawn_on(uses_matplotlib: bool) -> None:
    visualizer = OwnImage()
    visualizer.uses_matplotlib = uses_matplotlib
    for seed in range(3):
        image = picture(seed, 40 + seed, 60 - seed)
        visualizer.set_image(image)
        # before 3.11, matplotlib moves some pixels of it by one
        shown = in_figure(visualizer) if uses_matplotlib else image
        assert (visualizer.get_image() == shown).all()
        visualizer.draw_bboxes(np.array([10, 10, 30, 30]), "none", face_colors="r", alpha=1)
        drawn = visualizer.get_image()
        assert drawn[20, 20].tolist() == [255, 0, 0]
        assert (drawn[35:] == shown[35:]).all() and (visualizer._image == image).all()


def test_what_is_assigned_counts_until_there_is_another_image() -> None:
    visualizer = Visualizer(image=picture(0))
    visualizer._default_font_size = 33
    visualizer.width = 70
    assert (visualizer._default_font_size, visualizer.width, visualizer.height) == (33, 70, 40)
    visualizer.set_image(picture(1, 20, 30))
    assert (visualizer._default_font_size, visualizer.width, visualizer.height) == (10, 30, 20)


@pytest.mark.parametrize("name", ["canvas", "dpi", "fig_save", "fig_save_canvas"])
def test_a_subclass_may_use_these_names_for_its_own(name: str) -> None:
    visualizer = Visualizer(image=picture(0))
    setattr(visualizer, name, "its own")
    visualizer.draw_circles(np.array([20, 20]), np.array([5]))
    visualizer.ax_save.plot([0, 10], [0, 10])
    assert visualizer.get_image().shape == (40, 60, 3)
    assert getattr(visualizer, name) == "its own"


def test_there_is_no_image_before_one_was_set() -> None:
    assert not hasattr(Visualizer(), "_image")


@pytest.mark.parametrize(
    ("points", "lie_inside"),
    [
        ([[0, 0]], True),
        ([[59.9, 39.9]], True),
        ([[60, 0]], False),
        ([[0, 40]], False),
        ([[[-0.1, 0]]], False),
        ([[[0, 0], [5, -1]]], False),
    ],
)
def test_points_are_asked_for_whether_they_lie_in_the_image(points: Any, lie_inside: bool) -> None:
    assert Visualizer(image=picture(0))._is_posion_valid(np.array(points)) == lie_inside
