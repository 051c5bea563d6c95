"""Parts of a checkpoint as they are saved: meta data, clocks, states of schedulers."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final

from engine_runner.__about__ import MMENGINE, __version__
from engine_runner.loaders import metainfo_of
from engine_runner.runner.training import Training
from engine_runner.state import TrainState

__all__ = ["clocks_after", "meta_of", "scheduler_states"]

_OF_GROUPS: Final = ("base_values", "_last_value", "min_values")


def clocks_after(training: Training, meta: dict[str, Any] | None, *, by_epoch: bool) -> TrainState:
    """Return where the training stands when what is going on is finished.

    Args:
        training: its clocks don't count yet what is going on.
        meta: ``epoch`` and ``iter``, if the caller knows them.
        by_epoch: whether an epoch ends, or else an iteration.
    """
    state = replace(training.state, epoch=training.epoch, iteration=training.iter)
    if meta and "epoch" in meta and "iter" in meta:
        state.epoch, state.iteration = int(meta["epoch"]), int(meta["iter"])
    elif by_epoch:
        state.epoch, state.batch_in_epoch = state.epoch + 1, 0
    else:
        state.iteration, state.batch_in_epoch = state.iteration + 1, state.batch_in_epoch + 1
    return state


def meta_of(training: Training, state: TrainState, dataloader: Any) -> dict[str, Any]:
    """Return what a checkpoint says of itself.

    Args:
        training: what is saved.
        state: where it will stand.
        dataloader: of the training; None while there is none.
    """
    meta: dict[str, Any] = {
        "epoch": state.epoch,
        "iter": state.iteration,
        "cfg": training.cfg.pretty_text,
        "seed": training.seed,
        "experiment_name": training.experiment_name,
        "time": time.strftime("%Y%m%d_%H%M%S", time.localtime()),
        "engine_version": __version__,
        "mmengine_version": MMENGINE,
    }
    metainfo = metainfo_of(dataloader)
    if metainfo is not None:
        meta["dataset_meta"] = metainfo
    return meta


def scheduler_states(schedulers: Any, wrapper: Any) -> Any:
    """Return schedulers' states, with values for the parameter groups that are saved beside them.

    Args:
        schedulers: a list, or for several optimizers a list of each.
        wrapper: the optimizer wrapper, or several by name.
    """
    if isinstance(schedulers, dict):
        return {name: scheduler_states(group, wrapper[name]) for name, group in schedulers.items()}
    spread = getattr(wrapper, "by_parameter", None)
    states = [each.state_dict() for each in schedulers]
    if spread is None:
        return states
    return [
        {key: spread(each) if key in _OF_GROUPS else each for key, each in state.items()}
        for state in states
    ]
