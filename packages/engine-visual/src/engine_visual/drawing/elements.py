"""The styles and shapes of a call's many elements, one for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_visual.arrays import check_array, check_kind, finite, to_array
from engine_visual.drawing.colors import each, each_color
from engine_visual.drawing.pens import Ink, Pen
from engine_visual.drawing.texts import TextBox, text_box

__all__ = ["check_texts", "inks_of", "listed", "outlines_of", "pens_of", "text_boxes"]


def listed(value: Any) -> Any:
    """Arrays, tensors and tuples of numbers as lists, everything else as it is."""
    if isinstance(value, tuple):
        return [*value]
    return to_array(value).tolist() if hasattr(value, "tolist") else value


def inks_of(colors: Any, count: int, alpha: Any) -> list[Ink | None]:
    """The colour of each of ``count`` elements with its opacity; equal ones are one object."""
    made: dict[Any, Ink] = {}
    found: list[Ink | None] = []
    alpha = 1.0 if alpha is None else alpha  # as for matplotlib
    for look in zip(each_color(colors, count), each(listed(alpha), count), strict=True):
        color, opacity = look
        if color is not None and look not in made:
            made[look] = Ink(color=color[0], opacity=color[1] * opacity)
        found.append(made.get(look))
    return found


def pens_of(count: int, style: tuple[Any, Any, Any, Any]) -> list[Pen | None]:
    """A pen for each of ``count`` elements, from colours, styles, widths and opacities."""
    colors, styles, widths, alpha = style
    made: dict[Any, Pen] = {}
    found: list[Pen | None] = []
    for look in zip(
        inks_of(colors, count, alpha), each(styles, count), each(listed(widths), count), strict=True
    ):
        ink, line, width = look
        if ink is not None and look not in made:
            made[look] = Pen(ink=ink, style=line, width=width)
        found.append(made.get(look))
    return found


def text_boxes(settings: Any, sizes: list[float]) -> list[TextBox | None]:
    """The box of each text; the same settings are read once."""
    made: dict[tuple[int, float], TextBox] = {}
    found: list[TextBox | None] = []
    for one, size in zip(each(settings, len(sizes)), sizes, strict=True):
        known = (id(one), size)
        if one is not None and known not in made:
            made[known] = text_box(one, size)
        found.append(made.get(known))
    return found


def check_texts(texts: Any, bboxes: Any, *, vertical: Any, horizontal: Any) -> None:
    """Refuse arguments of `Surface.draw_texts` of other types than MMEngine takes.

    Raises:
        TypeError: one is of another type.
    """
    check_kind(texts, "texts", str | list)
    check_kind(bboxes, "bboxes", dict | list | None)
    check_kind(vertical, "vertical_alignments", str | list)
    check_kind(horizontal, "horizontal_alignments", str | list)


def outlines_of(polygons: Any) -> list[NDArray[np.float64]]:
    """The points (n, 2) of each polygon, of one or a list of them."""
    if not isinstance(polygons, list):
        check_array(polygons, "polygons")
        polygons = to_array(polygons)
        polygons = list(polygons) if polygons.ndim == 3 else [polygons]
    found = []
    for i, polygon in enumerate(polygons):
        array = to_array(polygon)
        array = array.reshape(-1, 2) if array.ndim == 1 and array.size % 2 == 0 else array
        if array.size:
            if array.ndim != 2 or array.shape[1] != 2:
                finite(array, f"polygons[{i}]", (2,))  # refuses it
            found.append((i, array.astype(np.float64)))
    if found and not np.isfinite(np.concatenate([array for _, array in found])).all():
        for i, array in found:
            finite(array, f"polygons[{i}]", (2,))
    return [array for _, array in found]
