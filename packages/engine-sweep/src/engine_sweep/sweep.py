"""A sweep: workers that take trials from a study and train each in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import optuna
from optuna.trial import FrozenTrial, TrialState

from engine_config import Config
from engine_runner.hooks.exit_codes import STOOD_STILL, TRY_AGAIN
from engine_sweep.settings import SweepSettings
from engine_sweep.storage import (
    NO_TRIAL,
    STORAGE,
    beating,
    check_study,
    first_number,
    is_retry,
    open_study,
    quietly,
    retry,
)
from engine_sweep.trial_config import group_trackers, set_options, write_best

__all__ = ["Sweep"]

logger = logging.getLogger(__name__)

_POLL_S = 1.0  # for trials that other workers are at
_RESTARTS: Final = 10  # of a training that was killed
_ERROR: Final = "error"  # the end of a failed trial's output


class Sweep:
    """Trials of one config in one folder and one study.

    Args:
        cfg: the config of a training.
        source: its file.
        settings: what is searched, and how.
        work_dir: a folder for each trial lies in it.
        storage: address of the study; by default SQLite in ``work_dir``.
        name: of the study.
        options: what ``cfg`` has that the file hasn't, by dotted key.
        nproc: processes of each trial.
        keep_pruned: whether checkpoints of pruned trials stay.
        heartbeat_s: how often a running trial says that it lives; one that is silent for four
            times as long is gone on with by another worker.
    """

    def __init__(
        self,
        cfg: Config,
        source: str | Path,
        settings: SweepSettings,
        *,
        work_dir: str | Path,
        storage: str | None = None,
        name: str = "sweep",
        options: Mapping[str, Any] = MappingProxyType({}),
        nproc: int = 1,
        keep_pruned: bool = False,
        heartbeat_s: int = 30,
    ) -> None:
        self.cfg, self.source, self.settings = cfg, Path(source).resolve(), settings
        self.work_dir = Path(work_dir).resolve()
        self.storage = storage or f"sqlite:///{self.work_dir / 'sweep.db'}"
        self.options, self.name, self.nproc = dict(options), name, nproc
        self.keep_pruned, self.heartbeat_s = keep_pruned, heartbeat_s
        self._asking = threading.Lock()
        self._stopped = threading.Event()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self.study = self._open()
        check_study(self.study, settings.space, settings.direction)

    def _open(self) -> optuna.Study:
        return open_study(
            self.storage,
            self.name,
            direction=self.settings.direction,
            heartbeat_s=self.heartbeat_s,
        )

    def results(self) -> list[FrozenTrial]:
        """Return the trials, each once, by the number under which it was begun."""
        found = {
            first_number(trial): trial
            for trial in self.study.get_trials(deepcopy=False)
            if NO_TRIAL not in trial.user_attrs
        }
        return [found[number] for number in sorted(found)]

    def run(
        self, *, jobs: int = 1, on_end: Callable[[FrozenTrial], None] | None = None
    ) -> list[FrozenTrial]:
        """Work until all trials are done, here or by other workers; return them.

        Args:
            jobs: trials at a time.
            on_end: called with each that has ended here.
        """
        with ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(self._work, self._open(), on_end) for _ in range(jobs)]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self.stop()
                raise
        self.write_best()
        return self.results()

    def stop(self) -> None:
        """Ask the trainings to save and end; another run goes on with them."""
        self._stopped.set()
        for process in list(self._running.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def write_best(self) -> Path | None:
        """Write the config of the best trial so far, ``best.py``."""
        done = [each for each in self.results() if each.state is TrialState.COMPLETE]
        if not done:
            return None
        path = self.work_dir / "best.py"
        options = {**self.options, **self.study.best_trial.params}
        write_best(path, self.source, options, cfg=self.cfg)
        return path

    def folder(self, trial: FrozenTrial | optuna.Trial) -> Path:
        """Return the folder of a trial; one that is gone on with keeps it."""
        return self.work_dir / f"trial_{first_number(trial):04d}"

    def _work(self, study: optuna.Study, on_end: Callable[[FrozenTrial], None] | None) -> None:
        while not self._stopped.is_set():
            with self._asking, quietly():
                trial = self._next(study)
            if trial is not None:
                self._train(study, trial)
                if on_end is not None:
                    on_end(study.get_trials(deepcopy=False)[trial.number])
            elif self._is_over(study):
                return
            else:
                self._stopped.wait(_POLL_S)

    def _next(self, study: optuna.Study) -> optuna.Trial | None:
        """A trial whose worker died, or a new one; None if there is none to begin now."""
        optuna.storages.fail_stale_trials(study)
        trials = study.get_trials(deepcopy=False)
        waits = any(each.state is TrialState.WAITING for each in trials)
        begun = len(_begun(trials))
        if not waits and begun >= self.settings.trials:
            return None
        study.sampler = self.settings.make_sampler(begun)
        study.pruner = self.settings.make_pruner()
        trial = study.ask(dict(self.settings.space))
        study.sampler = optuna.samplers.RandomSampler()  # that of a grid stops studies by itself
        frozen = study.get_trials(deepcopy=False)[trial.number]
        place = [each.number for each in _begun(study.get_trials(deepcopy=False))]
        if not is_retry(frozen) and place.index(trial.number) >= self.settings.trials:
            trial.set_user_attr(NO_TRIAL, True)
            study.tell(trial.number, state=TrialState.FAIL)
            return None
        return trial

    def _is_over(self, study: optuna.Study) -> bool:
        trials = study.get_trials(deepcopy=False)
        open_states = (TrialState.RUNNING, TrialState.WAITING)
        return not any(each.state in open_states for each in trials)

    def _train(self, study: optuna.Study, trial: optuna.Trial) -> None:
        """Train until the trial has an end, again where the training was killed."""
        code = 0
        with beating(study, trial._trial_id, self.heartbeat_s):
            folder = self.folder(study.get_trials(deepcopy=False)[trial.number])
            folder.mkdir(parents=True, exist_ok=True)
            config = folder / "config.py"
            self._config(trial, folder).dump(config)
            for _ in range(_RESTARTS):
                code = self._process(trial.number, config, folder)
                is_done = study.get_trials(deepcopy=False)[trial.number].state.is_finished()
                if is_done or self._stopped.is_set() or not _again(code):
                    break
        frozen = study.get_trials(deepcopy=False)[trial.number]
        if frozen.state.is_finished():
            return
        if not self._stopped.is_set():
            trial.set_user_attr(_ERROR, _last_lines(folder / "train.log") or f"exit code {code}")
        study.tell(trial.number, state=TrialState.FAIL)
        if self._stopped.is_set():
            retry(study, frozen)

    def _config(self, trial: optuna.Trial, folder: Path) -> Config:
        cfg = set_options(self.cfg, trial.params)
        cfg.work_dir = str(folder)
        group_trackers(cfg, self.name, folder.name)
        hook = {
            "type": "engine_sweep.trial_hook.TrialHook",
            "study": self.name,
            "trial": trial.number,
            "metric": self.settings.metric,
            "clock": self.settings.clock,
            "value": self.settings.value,
            "pruner": dict(self.settings.pruner),
            "keep_pruned": self.keep_pruned,
            "heartbeat_s": self.heartbeat_s,
        }
        cfg.custom_hooks = [*(cfg.get("custom_hooks") or []), hook]
        return cfg

    def _process(self, number: int, config: Path, folder: Path) -> int:
        command = [sys.executable, "-m", "engine_runner", "train", str(config), "--resume"]
        if self.nproc > 1:
            command += ["--nproc", str(self.nproc)]
        paths = [str(self.source.parent), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        environment |= {"ENGINE_PROGRESS": "0", STORAGE: self.storage}
        with (folder / "train.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
            self._running[number] = process
            try:
                return process.wait()
            finally:
                del self._running[number]


def _begun(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    """Trials that were begun, each once."""
    return [each for each in trials if not is_retry(each) and NO_TRIAL not in each.user_attrs]


def _again(code: int) -> bool:
    """Whether a training was ended from outside, and goes on if it is started again."""
    return code < 0 or code in (TRY_AGAIN, STOOD_STILL) or code > 128


def _last_lines(path: Path, number: int = 5) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-number:])
