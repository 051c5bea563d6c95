"""Samples whose random numbers depend on seed, epoch and index alone, not on who reads them."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, get_worker_info

from engine_dataset.sample_seed import seed_sample
from engine_dist import get_data_info

__all__ = ["PerSample", "with_epochs", "with_passes"]

_OWN = ("_inner", "_seed", "_outside")


class PerSample(Dataset[Any]):
    """A map-style data set that seeds Python, numpy and torch for each sample that is read.

    A loader asks it for what `with_epochs` or `with_passes` make of its indices: so the epoch
    comes to workers together with the indices, to those that persist, too. It must also have
    `collate` in place of the loader's function, which draws on from the batch's last sample. In
    the process of the training the generators are then as before.

    Any other attribute is that of the data set it stands for.

    Args:
        dataset: the data set.
        seed: of the run.
    """

    _inner: Any
    _seed: int
    _outside: tuple[Any, Any, Any] | None  # the process's generators, while a batch is read

    def __init__(self, dataset: Any, seed: int) -> None:
        vars(self).update(_inner=dataset, _seed=seed, _outside=None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in _OWN:
            raise AttributeError(name)
        return getattr(self._inner, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            vars(self)[name] = value
        else:
            setattr(self._inner, name, value)

    def __len__(self) -> int:
        return len(self._inner)

    def __getitem__(self, drawn: tuple[int, Any]) -> Any:
        epoch, index = drawn
        return self._read([epoch], [index])[0]

    def __getitems__(self, drawn: tuple[Any, list[Any]]) -> list[Any]:
        """Return the samples of a batch; `collate` has to come next."""
        epochs, indices = drawn
        return self._read(epochs, indices)

    def _read(self, epochs: Any, indices: list[Any]) -> list[Any]:
        if get_worker_info() is None:  # a worker's generators serve nothing else
            # Not `rng_state`, whose plain data takes longer; this is done for each batch.
            self._outside = random.getstate(), np.random.get_state(), torch.get_rng_state()
        inner, seed = self._inner, self._seed
        each_epoch = epochs if isinstance(epochs, list) else [epochs] * len(indices)
        samples = []
        try:
            for epoch, index in zip(each_epoch, indices, strict=True):
                seed_sample(seed, epoch, index if type(index) is int else _number(index))
                samples.append(inner[index])
        except BaseException:
            self._restore()
            raise
        return samples

    def _restore(self) -> None:
        outside, self._outside = self._outside, None
        if outside is not None:
            random.setstate(outside[0])
            np.random.set_state(outside[1])
            torch.set_rng_state(outside[2])

    def collate(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return ``function``, after which the generators are as they were before the batch."""
        return _Collate(function, self)


class _Collate:
    """Can be pickled, unlike a function in a function."""

    def __init__(self, function: Callable[[Any], Any], samples: PerSample) -> None:
        self._function, self._samples = function, samples

    def __call__(self, data: Any) -> Any:
        try:
            return self._function(data)
        finally:
            self._samples._restore()


def _number(index: Any) -> int:
    """A number for an index that is none of Python's."""
    try:
        return int(index)
    except (TypeError, ValueError):
        return zlib.crc32(repr(index).encode())


def with_epochs(drawn: Iterable[Any], epoch: int) -> Iterator[tuple[int, Any]]:
    """Yield what a sampler or batch sampler draws, each together with the epoch."""
    for each in drawn:
        yield epoch, each


def with_passes(drawn: Iterable[Any], size: int) -> Iterator[tuple[Any, Any]]:
    """Yield what an endless sampler draws, each together with the number of passes before it.

    Ranks draw from one sequence in turn, so that the number doesn't depend on how many there are.

    Args:
        drawn: the indices, or lists of them, of this rank.
        size: how many samples a pass has.
    """
    rank, world_size = get_data_info()
    position = rank
    for each in drawn:
        if isinstance(each, list | tuple):
            last = position + (len(each) - 1) * world_size
            passes: Any = position // size
            if last // size != passes:
                passes = [place // size for place in range(position, last + 1, world_size)]
            yield passes, each
            position = last + world_size
        else:
            yield position // size, each
            position += world_size
