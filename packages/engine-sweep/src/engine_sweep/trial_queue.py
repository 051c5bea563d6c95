"""Trial queue: the next trial of a study for one of several workers, with the values it tries."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import optuna
from optuna.trial import FrozenTrial, TrialState

from engine_sweep.storage import NO_TRIAL, fail_silent_trials, first_number, is_retry

if TYPE_CHECKING:
    from engine_sweep.settings import SweepSettings

__all__ = ["begun", "next_trial"]

_TURN_S: Final = 300.0  # at most; without heartbeats nobody knows who died
_POLL_S: Final = 0.05
_NO_SAMPLER: Final = optuna.samplers.RandomSampler()  # draws nothing before it is asked to


def next_trial(
    study: optuna.Study, settings: SweepSettings, heartbeat_s: int
) -> optuna.Trial | None:
    """Return a trial whose worker died, or a new one; None if there is none to begin now.

    A trial has its number before its values, and draws them when all before it have theirs: so
    workers that begin at once try different ones, those that a single worker would.
    """
    optuna.storages.fail_stale_trials(study)
    fail_silent_trials(study, heartbeat_s)
    trials = study.get_trials(deepcopy=False)
    waits = any(each.state is TrialState.WAITING for each in trials)
    if not waits and len(begun(trials)) >= settings.trials:
        return None
    study.sampler, study.pruner = _NO_SAMPLER, settings.make_pruner()
    trial = study.ask()
    trials = study.get_trials(deepcopy=False)
    numbers = [each.number for each in begun(trials)]
    place = numbers.index(first_number(trials[trial.number]))
    if place >= settings.trials:  # another worker had the last one
        trial.set_user_attr(NO_TRIAL, True)
        study.tell(trial.number, state=TrialState.FAIL)
        return None
    _wait_for_turn(study, trial.number, settings=settings, heartbeat_s=heartbeat_s)
    study.sampler = settings.make_sampler(place)
    trial = optuna.Trial(study, trial._trial_id)
    for key, distribution in settings.space.items():
        trial._suggest(key, distribution)
    study.sampler = _NO_SAMPLER  # that of a grid stops studies by itself
    return trial


def begun(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that were begun, each once."""
    return [each for each in trials if not is_retry(each) and NO_TRIAL not in each.user_attrs]


def _wait_for_turn(
    study: optuna.Study, number: int, *, settings: SweepSettings, heartbeat_s: int
) -> None:
    until = time.monotonic() + _TURN_S
    while time.monotonic() < until:
        running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        earlier = [each for each in running if each.number < number]
        if all(each.params.keys() >= settings.space.keys() for each in earlier):
            return
        fail_silent_trials(study, heartbeat_s)  # a worker may have died while it drew
        time.sleep(_POLL_S)
