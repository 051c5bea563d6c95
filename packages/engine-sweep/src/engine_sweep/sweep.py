"""A sweep: workers that take trials from a study and train each in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import optuna
import torch
from optuna.trial import FrozenTrial, TrialState

from engine_config import Config
from engine_runner.cli.job.storage import STORAGE
from engine_runner.hooks.exit_codes import STOOD_STILL, TRY_AGAIN
from engine_sweep.settings import SweepSettings
from engine_sweep.storage import (
    NO_TRIAL,
    beating,
    check_study,
    first_number,
    open_study,
    quietly,
    retry,
)
from engine_sweep.trial_config import group_trackers, set_options, write_best
from engine_sweep.trial_queue import begun, next_trial

__all__ = ["Sweep"]

logger = logging.getLogger(__name__)

_POLL_S = 1.0  # for trials that other workers are at
_RESTARTS: Final = 10  # of a training that was killed
_ERROR: Final = "error"  # the end of a failed trial's output
_OPEN_STATES: Final = (TrialState.RUNNING, TrialState.WAITING)
_GPUS: Final = "CUDA_VISIBLE_DEVICES"


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
        check_study(self.study, settings)

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
        self,
        *,
        jobs: int = 1,
        on_end: Callable[[FrozenTrial], None] | None = None,
        leaves: Callable[[], bool] | None = None,
    ) -> list[FrozenTrial]:
        """Work until all trials are done, here or by other workers; return them.

        Args:
            jobs: trials at a time; where there are GPUs, each has some of its own.
            on_end: called with each that has ended here.
            leaves: asked once a second whether to `stop`.
        """
        with ThreadPoolExecutor(jobs) as pool:
            waiting = {
                pool.submit(self._work, self._open(), share, on_end)
                for share in gpu_shares(visible_gpus(), jobs, self.nproc)
            }
            try:
                while waiting:
                    done, waiting = wait(waiting, _POLL_S, return_when=FIRST_EXCEPTION)
                    for future in done:
                        future.result()
                    if leaves is not None and not self._stopped.is_set() and leaves():
                        self.stop()
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

    def is_over(self) -> bool:
        """Whether all trials have ended."""
        trials = self.study.get_trials(deepcopy=False)
        is_open = any(each.state in _OPEN_STATES for each in trials)
        return not is_open and len(begun(trials)) >= self.settings.trials

    def _work(
        self, study: optuna.Study, gpus: str, on_end: Callable[[FrozenTrial], None] | None
    ) -> None:
        while not self._stopped.is_set():
            with self._asking, quietly():
                trial = next_trial(study, self.settings, self.heartbeat_s)
            if trial is not None:
                self._train(study, trial, gpus)
                ended = study.get_trials(deepcopy=False)[trial.number]
                is_put_back = self._stopped.is_set() and ended.state is TrialState.FAIL
                if on_end is not None and not is_put_back:
                    on_end(ended)
            elif self.is_over():
                return
            else:
                self._stopped.wait(_POLL_S)

    def _train(self, study: optuna.Study, trial: optuna.Trial, gpus: str) -> None:
        """Train until the trial has an end, again where the training was killed."""
        code = 0
        with beating(study, trial._trial_id, self.heartbeat_s):
            folder = self.folder(study.get_trials(deepcopy=False)[trial.number])
            folder.mkdir(parents=True, exist_ok=True)
            config = folder / "config.py"
            self._config(trial, folder).dump(config)
            for _ in range(_RESTARTS):
                code = self._process(trial.number, config, folder, gpus=gpus)
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

    def _process(self, number: int, config: Path, folder: Path, *, gpus: str) -> int:
        command = [sys.executable, "-m", "engine_runner", "train", str(config), "--resume"]
        if self.nproc > 1:
            command += ["--nproc", str(self.nproc)]
        paths = [str(self.source.parent), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        environment |= {"ENGINE_PROGRESS": "0", STORAGE: self.storage}
        if gpus:
            environment[_GPUS] = gpus
        with (folder / "train.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
            self._running[number] = process
            if self._stopped.is_set():  # while this one was being started
                process.send_signal(signal.SIGTERM)
            try:
                return process.wait()
            finally:
                del self._running[number]


def visible_gpus() -> list[str]:
    """Return what CUDA_VISIBLE_DEVICES says, or else all there are."""
    count = torch.cuda.device_count()
    told = os.environ.get(_GPUS)
    return told.split(",")[:count] if told else [str(index) for index in range(count)]


def gpu_shares(gpus: Sequence[str], jobs: int, nproc: int) -> list[str]:
    """Return, for each of several trials at a time, its GPUs as CUDA_VISIBLE_DEVICES has them.

    Trials share where there are fewer; "" leaves a trial all there are.
    """
    if jobs == 1 or nproc >= len(gpus):
        return [""] * jobs
    places = [[(job * nproc + rank) % len(gpus) for rank in range(nproc)] for job in range(jobs)]
    return [",".join(gpus[place] for place in each) for each in places]


def _again(code: int) -> bool:
    """Whether a training was ended from outside, and goes on if it is started again."""
    return code < 0 or code in (TRY_AGAIN, STOOD_STILL) or code > 128


def _last_lines(path: Path, number: int = 5) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-number:])
