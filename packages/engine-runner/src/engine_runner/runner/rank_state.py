"""Rank states: what a checkpoint holds of every rank: random numbers, gradients, statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch
from torch import Tensor

from engine_checkpoint import OWN, kept
from engine_dataset.sample_seed import mixed
from engine_dist import gather_object, get_rank, get_world_size
from engine_model import is_model_wrapper
from engine_runner.randomness import rng_state, set_random_seed, try_rng_state
from engine_runner.runner.rank_statistics import is_alike, is_anywhere, mean_window
from engine_runner.runner.training import Training
from engine_runner.state import TrainState
from engine_runner.strategy import is_spread

__all__ = ["MOST_RANKS", "RankStates"]

# So many ranks' own states are kept in one file; of more, what doesn't grow with their number.
MOST_RANKS: Final = 64


class RankStates:
    """Gathers for a checkpoint what differs between ranks, and restores this rank's part."""

    def __init__(self, training: Training) -> None:
        """Keep the training, whose model, optimizers and state are read at each call."""
        self._training = training

    def gather(self, state: TrainState, *, with_gradients: bool) -> dict[str, Any]:
        """Return what goes into a checkpoint; on the main rank it holds all ranks'.

        Args:
            state: where the training will stand.
            with_gradients: whether those of an unfinished window are part of it.
        """
        own = self._own_state(state)
        ask = (
            getattr(self._training.optim_wrapper, "window_state", None) if with_gradients else None
        )
        window = None if ask is None else ask()
        if get_world_size() > MOST_RANKS:
            return self._of_many(own, window)
        if window is not None:
            own["accumulation"] = window
        found: list[dict[str, Any]] = gather_object(own) or []
        for each in found[::-1]:  # the main rank's, which are among the weights, come last
            if "buffers" in each:
                each["buffers"] = _different(each["buffers"], found[0]["buffers"])
        return {
            key: [each[key] for each in found] for key in own if any(each[key] for each in found)
        }

    def _own_state(self, state: TrainState) -> dict[str, Any]:
        starts = state.pass_start if state.batch_in_epoch else None
        own: dict[str, Any] = {"rng": {"rng": rng_state(), "pass_start": starts}}
        if state.place_in_data is not None:
            own["data"] = kept(state.place_in_data(), "state_dict() of the data")
        if get_world_size() > 1:
            own["buffers"] = {name: each.detach().cpu() for name, each in self._buffers()}
        return own

    def _of_many(self, own: dict[str, Any], window: Any) -> dict[str, Any]:
        """Of a sharded checkpoint each rank writes its own state; of one file, what all share.

        That is the random state, if it is the same on all ranks, and the mean of their gradients.
        Data sets and loaders that tell their state have asked for it: they are gathered.
        """
        found: dict[str, Any] = {"num_ranks": get_world_size()}
        if window:
            found["accumulation"] = [
                window if is_spread(self._training.model) else mean_window(window)
            ]
        if self._training.strategy.state_dict_type == "sharded":
            return {**found, OWN: own}
        if is_alike(own["rng"]):
            found["rng"] = [own["rng"]]
        if is_anywhere(bool(own.get("data"))):
            found["data"] = gather_object(own.get("data")) or []
        return found

    def _buffers(self) -> Iterator[tuple[str, Tensor]]:
        """What a rank has of its own in its copy of the model: statistics of its samples."""
        model: Any = self._training.model
        while is_model_wrapper(model):
            model = model.module
        yield from model.named_buffers()

    def restore(self, checkpoint: Mapping[str, Any], *, with_gradients: bool) -> None:
        """Get ready to go on with this rank's part of a checkpoint."""
        rank, world_size = get_rank(), get_world_size()
        own = _own_part(checkpoint, rank, world_size)
        if own is not None:
            for state in (own["rng"], (own["pass_start"] or own)["rng"]):
                try_rng_state(state)
            self._training.state.to_restore = own
            self._training.state.pass_start = own[
                "pass_start"
            ]  # of what is saved before the data are read
            if (place := own["place"]) is not None:
                self._training.state.place_in_data = lambda: place
        else:
            kept = checkpoint.get("rng")
            number = "no" if kept is None else f"{len(kept)} ranks'"
            self._training.logger.info(
                "the checkpoint holds %s random states, and there are %d ranks: random numbers go "
                "on from the seed %s and iteration %d",
                *(number, world_size, self._training.seed, self._training.state.iteration),
            )
            seed = mixed(self._training.seed or 0, self._training.state.iteration, 0) % 2**32
            set_random_seed(seed, diff_rank_seed=self._training.diff_rank_seed)
            self._training.state.to_restore = {
                "rng": rng_state(),
                "pass_start": None,
                "buffers": {},
            }
        windows = [each for each in checkpoint.get("accumulation", ()) if each]
        if (
            windows
            and with_gradients
            and hasattr(self._training.optim_wrapper, "load_window_state")
        ):
            # What one rank has of a gradient that is spread is the mean of all ranks' already.
            alike = len(windows) == world_size and not is_spread(self._training.model)
            window = windows[rank] if alike else _mean(windows)
            self._training.optim_wrapper.load_window_state(window)


def _own_part(checkpoint: Mapping[str, Any], rank: int, world_size: int) -> dict[str, Any] | None:
    """What a checkpoint of as many ranks says of this one; None if it says nothing."""
    own, kept = checkpoint.get(OWN), checkpoint.get("rng", ())
    place = checkpoint.get("data", [None] * world_size)
    if own is not None:
        return {**own["rng"], "buffers": own["buffers"], "place": own.get("data")}
    if checkpoint.get("num_ranks") == world_size and len(kept) == 1:
        return {**kept[0], "buffers": {}, "place": place[rank]}
    if len(kept) != world_size:
        return None
    buffers = checkpoint.get("buffers", [{}] * world_size)
    return {**kept[rank], "buffers": buffers[rank], "place": place[rank]}


def _different(buffers: dict[str, Tensor], mains: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: each for name, each in buffers.items() if not torch.equal(each, mains[name])}


def _mean(windows: list[Any]) -> Any:
    """What each of another number of ranks starts from: the mean of the former ones' gradients."""
    first = windows[0]
    if isinstance(first, Mapping):
        return {key: _mean([each[key] for each in windows]) for key in first}
    if isinstance(first, list):
        return [_mean([*each]) for each in zip(*windows, strict=True)]
    tensors = [each for each in windows if isinstance(each, Tensor)]  # None: no gradient there
    return sum(tensors[1:], tensors[0]) / len(windows) if tensors else first
