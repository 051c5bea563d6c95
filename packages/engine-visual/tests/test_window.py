from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from engine_visual import NoImageError, Visualizer

IMAGE = np.full((40, 60, 3), 200, np.uint8)


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """What windows showed, by a canvas of matplotlib's that has no screen."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot
    from matplotlib.backend_bases import KeyEvent

    shown = []

    def look(*, block: bool) -> None:
        assert block
        figure = pyplot.gcf()
        figure.canvas.draw()
        shown.append(np.asarray(figure.canvas.buffer_rgba())[..., :3].copy())
        for key in ("x", " "):
            assert pyplot.fignum_exists(figure.number)
            event = KeyEvent("key_press_event", figure.canvas, key)
            figure.canvas.callbacks.process("key_press_event", event)
        assert not pyplot.fignum_exists(figure.number)

    monkeypatch.setattr(pyplot, "show", look)
    return shown


def test_a_window_shows_the_pixels_and_closes_at_the_key(figures: list[np.ndarray]) -> None:
    v = Visualizer(image=IMAGE)
    v.draw_bboxes(np.array([5, 5, 30, 30]), edge_colors="r", alpha=1)
    v.show(win_name="a window", wait_time=5)
    (shown,) = figures
    assert shown.shape == IMAGE.shape
    assert np.abs(shown.astype(int) - v.get_image()).max() <= 1


def test_another_image_can_be_shown(figures: list[np.ndarray]) -> None:
    Visualizer().show(IMAGE[..., 0] / 255)
    assert (figures[0] == IMAGE).all()


def test_a_notebook_shows_it_below_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    class ZMQInteractiveShell:
        pass

    displayed: list[object] = []
    notebook = SimpleNamespace(
        get_ipython=ZMQInteractiveShell, display=SimpleNamespace(display=displayed.append)
    )
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    Visualizer(image=IMAGE).show()
    assert (np.asarray(displayed[0]) == IMAGE).all()


def test_what_cannot_be_shown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoImageError):
        Visualizer().show()
    with pytest.raises(ValueError, match="no backend is called 'qt'; accepted: matplotlib, cv2"):
        Visualizer(image=IMAGE).show(backend="qt")
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ImportError, match="pip install opencv-python"):
        Visualizer(image=IMAGE).show(backend="cv2")
