"""The drawing methods of MMEngine's Visualizer: many elements a call, chained."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine_visual.arrays import check_array, finite, to_array
from engine_visual.drawing.colors import each, each_color
from engine_visual.drawing.elements import (
    check_texts,
    inks_of,
    listed,
    outlines_of,
    pens_of,
    text_boxes,
)
from engine_visual.drawing.feature_map import draw_featmap
from engine_visual.drawing.fonts import font_file
from engine_visual.drawing.markers import DEFAULT_SIZE, draw_markers
from engine_visual.drawing.masks import draw_mask
from engine_visual.drawing.picture import Picture
from engine_visual.drawing.shapes import (
    draw_box,
    draw_circles,
    draw_lines,
    draw_polygons,
)
from engine_visual.drawing.texts import TextStyle, draw_text
from engine_visual.errors import StyleError


class Surface(Picture):
    """An image that is drawn on; every ``draw_`` method returns the surface itself.

    Coordinates are pixels; arrays and tensors on any device are taken, one element with or
    without its first axis. Widths and font sizes are points at 100 dpi (1 is 1.39 pixels). Colours
    are names, ``#rrggbb``, or (red, green, blue) up to 255; ``"none"`` draws nothing. Styles given
    as a list, opacities too, are cycled over the elements. What lies outside of the image is cut
    off, with a warning the first time.

    Args:
        image: what `as_rgb` takes; it is copied.
    """

    def _placed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where ``points`` (..., 2) lie on the canvas, in pixels."""
        return points

    def draw_bboxes(
        self,
        bboxes: Any,
        edge_colors: Any = "g",
        line_styles: Any = "-",
        line_widths: Any = 2,
        face_colors: Any = "none",
        alpha: Any = 0.8,
    ) -> Self:
        """Draw boxes (N, 4): left, top, right, bottom.

        Raises:
            ValueError: a box isn't finite, or ends before it begins; the message names it.
        """
        boxes = finite(bboxes, "bboxes", (4,))
        wrong = np.flatnonzero((boxes[:, :2] > boxes[:, 2:]).any(axis=1))
        if len(wrong):
            shown = boxes[wrong[0]].tolist()
            raise ValueError(f"bboxes[{wrong[0]}] must be (x1, y1, x2, y2) in order: {shown}")
        self._see(boxes.reshape(-1, 2), "a box")
        corners = self._placed(boxes.reshape(-1, 2, 2))  # the axes may run the other way
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        styles = pens_of(len(boxes), (edge_colors, line_styles, line_widths, alpha))
        faces = inks_of(face_colors, len(boxes), alpha)
        for box, edge, face in zip(boxes.tolist(), styles, faces, strict=True):
            draw_box(self._current_canvas(), box, edge, face=face)
        return self

    def draw_lines(
        self,
        x_datas: Any,
        y_datas: Any,
        colors: Any = "g",
        line_styles: Any = "-",
        line_widths: Any = 2,
    ) -> Self:
        """Draw lines through points (N, number of points), the x apart from the y.

        Raises:
            ValueError: the shapes differ, or a number isn't finite.
        """
        x, y = finite(x_datas, "x_datas", (-1,)), finite(y_datas, "y_datas", (-1,))
        if x.shape != y.shape:
            raise ValueError(f"x_datas and y_datas differ in shape: {x.shape} and {y.shape}")
        points = np.stack([x, y], axis=-1)
        self._see(points.reshape(-1, 2), "a line")
        points = self._placed(points)
        pens = pens_of(len(points), (colors, line_styles, line_widths, 1))
        draw_lines(self._current_canvas(), list(points), pens)
        return self

    def draw_circles(
        self,
        center: Any,
        radius: Any,
        edge_colors: Any = "g",
        line_styles: Any = "-",
        line_widths: Any = 2,
        face_colors: Any = "none",
        alpha: Any = 0.8,
    ) -> Self:
        """Draw circles around ``center`` (N, 2) with ``radius`` (N,).

        Raises:
            ValueError: there are not as many radii as centres, or a number isn't finite, or a
                radius is negative.
        """
        centres, radii = finite(center, "center", (2,)), finite(radius, "radius", ())
        if len(centres) != len(radii):
            raise ValueError(f"{len(centres)} centres and {len(radii)} radii were given")
        if (radii < 0).any():
            wrong = int(np.flatnonzero(radii < 0)[0])
            raise ValueError(f"radius[{wrong}] is negative: {radii[wrong]:g}")
        reach = radii[:, None] + np.zeros((1, 2))
        self._see(np.concatenate([centres - reach, centres + reach]), "a circle")
        styles = pens_of(len(radii), (edge_colors, line_styles, line_widths, alpha))
        faces = inks_of(face_colors, len(radii), alpha)
        ends = self._placed(centres + reach * (1, 0))
        centres = self._placed(centres)
        radii = np.abs(ends - centres)[:, :1]
        circles = np.concatenate([centres, radii], axis=1)
        draw_circles(self._current_canvas(), circles, styles, faces=faces)
        return self

    def draw_points(
        self, positions: Any, colors: Any = "g", marker: Any = None, sizes: Any = None
    ) -> Self:
        """Draw points (N, 2) as one of matplotlib's markers, discs by default.

        Args:
            positions: x and y.
            colors: a colour, or one for each.
            marker: ``o . , s ^ v < > D d * p h H 8 + x | _``, or any other of matplotlib's:
                a number, (corners, style, angle), ``$text$``, vertices.
            sizes: square points, one or (N,): a disc is as wide as the root, and its edge a point
                more. None is 36.

        Raises:
            ValueError: there is no such marker, or a number isn't finite.
        """
        points = finite(positions, "positions", (2,))
        self._see(points, "a point")
        points = self._placed(points)
        areas = to_array(DEFAULT_SIZE if sizes is None else sizes).reshape(-1).tolist()
        if not all(isinstance(area, int | float) for area in areas):
            raise StyleError(f"sizes must be numbers, got {sizes!r:.80}")
        inks, areas = inks_of(colors, len(points), 1), each(areas, len(points))
        sign = "o" if marker is None else marker
        draw_markers(self._current_canvas(), points, inks, sign=sign, sizes=areas)
        return self

    def draw_polygons(
        self,
        polygons: Any,
        edge_colors: Any = "g",
        line_styles: Any = "-",
        line_widths: Any = 2,
        face_colors: Any = "none",
        alpha: Any = 0.8,
    ) -> Self:
        """Draw closed polygons: one (M, 2), or a list of such.

        Raises:
            ValueError: a polygon has another shape, or a number isn't finite.
        """
        outlines = outlines_of(polygons)
        styles = pens_of(len(outlines), (edge_colors, line_styles, line_widths, alpha))
        faces = inks_of(face_colors, len(outlines), alpha)
        if outlines:
            self._see(np.concatenate(outlines), "a polygon")
        placed = [self._placed(points) for points in outlines]
        draw_polygons(self._current_canvas(), placed, styles, faces=faces)
        return self

    def draw_texts(
        self,
        texts: str | list[str],
        positions: Any,
        font_sizes: Any = None,
        colors: Any = "g",
        vertical_alignments: str | list[str] = "top",
        horizontal_alignments: str | list[str] = "left",
        font_families: str | list[str] = "sans-serif",
        bboxes: Any = None,
        font_properties: Any = None,
    ) -> Self:
        """Write texts at ``positions`` (N, 2).

        A text without a box gets an outline that contrasts with it. For characters that the font
        lacks, such as Chinese ones, another one is taken; what none carries becomes a box.

        Args:
            texts: one, or one for each position; ``\\n`` begins another line.
            positions: x and y of the point that the alignments speak of.
            font_sizes: points; None takes a size that suits the image's.
            colors: a colour, or one for each.
            vertical_alignments: what of the text lies there: top, center, bottom, baseline.
            horizontal_alignments: left, center, right.
            font_families: ``sans-serif``, the path of a font file, or a name that matplotlib finds.
            bboxes: settings of a box behind the text, as matplotlib spells them, such as
                ``dict(facecolor="black", alpha=0.7, pad=1)``; one or a list. An empty dict is a
                box of the defaults, ``dict(facecolor="none", edgecolor="none")`` nothing at all.
            font_properties: matplotlib's ``FontProperties``, instead of a family.

        Raises:
            ValueError: the numbers of texts and positions differ.
        """
        vertical, horizontal = vertical_alignments, horizontal_alignments
        check_texts(texts, bboxes, vertical=vertical, horizontal=horizontal)
        texts = [texts] if isinstance(texts, str) else list(texts)
        points, num = finite(positions, "positions", (2,)), len(texts)
        if len(points) != num:
            raise ValueError(f"{num} texts and {len(points)} positions were given")
        self._see(points, "a text")
        points = self._placed(points)
        sizes = [size or self._default_font_size for size in each(listed(font_sizes), num)]
        families = each(font_families, num)
        if font_properties is not None:
            families = [font_file(one) for one in each(font_properties, num)]
        boxes = text_boxes(bboxes, sizes)
        vertical, horizontal = each(vertical, num), each(horizontal, num)
        for i, ink in enumerate(inks_of(colors, num, 1)):
            if ink is None:
                continue
            style = TextStyle(
                ink=ink,
                size=sizes[i],
                vertical=vertical[i],
                horizontal=horizontal[i],
                family=families[i],
                box=boxes[i],
            )
            draw_text(self._current_canvas(), texts[i], (points[i, 0], points[i, 1]), style=style)
        return self

    def draw_binary_masks(self, binary_masks: Any, colors: Any = "g", alphas: Any = 0.8) -> Self:
        """Tint the image where a mask is true; masks are bool (N, H, W) of the image's size.

        Raises:
            ValueError: the masks have another size, or aren't bool.
        """
        check_array(binary_masks, "binary_masks")
        masks = to_array(binary_masks)
        masks = masks[None] if masks.ndim == 2 else masks
        if masks.dtype != np.bool_:
            raise ValueError(f"binary_masks must be bool, got {masks.dtype}; compare, as in m > 0")
        if masks.ndim != 3 or (len(masks) and masks.shape[1:] != (self.height, self.width)):
            wanted = f"({self.height}, {self.width})"
            raise ValueError(f"binary_masks must have the image's size {wanted}, got {masks.shape}")
        inks = each_color(colors, len(masks))
        for mask, ink, alpha in zip(masks, inks, each(listed(alphas), len(masks)), strict=True):
            if ink:
                draw_mask(self._current_canvas(), mask, ink[0], opacity=alpha * ink[1])
        return self

    draw_featmap = staticmethod(draw_featmap)

    def _see(self, points: NDArray[np.float64], what: str) -> None:
        """Warn once if one of ``points`` (n, 2) lies outside of the image."""
        if what in self._warned or not len(points):
            return
        low, high = points.min(axis=0), points.max(axis=0)
        if (low < -1).any() or (high > (self.width, self.height)).any():
            self._warned.add(what)
            size = f"{self.width} x {self.height}"
            message = f"{what} reaches out of the image ({size}) and is cut off; said once"
            warnings.warn(message, UserWarning, stacklevel=3)
