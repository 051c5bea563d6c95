"""Anti-aliased lines: how much of each pixel lies within half a width of a segment.

Only the pixels near a line are looked at: a segment is followed in short steps, and around each
step a small square of pixels is measured against the whole segment.

Dimension names used in this file: S segments, N steps, P side of the square around a step.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from engine_visual.errors import StyleError

Points = NDArray[np.float64]  # (n, 2): x, y
Coverage = tuple[NDArray[np.uint8], tuple[int, int]]  # what part is covered; x, y of its corner

STEP = 16.0  # px
AT_ONCE = 500_000  # pixels measured in one go: bounds the memory
# in widths of the line, on and off; those of matplotlib's default style
_PATTERNS = {
    "-": (),
    "solid": (),
    "--": (3.7, 1.6),
    "dashed": (3.7, 1.6),
    "-.": (6.4, 1.6, 1.0, 1.6),
    "dashdot": (6.4, 1.6, 1.0, 1.6),
    ":": (1.0, 1.65),
    "dotted": (1.0, 1.65),
}


def dash_pattern(style: object) -> tuple[float, ...] | None:
    """Lengths on and off of a line style, in widths of the line; () is solid, None is no line.

    Args:
        style: ``-``, ``--``, ``-.``, ``:``, their names, ``none``, or (offset, (on, off, ...)).

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(style, str):
        if style.strip().lower() in ("", "none"):
            return None
        if style in _PATTERNS:
            return _PATTERNS[style]
    elif isinstance(style, tuple) and len(style) == 2 and style[1]:
        lengths = tuple(float(n) for n in style[1])
        if len(lengths) % 2 == 0 and all(n > 0 for n in lengths):
            return lengths
    raise StyleError(f"{style!r} is no line style; accepted: {', '.join(_PATTERNS)}, none")


def segments_of(points: Points, *, closed: bool = False) -> NDArray[np.float64]:
    """The segments (S, 2, 2) from each point to the next; ``closed`` adds that to the first."""
    following = np.roll(points, -1, axis=0)
    pairs = np.stack([points, following], axis=1)
    return pairs if closed else pairs[:-1]


def dashes_of(segments: NDArray[np.float64], lengths: tuple[float, ...]) -> NDArray[np.float64]:
    """The dashes along ``segments`` (S, 2, 2), as segments.

    Args:
        segments: a dash goes on where the next one begins; cut them to the image before.
        lengths: pixels on and off in turn.
    """
    sizes = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    ends = np.cumsum(sizes)
    total = float(ends[-1]) if len(ends) else 0.0
    found, at = [], 0.0
    for i in itertools.count():
        if at >= total:
            break
        step = lengths[i % len(lengths)]
        if i % 2 == 0:
            found += _cut(segments, ends - sizes, sizes, span=(at, min(at + step, total)))
        at += step
    return np.array(found).reshape(-1, 2, 2)


def _cut(
    segments: NDArray[np.float64],
    starts: NDArray[np.float64],
    sizes: NDArray[np.float64],
    *,
    span: tuple[float, float],
) -> list[NDArray[np.float64]]:
    """The parts of ``segments`` between two distances from the beginning."""
    found = []
    for i in np.flatnonzero((starts < span[1]) & (starts + sizes > span[0]) & (sizes > 0)):
        a, b = segments[i]
        near, far = ((np.array(span) - starts[i]) / sizes[i]).clip(0, 1)
        found.append(np.stack([a + (b - a) * near, a + (b - a) * far]))
    return found


def stroke(
    segments: NDArray[np.float64], width: float, size: tuple[int, int], *, round_ends: bool = True
) -> Coverage:
    """What ``segments`` cover of an image.

    Args:
        segments: (S, 2, 2), pixels.
        width: of the line, pixels.
        size: (width, height) of the image; nothing outside is returned.
        round_ends: whether ends and joints are round; else lines end at their points.
    """
    segments = cut_to(segments, size, margin=width + 2)
    if not len(segments):
        return np.zeros((0, 0), np.uint8), (0, 0)
    reach = width / 2 + 1
    low = np.floor(segments.reshape(-1, 2).min(axis=0) - reach).astype(int).clip(0)
    high = np.ceil(segments.reshape(-1, 2).max(axis=0) + reach).astype(int) + 1
    high = np.minimum(high, size)
    buffer = np.zeros(tuple(np.maximum(high - low, 0))[::-1], np.uint8)
    if buffer.size:
        owner, centres, side = _steps(segments - low, width)
        batch = max(1, AT_ONCE // side**2)
        for i in range(0, len(owner), batch):
            some = segments[owner[i : i + batch]] - low
            _measure(buffer, some, centres[i : i + batch], pen=(side, width, round_ends))
    return buffer, (int(low[0]), int(low[1]))


def cut_to(
    segments: NDArray[np.float64], size: tuple[int, int], margin: float
) -> NDArray[np.float64]:
    """The parts of the segments inside of the image and ``margin`` around it (Liang-Barsky)."""
    start, way = segments[:, 0], segments[:, 1] - segments[:, 0]  # (S, 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        to_low = (-margin - start) / way
        to_high = (np.array(size) + margin - start) / way
    still = way == 0
    inside = (start >= -margin) & (start <= np.array(size) + margin)
    enter = np.where(still, np.where(inside, 0, 2), np.minimum(to_low, to_high)).max(axis=1)
    leave = np.where(still, 1, np.maximum(to_low, to_high)).min(axis=1)
    enter, leave = enter.clip(0), leave.clip(None, 1)
    kept = enter <= leave
    ends = np.stack([start + way * enter[:, None], start + way * leave[:, None]], axis=1)
    return np.asarray(ends[kept])


def _steps(
    segments: NDArray[np.float64], width: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], int]:
    """(segment of each step (N,), its centre (N, 2), P) for steps that cover the segments."""
    longest = max(STEP, width)
    lengths = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    counts = np.maximum(1, np.ceil(lengths / longest)).astype(int)
    owner = np.repeat(np.arange(len(segments)), counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    part = ((number + 0.5) / counts[owner])[:, None]
    centres = segments[owner, 0] * (1 - part) + segments[owner, 1] * part
    reach = min(longest, float(lengths.max(initial=0)))
    return owner, centres, int(np.ceil(reach + width)) + 3


def _measure(
    buffer: NDArray[np.uint8],
    segments: NDArray[np.float64],
    centres: NDArray[np.float64],
    *,
    pen: tuple[int, float, bool],
) -> None:
    """Raise ``buffer`` to what each segment (N, 2, 2) covers in the square around its centre."""
    side, width, round_ends = pen
    rows, columns = buffer.shape
    corner = np.floor(centres - side / 2).astype(np.intp) + 1
    x, y = (corner[:, i, None] + np.arange(side) for i in (0, 1))  # (N, P)
    way = segments[:, 1] - segments[:, 0]
    length = np.hypot(way[:, 0], way[:, 1])[:, None]
    unit = np.where(length > 0, way / np.where(length > 0, length, 1), (1, 0))
    dx, dy = ((n - segments[:, 0, i, None]).astype(np.float32) for i, n in enumerate((x, y)))
    ux, uy = (unit[:, i, None].astype(np.float32) for i in (0, 1))
    along = (dx * ux)[:, None, :] + (dy * uy)[:, :, None]  # (N, P, P)
    across = (dx * uy)[:, None, :] - (dy * ux)[:, :, None]
    end = length[:, :, None].astype(np.float32)
    if round_ends:
        along -= along.clip(0, end)  # what lies beyond the ends
        distance = np.sqrt(along * along + across * across)
        covered = (width / 2 + 0.5 - distance).clip(0, min(1.0, width))
    else:
        covered = (width / 2 + 0.5 - np.abs(across)).clip(0, min(1.0, width))
        covered *= (np.minimum(along, end - along) + 0.5).clip(0, 1)
    seen = covered > 0
    seen &= ((x >= 0) & (x < columns))[:, None, :] & ((y >= 0) & (y < rows))[:, :, None]
    flat = ((y * columns)[:, :, None] + x[:, None, :])[seen]
    np.maximum.at(buffer.reshape(-1), flat, np.rint(covered[seen] * 255).astype(np.uint8))
