"""Ways in which the newest checkpoint may be damaged: a resume says it, and takes the one before.

A short training leaves two checkpoints. Of the newest one every bit of the first 4 kB is flipped,
and some of the rest, one at a time; then every place in it gets a value of each type that doesn't
belong there. Nothing may end the resume, nor give weights that neither checkpoint has.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from small import small_runner

from engine_runner.checkpoint import (
    LAST,
    WrongModelError,
    check_resumable,
    read_file,
    save_checkpoint,
)
from engine_runner.runner.newest import newest_whole

__all__ = ["Damaged", "flip_bits", "put_raw_types"]

_HEAD = 4096  # bytes of which every bit is flipped
_OTHERS = 500  # bits of the rest
_MOST_DEEP = 6

RAW: list[Any] = [None, True, 7, -1, 0.5, float("nan"), "text", b"bytes", [], {}, (), set()]
RAW += [[None], [1, "a"], [{}], ({},), {"a": 1}, {1: {}}, torch.ones(2), torch.zeros(0), 1j]
RAW += [{"param_groups": [{}], "state": {}}, {"log_scalars": {"a": 1}, "runtime_info": {}}]


class Damaged(NamedTuple):
    """What was tried, and what went wrong."""

    tried: int
    passed_over: int
    wrong: list[str]


class _Training:
    """A training that is over, and its last two checkpoints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        small_runner(folder, "sync", resume=False).train()
        self.before, self.newest = (str(folder / f"epoch_{number}.pth") for number in (2, 3))
        self.logger = logging.getLogger("chaos")
        self.logger.disabled = True
        self._known: dict[str, Any] = {}

    def taken(self) -> str:
        """The address of the checkpoint that a resume would take."""
        taken: list[str] = []
        newest_whole(
            str(self.folder),
            self._read,
            lambda address, _: taken.append(address),
            logger=self.logger,
        )
        return taken[0]

    def _read(self, address: str) -> Any:
        if address == self.newest or address not in self._known:
            content = read_file(address, "cpu")
            check_resumable(content, address)
            self._known[address] = content
        return self._known[address]


def flip_bits(folder: Path, *, every: int, seed: int) -> Damaged:
    """Flip each so many-th of the bits, one at a time."""
    training = _Training(folder)
    size = os.stat(training.newest).st_size  # noqa: PTH116 - beside what is written
    draw = random.Random(seed)
    bits = [*range(draw.randrange(every), _HEAD * 8, every)]
    bits += [draw.randrange(_HEAD * 8, size * 8) for _ in range(max(1, _OTHERS // every))]
    passed_over, wrong = 0, []
    with Path(training.newest).open("r+b", buffering=0) as file:
        for bit in bits:
            byte, mask = bit // 8, 1 << bit % 8
            before = os.pread(file.fileno(), 1, byte)
            os.pwrite(file.fileno(), bytes([before[0] ^ mask]), byte)
            try:
                taken = training.taken()
            except Exception as error:
                wrong.append(f"bit {bit} of {size * 8}: {type(error).__name__}: {error}"[:300])
            else:
                passed_over += taken == training.before
                if taken != training.before:
                    wrong.append(f"bit {bit} of {size * 8}: it was taken")
            os.pwrite(file.fileno(), before, byte)
    if training.taken() != training.newest:
        wrong.append("the whole one was not taken")
    return Damaged(len(bits), passed_over, wrong)


def put_raw_types(folder: Path, *, every: int, seed: int) -> Damaged:
    """Put a value of each type into each place, resume from what was saved, and train on."""
    original = folder / "original"
    training = _Training(original)
    whole = read_file(training.newest, "cpu")
    good = [_weights(each["state_dict"]) for each in (read_file(training.before, "cpu"), whole)]
    places = [(place, value) for place in _places(whole, ()) for value in RAW]
    chosen = random.Random(seed).sample(places, max(1, len(places) // every))
    passed_over, wrong = 0, []
    for place, value in chosen:
        work_dir = folder / "damaged"
        shutil.copytree(original, work_dir, ignore=shutil.ignore_patterns("2*"))
        newest = str(work_dir / Path(training.newest).name)
        save_checkpoint(_with(whole, place, value), newest)
        (work_dir / LAST).write_text(newest, "utf-8")
        what = f"{''.join(f'[{each!r}]' for each in place)} is {value!r:.60}"
        try:
            found = _trained_on(work_dir, to_the_end=place[:2] != ("optimizer", "state"))
        except WrongModelError as error:  # which is no damage: it says so, and doesn't go back
            if place[0] != "state_dict" or not isinstance(value, torch.Tensor):
                wrong.append(f"{what}: {error}"[:400])
        except Exception as error:
            wrong.append(f"{what}: {type(error).__name__}: {error}"[:400])
        else:
            passed_over += found == good[0]
            if found not in good:
                wrong.append(f"{what}: neither checkpoint's weights")
        shutil.rmtree(work_dir)
    return Damaged(len(chosen), passed_over, wrong)


def _trained_on(work_dir: Path, *, to_the_end: bool) -> list[Any]:
    """The weights that a resume takes over, from which a training can go on.

    Of the states of parameters only their optimizer knows what they should be: what is wrong in
    them shows at its first step.
    """
    runner = small_runner(work_dir, "sync", resume=True, epochs=4)
    runner.load_or_resume()
    found = _weights(runner.model.state_dict())
    if to_the_end:
        runner.train()
    return found


def _weights(state: Mapping[str, Any]) -> list[Any]:
    return [each.tolist() for each in state.values()]


def _places(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Every place in a tree; of long lists the first and the last."""
    if place:
        yield place
    if len(place) == _MOST_DEEP:
        return
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _places(each, (*place, key))
    elif isinstance(value, list | tuple):
        for index in sorted({0, len(value) - 1} if value else ()):
            yield from _places(value[index], (*place, index))


def _with(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy of a tree with something else at a place."""
    if not place:
        return new
    key, *rest = place
    changed: Callable[[], Any] = lambda: _with(value[key], tuple(rest), new)  # noqa: E731
    if isinstance(value, Mapping):
        return {**value, key: changed()}
    listed = [*value]
    listed[key] = changed()
    return type(value)(listed)
