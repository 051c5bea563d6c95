"""How the fields of a sample are drawn: a table from field to function, which libraries extend.

A sample is a ``BaseDataElement``: an ``InstanceData`` or ``PixelData`` itself, or one that holds
such elements under names that begin with ``gt`` or ``pred``. It is recognised by what it can do.

Dimension names used in this file: N instances, K points of each, H rows, W columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine_visual.arrays import as_rgb, to_array
from engine_visual.drawing import Surface, draw_featmap, palette, parse_color
from engine_visual.drawing.colors import Color, contrast
from engine_visual.drawing.masks import draw_labels

Fields = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a data set says of how its samples look.

    ``classes`` are names by label, ``colors`` colours by label, both possibly shorter than there
    are labels; ``links`` are pairs of key points that a line joins.
    """

    classes: Sequence[str] = ()
    colors: Sequence[Any] = ()
    links: Sequence[Sequence[int]] = ()

    def name(self, label: int) -> str:
        """The class's name, or its number."""
        return str(self.classes[label]) if 0 <= label < len(self.classes) else str(label)

    def color(self, label: int) -> Color:
        """The colour of a class, the same one every time."""
        if 0 <= label < len(self.colors):
            parsed = parse_color(tuple(self.colors[label]))
            return parsed[0] if parsed else (0, 0, 0)
        return palette(label % 64 + 1)[-1]


FieldDrawer = Callable[[Surface, Fields, Look], None]
_drawers: dict[str, FieldDrawer] = {}


def draws_field(name: str, *, first: bool = False) -> Callable[[FieldDrawer], FieldDrawer]:
    """Have a function draw every element that has a field called ``name``.

    It gets the surface, all fields of the element (instances below the score threshold left out),
    and the look of the data set, and replaces whoever drew that field before ::

        @draws_field("lanes")
        def draw_lanes(surface, fields, look):
            for lane in fields["lanes"]:
                surface.draw_lines(lane[:, 0], lane[:, 1], colors="y")

    Args:
        name: of the field.
        first: whether it is drawn below all others instead of above.
    """

    def register(function: FieldDrawer) -> FieldDrawer:
        others = {key: value for key, value in _drawers.items() if key != name}
        if name in _drawers and not first:
            _drawers[name] = function  # it keeps its place
        else:
            _drawers.clear()
            _drawers.update({name: function, **others} if first else {**others, name: function})
        return function

    return register


def draw_sample(
    surface: Surface, image: Any, sample: Any, *, prefixes: tuple[str, ...], score: float
) -> list[NDArray[np.uint8]]:
    """Draw ``sample`` on copies of ``image``: one picture for each of ``prefixes`` that it has.

    Args:
        surface: draws; its ``dataset_meta`` gives names and colours.
        image: what `as_rgb` takes.
        sample: ``BaseDataElement`` or None.
        prefixes: beginnings of the names of elements that are drawn, ``gt`` or ``pred``.
        score: instances of predictions with a lower score are left out.

    Returns:
        the pictures, all of the image's size; the image alone if nothing is drawn.

    Raises:
        TypeError: ``sample`` is no element.
    """
    pixels = as_rgb(image)
    if sample is None:
        return [pixels]
    if not _is_element(sample):
        raise TypeError(f"a sample must be a BaseDataElement, got {type(sample).__name__}")
    look = look_of(getattr(surface, "dataset_meta", None))
    groups = _groups(sample, prefixes, score)
    pictures = []
    for elements in groups:
        surface.set_image(pixels)
        for name, drawer in _drawers.items():
            for fields in elements:
                if name in fields:
                    drawer(surface, fields, look)
        pictures.append(surface.get_image())
    return pictures or [pixels]


def look_of(dataset_meta: Mapping[str, Any] | None) -> Look:
    """The look that a data set's meta information describes."""
    meta = {str(key).lower(): value for key, value in (dataset_meta or {}).items()}
    colors = meta.get("palette") or ()
    return Look(
        classes=meta.get("classes") or (),
        colors=() if isinstance(colors, str) else colors,
        links=meta.get("skeleton_links") or (),
    )


def _is_element(value: Any) -> bool:
    return hasattr(value, "metainfo_keys") and hasattr(value, "keys")


def _groups(sample: Any, prefixes: tuple[str, ...], score: float) -> list[list[Fields]]:
    """The elements of each picture, as their fields."""
    own = dict(sample.items())
    if any(name in _drawers for name in own):
        return [[_confident(sample, score)]]
    found = []
    for prefix in prefixes:
        elements: list[Fields] = []
        loose = {}
        for name, value in own.items():
            if not name.startswith(prefix):
                continue
            if _is_element(value):
                elements.append(_confident(value, score if prefix == "pred" else None))
            else:
                loose[name.removeprefix(prefix).lstrip("_")] = value
        elements.append(loose)
        if any(name in _drawers for fields in elements for name in fields):
            found.append(elements)
    return found


def _confident(element: Any, score: float | None) -> Fields:
    """The fields of ``element``, of the instances alone that reach ``score``."""
    scores = element.get("scores")
    if scores is not None and score is not None and hasattr(element, "__getitem__"):
        element = element[(scores if hasattr(scores, "shape") else to_array(scores)) >= score]
    return dict(element.items())


def _labels(fields: Fields, count: int) -> list[int]:
    labels = fields.get("labels")
    return [0] * count if labels is None else to_array(labels).astype(int).reshape(-1).tolist()


@draws_field("sem_seg")
def _draw_sem_seg(surface: Surface, fields: Fields, look: Look) -> None:
    labels = to_array(fields["sem_seg"])
    labels = labels.reshape(labels.shape[-2:])  # (H, W) of (1, H, W)
    present = np.unique(labels).tolist()
    known = [n for n in present if n < len(look.classes) or not look.classes]
    colors = {label: look.color(label) for label in known if label != 255}
    draw_labels(surface.canvas, labels, colors, opacity=0.5)


@draws_field("heatmaps")
def _draw_heatmaps(surface: Surface, fields: Fields, look: Look) -> None:
    maps = to_array(fields["heatmaps"])  # (K, H, W)
    surface.set_image(draw_featmap(maps.max(axis=0, keepdims=True), surface.get_image()))


@draws_field("masks")
def _draw_masks(surface: Surface, fields: Fields, look: Look) -> None:
    masks = fields["masks"]
    masks = to_array(masks.to_ndarray() if hasattr(masks, "to_ndarray") else masks) > 0  # (N, H, W)
    colors = [look.color(label) for label in _labels(fields, len(masks))]
    if len(masks):
        surface.draw_binary_masks(masks, colors=colors, alphas=0.5)


@draws_field("polygons")
def _draw_polygons(surface: Surface, fields: Fields, look: Look) -> None:
    polygons = list(fields["polygons"])
    colors = [look.color(label) for label in _labels(fields, len(polygons))]
    if polygons:
        surface.draw_polygons(polygons, edge_colors=colors, face_colors=colors, alpha=0.5)


@draws_field("bboxes")
def _draw_bboxes(surface: Surface, fields: Fields, look: Look) -> None:
    boxes = fields["bboxes"]
    boxes = to_array(getattr(boxes, "tensor", boxes))  # (N, 4)
    if not len(boxes):
        return
    labels = _labels(fields, len(boxes))
    colors = [look.color(label) for label in labels]
    surface.draw_bboxes(boxes, edge_colors=colors, alpha=0.9)
    if fields.get("labels") is None and fields.get("scores") is None:
        return
    scores = fields.get("scores")
    ends = [""] * len(boxes) if scores is None else [f": {s:.2f}" for s in to_array(scores)]
    names = [""] * len(boxes) if fields.get("labels") is None else [look.name(n) for n in labels]
    surface.draw_texts(
        [(name + end).removeprefix(": ") for name, end in zip(names, ends, strict=True)],
        boxes[:, :2].clip(0),
        colors=[contrast(color) for color in colors],
        vertical_alignments=["bottom" if y > 25 else "top" for y in boxes[:, 1]],
        bboxes=[{"facecolor": c, "edgecolor": "none", "alpha": 0.8, "pad": 1} for c in colors],
    )


@draws_field("keypoints")
def _draw_keypoints(surface: Surface, fields: Fields, look: Look) -> None:
    points = to_array(fields["keypoints"])[..., :2]  # (N, K, 2)
    seen = fields.get("keypoint_scores", fields.get("keypoints_visible"))
    shown = np.ones(points.shape[:2], bool) if seen is None else to_array(seen) > 0.3
    for person, visible in zip(points, shown, strict=True):
        for i, (a, b) in enumerate(look.links):
            if visible[a] and visible[b]:
                color = palette(i + 1)[-1]
                surface.draw_lines(person[[a, b], 0], person[[a, b], 1], colors=color)
        surface.draw_points(person[visible], colors=palette(len(person))[-1], sizes=40)


@draws_field("label")
def _draw_label(surface: Surface, fields: Fields, look: Look) -> None:
    labels = to_array(fields["label"]).astype(int).reshape(-1).tolist()
    score = fields.get("score")
    scores = [] if score is None else to_array(score).reshape(-1).tolist()
    lines = []
    for i, label in enumerate(labels):
        place = label if label < len(scores) else i  # one for each class, or for each label
        ending = f": {scores[place]:.2f}" if place < len(scores) else ""
        lines.append(look.name(label) + ending)
    surface.draw_texts("\n".join(lines), np.array([6, 6]), colors="white")
