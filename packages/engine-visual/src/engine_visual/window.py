"""Images on a screen: a window of matplotlib's or OpenCV's, or a notebook's output."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def show_image(
    pixels: NDArray[np.uint8],
    *,
    title: str,
    seconds: float,
    key: str,
    backend: str,
    figure: Mapping[str, Any],
) -> None:
    """Show ``pixels`` (H, W, 3) until ``key`` is pressed or, if above 0, ``seconds`` have passed.

    In a notebook it appears below the cell, and nothing is waited for. Without a screen
    matplotlib's ``show`` returns at once, with its own warning.

    Raises:
        ValueError: ``backend`` is neither ``matplotlib`` nor ``cv2``.
    """
    if backend not in ("matplotlib", "cv2"):
        raise ValueError(f"no backend is called {backend!r}; accepted: matplotlib, cv2")
    if _in_notebook():
        _display(pixels)
    elif backend == "cv2":
        _show_in_opencv(pixels, title, seconds, key=key)
    else:
        _show_in_matplotlib(pixels, title, seconds, key=key, figure=figure)


def _in_notebook() -> bool:
    """Whether this runs in a kernel of Jupyter; asked without importing IPython."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _display(pixels: NDArray[np.uint8]) -> None:
    sys.modules["IPython"].display.display(Image.fromarray(pixels))


def _show_in_matplotlib(
    pixels: NDArray[np.uint8], title: str, seconds: float, *, key: str, figure: Mapping[str, Any]
) -> None:
    from matplotlib import pyplot  # a screen is asked for only here

    height, width = pixels.shape[:2]
    shown = pyplot.figure(title, **figure)
    shown.clear()
    shown.set_size_inches(width / shown.dpi, height / shown.dpi)
    axes = shown.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.imshow(pixels)
    shown.canvas.mpl_connect("key_press_event", lambda event: _close_on(event, key, shown))
    if seconds > 0:
        timer = shown.canvas.new_timer(interval=round(seconds * 1000))
        timer.add_callback(pyplot.close, shown)
        timer.start()
    pyplot.show(block=True)


def _close_on(event: Any, key: str, figure: Any) -> None:
    from matplotlib import pyplot

    if event.key == key or (key == " " and event.key == "space"):
        pyplot.close(figure)


def _show_in_opencv(pixels: NDArray[np.uint8], title: str, seconds: float, *, key: str) -> None:
    cv2 = _opencv()
    cv2.imshow(title, np.ascontiguousarray(pixels[..., ::-1]))
    if seconds > 0:
        cv2.waitKey(round(seconds * 1000))
    else:
        while chr(cv2.waitKey(100) & 0xFF) != key:
            if cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) < 1:
                return
    cv2.destroyWindow(title)


def _opencv() -> Any:
    import importlib

    try:
        return importlib.import_module("cv2")
    except ImportError as error:
        raise ImportError(
            "show(backend='cv2') needs OpenCV: pip install opencv-python; or take 'matplotlib'"
        ) from error


def window_manager(opened: Any, title: str, figure: Mapping[str, Any]) -> Any:
    """Return what holds a window of matplotlib's: ``opened``, while it is, or a new one's."""
    from matplotlib import pyplot

    if opened is None or not pyplot.fignum_exists(opened.num):
        opened = pyplot.figure(**figure).canvas.manager
    opened.set_window_title(title)
    return opened
