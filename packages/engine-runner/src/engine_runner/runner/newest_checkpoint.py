"""The newest checkpoint that is whole, agreed upon by all ranks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from engine_checkpoint import (
    CheckpointError,
    Resumable,
    WrongModelError,
    is_whole,
    resumable,
)
from engine_dist import broadcast_object_list
from engine_dist.objects import first_of

__all__ = ["naming_good_ones", "newest_whole"]


def newest_whole(
    work_dir: str,
    read: Callable[[str], Any],
    go_on: Callable[[str, Any], None],
    *,
    logger: logging.Logger,
) -> bool:
    """Go on from the newest checkpoint that every rank can read and go on from.

    Whatever is wrong with one is said in a warning, and the one before it is taken.

    Args:
        work_dir: where they are.
        read: returns what a checkpoint holds.
        go_on: takes over address and content of one.
        logger: is told what was passed over.

    Returns:
        False where nothing was saved yet.

    Raises:
        WrongModelError: all that can be read are of another model.
        CheckpointError: there are checkpoints, and none of them can be gone on from.
    """
    agreed: list[Resumable] = [resumable(work_dir)]
    broadcast_object_list(agreed)
    addresses, complaint, is_lost = agreed[0]
    if is_lost:
        raise CheckpointError(
            f"can't resume: {complaint}, and no other checkpoint is. To start anew, remove the "
            "file, or leave resume out"
        )
    if complaint:
        logger.warning("%s", complaint)
    reasons, num_others = [], 0
    for address in addresses:
        content, wrong = _attempt(partial(read, address))
        is_read = wrong is None
        if is_read:
            _, wrong = _attempt(partial(go_on, address, content))
        if wrong is None:
            return True
        reason = wrong.reason if address in wrong.reason else f"{address}: {wrong.reason}"
        reasons.append(reason)
        num_others += int(wrong.is_another_model) if is_read else 0
        logger.warning("passing over a checkpoint that can't be resumed from: %s", reason)
    if not addresses:
        return False
    listed = "\n  ".join(reasons)
    if num_others and num_others == len(reasons):
        raise WrongModelError(
            f"can't resume: the model is not the one that was trained in {work_dir}. To start from "
            f"what fits, give a checkpoint as load_from without resume.\n  {listed}"
        )
    raise CheckpointError(
        f"can't resume: no checkpoint in {work_dir} can be resumed from. To start anew, "
        f"leave resume out.\n  {listed}"
    )


class _Wrong(NamedTuple):
    """Why a checkpoint can't be gone on from."""

    reason: str
    is_another_model: bool


def _attempt(act: Callable[[], Any]) -> tuple[Any, _Wrong | None]:
    """What an act returns, or why some rank has failed with it."""
    content, wrong = None, None
    try:
        content = act()
    except (CheckpointError, OSError) as error:
        wrong = _Wrong(str(error), isinstance(error, WrongModelError))
    except Exception as error:  # a state that its owner can't take over
        wrong = _Wrong(f"{type(error).__name__}: {error}", is_another_model=False)
    found = first_of(wrong)
    return content, None if found is None else found[1]


def naming_good_ones(error: CheckpointError, address: str) -> CheckpointError:
    """Return the error of a checkpoint that was asked for, with those that are good beside it."""
    folder = address.replace("\\", "/").rpartition("/")[0] or "."
    others = [each for each in resumable(folder).addresses if each != address]
    good = [each for each in others if is_whole(each)]
    said = f"good ones are {', '.join(good[:5])}" if good else "there is no good one beside it"
    return type(error)(f"{error}; {said}")
