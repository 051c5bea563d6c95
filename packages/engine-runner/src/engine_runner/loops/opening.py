"""Beginning a training's passes over its data, such that an interrupted one goes on exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import torch

from engine_runner.dataset.per_sample import PerSample, with_epochs, with_passes
from engine_runner.loaders import drawing_state, set_drawing_state
from engine_runner.loops.position import batches_from, is_endless, is_map_style
from engine_runner.randomness import rng_state, set_rng_state
from engine_runner.state import TrainState

__all__ = ["Opening"]


class Opening:
    """Returns the iterator of each pass over a loader's data.

    A pass that is entered in the middle begins with the generators that the whole one began with,
    so that samplers draw the same order, and goes on with those of the moment of the checkpoint.

    Args:
        state: where the training stands.
        seed: returns the seed of random numbers that depend on the sample alone; None for those
            of the process. It is asked when a pass begins.
    """

    def __init__(self, state: TrainState, seed: Callable[[], int | None] | None = None) -> None:
        self._state, self._seed = state, seed
        self._epoch = 0
        self._samples: PerSample | None = None

    def __call__(self, loader: Any, start: int, epoch: int) -> Iterator[Any]:
        """Begin a pass.

        Args:
            loader: the data.
            start: how many batches to leave out.
            epoch: which pass it is, from 0.
        """
        state, self._epoch = self._state, epoch
        kept, state.to_restore = state.to_restore, None
        then = None
        if kept is not None and start and kept["pass_start"] is not None:
            begun = kept["pass_start"]
            set_rng_state(begun["rng"])
            set_drawing_state(loader, begun["drawing"])
            then = partial(set_rng_state, kept["rng"])
        state.pass_start = {"rng": rng_state(), "drawing": drawing_state(loader)}
        if not is_map_style(loader):
            return batches_from(loader, start, then=then)
        changes: dict[str, Any] = {}
        if loader.persistent_workers and loader.generator is None:
            # Workers are started, and seeded, once: a resumed training must draw for it as often.
            own = int(torch.empty((), dtype=torch.int64).random_().item())
            changes["generator"] = torch.Generator().manual_seed(own)
        seed = None if self._seed is None else self._seed()
        if seed is None:
            return batches_from(loader, start, then=then, **changes)
        if self._samples is None:
            self._samples = PerSample(loader.dataset, seed)
        changes["dataset"] = self._samples
        changes["collate_fn"] = self._samples.collate(loader.collate_fn)
        size = len(loader.dataset) if is_endless(loader) else 0
        return batches_from(loader, start, then=then, tag=partial(self._tagged, size), **changes)

    def _tagged(self, size: int, drawn: Iterable[Any]) -> Iterator[Any]:
        """Indices with their epoch: that of the present pass, also where workers persist."""
        return with_passes(drawn, size) if size else with_epochs(drawn, self._epoch)
