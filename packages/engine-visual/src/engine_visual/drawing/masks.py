"""Binary masks and label maps as tints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.colors import Color


def draw_mask(canvas: Canvas, mask: NDArray[np.bool_], color: Color, *, opacity: float) -> None:
    """Tint the pixels where ``mask`` (H, W) is true."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    at = (int(columns[0]), int(rows[0]))
    canvas.paint(part.astype(np.uint8) * np.uint8(255), at, color, opacity=opacity)


def draw_labels(
    canvas: Canvas, labels: NDArray[np.integer], colors: dict[int, Color], *, opacity: float
) -> None:
    """Tint each pixel by its label in ``labels`` (H, W); labels not in ``colors`` stay."""
    for label in np.unique(labels).tolist():
        if label in colors:
            draw_mask(canvas, labels == label, colors[label], opacity=opacity)
