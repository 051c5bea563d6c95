"""Whether a resumed training reads the data set that it read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine_logging import MMLogger
from engine_runner.loaders import metainfo_of

__all__ = ["compare_dataset_meta"]


def compare_dataset_meta(meta: Mapping[str, Any], loop: Any, logger: MMLogger) -> None:
    """Warn if what is known of the training data differs from what a checkpoint says of them.

    Args:
        meta: the checkpoint's, which may have ``dataset_meta``.
        loop: the training's, with its ``dataloader``.
        logger: whom to warn.
    """
    saved, now = meta.get("dataset_meta"), metainfo_of(getattr(loop, "dataloader", None))
    if saved is None or now is None or _is_same(saved, now):
        return
    keys: Sequence[Any] = ()
    if isinstance(saved, Mapping) and isinstance(now, Mapping):
        keys = [key for key in {**saved, **now} if not _is_same(saved.get(key), now.get(key))]
    logger.warning(
        "the dataset_meta of the checkpoint differs from that of the training data%s: is it the "
        "right checkpoint, and the right data set?",
        f" in {', '.join(map(repr, keys))}" if keys else "",
    )


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal; lists and tuples may be, as formats don't tell them apart."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_is_same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if hasattr(one, "shape") and hasattr(other, "shape"):
        return one.shape == other.shape and bool((one == other).all())
    try:
        return bool(one == other)
    except (TypeError, ValueError, RuntimeError):
        return True  # nobody can tell
