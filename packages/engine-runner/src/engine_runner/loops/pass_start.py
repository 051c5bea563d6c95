"""Start of a pass over the data, such that an interrupted one goes on exactly."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import torch

from engine_dataset.per_sample import PerSample, with_epochs, with_passes
from engine_runner.loaders import drawing_state, set_drawing_state
from engine_runner.loops.resume_position import batches_from, dropped, is_endless, is_map_style
from engine_runner.loops.stateful_loader import (
    StreamBatches,
    keeps_own_place,
    stream_changes,
    tells_its_place,
)
from engine_runner.randomness import rng_state, set_rng_state
from engine_runner.state import TrainState

__all__ = ["Opening"]

logger = logging.getLogger(__name__)


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
        state.pass_start = {
            "rng": rng_state(),
            "drawing": drawing_state(loader),
            "epoch": epoch,
            "iteration": state.iteration - start,
        }
        place = None if kept is None else kept.get("place")
        if keeps_own_place(loader):
            return self._with_own_state(loader, start, place=place, then=then)
        if tells_its_place(loader):
            return self._stream(loader, start, place=place if start else None, then=then)
        state.place_in_data = None
        if not is_map_style(loader):
            return batches_from(loader, start, then=then, tell=self._tell)
        changes: dict[str, Any] = {}
        if loader.persistent_workers and loader.generator is None:
            # Workers are started, and seeded, once: a resumed training must draw for it no more.
            seed_of_workers = _draw() if epoch == 0 else epoch
            changes["generator"] = torch.Generator().manual_seed(seed_of_workers)
        seed = None if self._seed is None else self._seed()
        if seed is None:
            return batches_from(loader, start, then=then, **changes)
        if self._samples is None:
            self._samples = PerSample(loader.dataset, seed)
        changes["dataset"] = self._samples
        changes["collate_fn"] = self._samples.collate(loader.collate_fn)
        size = len(loader.dataset) if is_endless(loader) else 0
        return batches_from(loader, start, then=then, tag=partial(self._tagged, size), **changes)

    def _with_own_state(
        self, loader: Any, start: int, *, place: Any, then: Callable[[], None] | None
    ) -> Iterator[Any]:
        """The iterator of a loader that goes on by itself, also after the end of a pass."""
        if place is not None:
            loader.load_state_dict(place)
        self._state.place_in_data = loader.state_dict
        _draw()  # always one number: how many the loader draws depends on where it goes on
        after = torch.get_rng_state()
        batches: Iterator[Any] = iter(loader)
        torch.set_rng_state(after)
        dropped(batches, start if place is None else 0, self._tell)
        if then is not None:
            then()
        return batches

    def _stream(
        self, loader: Any, start: int, *, place: Any, then: Callable[[], None] | None
    ) -> Iterator[Any]:
        """The iterator of a stream, at the place that it once told."""
        workers = loader.num_workers
        if place is not None and place["workers"] != workers:
            logger.warning(
                "the data were read by %d workers before, and are by %d now, which changes the "
                "order of a stream",
                *(place["workers"], workers),
            )
            place = None
        skip = start if place is None else 0
        changes = stream_changes(loader, place)
        own = batches_from(loader, skip, then=then, tell=self._tell, **changes)
        found = StreamBatches(own, place, workers)
        self._state.place_in_data = found.place
        return found

    def _tell(self, done: int, number: int) -> None:
        self._state.reading_over = (done, number) if done < number else None

    def _tagged(self, size: int, drawn: Iterable[Any]) -> Iterator[Any]:
        """Indices with their epoch: that of the present pass, also where workers persist."""
        return with_passes(drawn, size) if size else with_epochs(drawn, self._epoch)


def _draw() -> int:
    """A number of the process's generator, as torch draws one for each pass."""
    return int(torch.empty((), dtype=torch.int64).random_().item())
