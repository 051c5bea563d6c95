"""Studies in a storage: opened by address, with trials of dead workers queued again."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import optuna
from optuna.distributions import check_distribution_compatibility
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState

from engine_sweep.errors import SpaceError

if TYPE_CHECKING:
    from engine_sweep.settings import SweepSettings

__all__ = [
    "NO_TRIAL",
    "beating",
    "check_study",
    "fail_silent_trials",
    "first_number",
    "is_retry",
    "open_study",
    "quietly",
    "retry",
]

logger = logging.getLogger(__name__)

_SETTINGS = "sweep"  # of a study: what its trials are compared by
_BEATS = "heartbeat"  # of a trial: there was a first one
_FIRST = "first_trial"  # of a retried one: the number under which its folder is
NO_TRIAL: Final = "surplus"  # was begun by two workers at once, and one was too many
_ATTEMPTS: Final = 4
_MISSED = 4  # heartbeats, until a trial is taken for dead


def open_study(
    address: str,
    name: str,
    *,
    direction: Literal["maximize", "minimize"] | None = None,
    heartbeat_s: int = 30,
) -> optuna.Study:
    """Return a study; with a direction, one that is made if it isn't there.

    Args:
        address: of the storage: whatever Optuna knows, such as ``sqlite:///sweep.db``.
        name: of the study.
        direction: "maximize" or "minimize".
        heartbeat_s: how often a running trial says that it lives.

    Raises:
        KeyError: there is no such study, and no direction is given.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # lists, which it stores and gives back all the same
    warnings.filterwarnings("ignore", message="Choices for a categorical distribution")
    for attempt in range(_ATTEMPTS):
        try:
            storage = _storage(address, heartbeat_s)
            if direction is None:
                return optuna.load_study(study_name=name, storage=storage)
            return optuna.create_study(
                study_name=name, storage=storage, direction=direction, load_if_exists=True
            )
        except Exception as error:
            # Of two workers that make the tables at once, a database refuses one.
            is_database = type(error).__module__.startswith("sqlalchemy")
            if not is_database or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(attempt + 1)
    raise AssertionError


def check_study(study: optuna.Study, settings: SweepSettings) -> None:
    """Look whether trials may be added to those that a study has.

    Raises:
        SpaceError: it searches something else, or by another number.
    """
    space = settings.space
    other = f"the study {study.study_name!r} is of another sweep"
    advice = "take another --study and --work-dir"
    now = {name: getattr(settings, name) for name in ("direction", "metric", "clock", "value")}
    known = {"direction": study.direction.name.lower(), **study.user_attrs.get(_SETTINGS, {})}
    for name, value in known.items():
        if value != now[name]:
            raise SpaceError(f"{other}: its {name} is {value}, not {now[name]}; {advice}")
    if not study.user_attrs.get(_SETTINGS):
        study.set_user_attr(_SETTINGS, now)
    for trial in study.get_trials(deepcopy=False):
        for key, before in trial.distributions.items():
            try:
                check_distribution_compatibility(before, space.get(key, before))
            except ValueError as error:
                raise SpaceError(
                    f"{other}: its trials have {key} of {before}, not of {space[key]}; {advice}"
                ) from error


def _storage(address: str, heartbeat_s: int) -> BaseStorage:
    if not address.startswith(("sqlite", "postgresql", "mysql")):
        return optuna.storages.get_storage(address)
    waits = {"connect_args": {"timeout": 100}} if address.startswith("sqlite") else None
    with quietly():
        return RDBStorage(
            address,
            engine_kwargs=waits or {"pool_pre_ping": True},
            heartbeat_interval=heartbeat_s,
            grace_period=_MISSED * heartbeat_s,
            heartbeat_stale_trial_callback=retry,
        )


@contextmanager
def quietly() -> Iterator[None]:
    """Leave out that heartbeats are experimental, and that others use them in another way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed")
        yield


def fail_silent_trials(study: optuna.Study, heartbeat_s: int) -> None:
    """Retry trials whose worker died before its first heartbeat, of which Optuna knows nothing."""
    storage = study._storage
    if not hasattr(storage, "record_heartbeat"):
        return
    latest = datetime.now() - timedelta(seconds=_MISSED * heartbeat_s)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        began = trial.datetime_start
        if _BEATS not in trial.user_attrs and began is not None and began < latest:
            with suppress(UpdateFinishedTrialError):  # of several workers one is the first
                if storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL):
                    retry(study, trial)


def retry(study: optuna.Study, trial: FrozenTrial) -> None:
    """Queue a trial that ended without a result once more, with all that is known of it."""
    attributes = {**trial.user_attrs, _FIRST: first_number(trial)}
    attributes.pop(_BEATS, None)
    study.add_trial(
        optuna.trial.create_trial(
            state=TrialState.WAITING,
            params=trial.params,
            distributions=trial.distributions,
            user_attrs=attributes,
            system_attrs=trial.system_attrs,
            intermediate_values=trial.intermediate_values,
        )
    )


def first_number(trial: FrozenTrial | optuna.Trial) -> int:
    """Return the number under which a trial was begun; its folder is called by it."""
    return int(trial.user_attrs.get(_FIRST, trial.number))


def is_retry(trial: FrozenTrial) -> bool:
    """Whether a trial goes on with an earlier one."""
    return _FIRST in trial.user_attrs


@contextmanager
def beating(study: optuna.Study, trial_id: int, interval_s: float) -> Iterator[None]:
    """Say in the storage that a trial lives, as long as the block is in."""
    storage: Any = study._storage
    if not hasattr(storage, "record_heartbeat"):
        yield
        return
    over = threading.Event()

    def beat() -> None:
        while not over.is_set():
            try:
                storage.record_heartbeat(trial_id)
            except Exception as error:  # a storage that is away for a while ends no training
                logger.warning("no heartbeat could be written: %s", error)
            over.wait(interval_s)

    storage.record_heartbeat(trial_id)
    storage.set_trial_user_attr(trial_id, _BEATS, True)
    thread = threading.Thread(target=beat, name="sweep-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=interval_s)
