"""Ways in which the newest checkpoint may be damaged: a resume says it, and takes the one before.

A short training leaves two checkpoints. Of the newest one every bit of the first 4 kB is flipped,
and some of the rest, one at a time; then every place in it gets a value of each type that doesn't
belong there. Nothing may end the resume, nor give weights that neither checkpoint has. What is
tried is tried in processes that are forked: one that never ends is told, and ends nothing else.
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
from forks import forked
from small import small_runner

from engine_checkpoint import (
    LAST,
    check_resumable,
    read_file,
    save_checkpoint,
)
from engine_runner.runner.newest_checkpoint import newest_whole

__all__ = ["Damaged", "flip_bits", "put_raw_types"]

_HEAD = 4096  # bytes of which every bit is flipped
_OTHERS = 500  # bits of the rest
_MOST_DEEP = 6
_TOGETHER = 256  # bits that a process tries
_MOST_S = 30.0  # a resume, and the training to its end
_BEFORE, _NEWEST = "the one before", "the newest"

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
    wrong: list[str] = []
    for start in range(0, len(bits), _TOGETHER):
        some = bits[start : start + _TOGETHER]
        found = forked(lambda _, some=some: [_flipped(training, bit) for bit in some])[0]
        if found is None:
            found = [f"one of the bits from {some[0]} to {some[-1]}: the resume did not end"]
        wrong += filter(None, found)
    if training.taken() != training.newest:
        wrong.append("the whole one was not taken")
    return Damaged(len(bits), len(bits) - len(wrong), wrong)


def _flipped(training: _Training, bit: int) -> str:
    """What is wrong with a resume from a checkpoint of which a bit is flipped."""
    whole = Path(training.newest).read_bytes()
    byte, mask = bit // 8, 1 << bit % 8
    with Path(training.newest).open("r+b", buffering=0) as file:
        os.pwrite(file.fileno(), bytes([whole[byte] ^ mask]), byte)
        try:
            taken = training.taken()
        except Exception as error:
            return f"bit {bit}: {type(error).__name__}: {error}"[:300]
        finally:
            os.pwrite(file.fileno(), whole[byte : byte + 1], byte)
    return "" if taken == training.before else f"bit {bit}: {taken} was taken"


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
        found = forked(lambda _, in_=work_dir: _resumed(in_, good), most_s=_MOST_S)[0]
        passed_over += found == _BEFORE
        if found is None:
            found = "the resume did not end"
        if found not in (_BEFORE, _NEWEST):
            what = f"{''.join(f'[{each!r}]' for each in place)} is {value!r:.60}"
            wrong.append(f"{what}: {found}"[:400])
        shutil.rmtree(work_dir)
    return Damaged(len(chosen), passed_over, wrong)


def _resumed(work_dir: Path, good: list[Any]) -> str:
    """Which checkpoint's weights a resume takes and trains on with, or what is wrong."""
    try:
        runner = small_runner(work_dir, "sync", resume=True, epochs=4)
        runner.load_or_resume()
        found = _weights(runner.model.state_dict())
        runner.train()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return (_BEFORE, _NEWEST)[good.index(found)] if found in good else "neither one's weights"


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
