"""A rehearsal: everything is built, and a little of everything is run, where it leaves nothing."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from engine_checkpoint import CheckpointLoader
from engine_dist import is_main_process
from engine_registry.check import check
from engine_runner.hooks import Hook
from engine_runner.randomness import rng_state, set_rng_state
from engine_runner.runner.dry_run_report import (
    DryRunReport,
    Rehearsed,
    describe_batch,
    describe_model,
    is_scalar,
    peak_memory,
    reset_peak,
    shown_number,
)
from engine_runner.runner.scratch import instances_kept, scratch_folder

__all__ = ["rehearse"]


def rehearse(
    kind: Callable[..., Any],
    arguments: Mapping[str, Any],
    *,
    num_batches: int,
    after: Callable[[], None],
) -> DryRunReport:
    """Make a runner in a temporary folder, and let it do a little of everything.

    Args:
        kind: the class of the runner.
        arguments: what it is made of; models, optimizers, hooks and metrics are copied.
        num_batches: so many batches of each loop.
        after: called at the end, to make the caller's runner the current one again.
    """
    report = DryRunReport()
    found = list(check(arguments["cfg"])) if arguments.get("cfg") else []
    before = rng_state()
    with scratch_folder() as folder, instances_kept():
        try:
            stage = _Stage(report, num_batches, folder)
            stage.run(kind, arguments)
        finally:
            set_rng_state(before)
            after()
    # Arguments that a component adds to its parts can't be known; if all was built, they are there.
    built = any(each.what == "build" for each in report.rehearsed)
    told = [str(each) for each in found if not (built and each.kind == "missing argument")]
    report.problems[:0] = told
    return report


class _Stage:
    """The rehearsal itself: each part by itself, so that one failure hides no other."""

    def __init__(self, report: DryRunReport, num_batches: int, folder: str) -> None:
        self._report, self._num_batches, self._folder = report, num_batches, folder
        self._seen = _Witness(num_batches)
        self._runner: Any = None

    def run(self, kind: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
        self._do("build", lambda: self._build(kind, arguments))
        if self._runner is None:
            return
        asked = {mode: arguments[f"{mode}_cfg"] is not None for mode in ("train", "val", "test")}
        if asked["train"]:
            self._do("train", self._train)
            self._do("checkpoint", self._save)
        for mode in ("val", "test"):
            if asked[mode]:
                self._do(mode, partial(self._evaluate, mode))
        self._runner.visualizer.close()

    def _do(self, what: str, act: Callable[[], list[str]]) -> None:
        began = time.perf_counter()
        try:
            details = act()
        except Exception as error:  # a dry run is there to find what fails
            text = str(error) or "no message"
            notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
            self._report.problems.append(f"{what}: {type(error).__name__}: {text}{notes}")
            return
        took = time.perf_counter() - began
        self._report.rehearsed.append(Rehearsed(what=what, time_s=took, details=details))

    def _build(self, kind: Callable[..., Any], arguments: Mapping[str, Any]) -> list[str]:
        runner = kind(**_changed(arguments, self._folder))
        for mode in ("train", "val", "test"):
            given = runner._loops.requested[f"{mode}_dataloader"]
            runner._loops.requested[f"{mode}_dataloader"] = _limited(
                runner, given, self._num_batches
            )
        if arguments["train_cfg"] is not None:
            runner.prepare_training()
        for mode in ("val", "test"):
            getattr(runner, f"{mode}_loop")
        runner.register_hook(self._seen)
        self._runner = runner
        return [describe_model(runner.model, runner.model_name)]

    def _train(self) -> list[str]:
        reset_peak()
        self._runner.train()
        seen = self._seen
        losses = ", ".join(f"{name} {float(value):.4g}" for name, value in seen.losses.items())
        times = ", ".join(f"{seconds:.3f}" for seconds in seen.times)
        return [*seen.batches["train"], losses, f"seconds an iteration: {times}", *peak_memory()]

    def _evaluate(self, mode: str) -> list[str]:
        metrics = getattr(self._runner, mode)()
        shown = ", ".join(f"{name} {shown_number(value)}" for name, value in metrics.items())
        return [*self._seen.batches[mode], shown or "no metrics"]

    def _save(self) -> list[str]:
        self._runner.save_checkpoint(self._folder, "dry_run.pth")
        path = Path(self._folder) / "dry_run.pth"
        if not is_main_process():
            return []
        found = CheckpointLoader.load_checkpoint(str(path), "cpu", logger="silent")
        files = path.iterdir() if path.is_dir() else [path]
        size = sum(each.stat().st_size for each in files) / 2**20
        return [f"{size:.1f} MiB, {len(found['state_dict'])} weights, read back"]


class _Witness(Hook):
    """Notes what goes by, and ends the training after a few batches."""

    priority = "LOWEST"

    def __init__(self, num_batches: int) -> None:
        self._num_batches = num_batches
        self._began = 0.0
        self.batches: dict[str, list[str]] = {"train": [], "val": [], "test": []}
        self.losses: dict[str, Any] = {}
        self.times: list[float] = []

    def _before_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, mode: str = "train"
    ) -> None:
        self.batches[mode] = self.batches[mode] or describe_batch(data_batch)
        self._began = time.perf_counter()

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        scalars = outputs.items() if isinstance(outputs, Mapping) else ()
        self.losses = {k: v for k, v in scalars if isinstance(v, float) or is_scalar(v)}
        self.times.append(time.perf_counter() - self._began)
        if len(self.times) >= self._num_batches:
            runner.train_loop.stop_training = True


class _FirstBatches:
    """The first batches of a loader, whose length stays that of the whole."""

    def __init__(self, loader: Any, number: int) -> None:
        self._loader, self._number = loader, number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._loader, name)

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self._loader), self._number)


def _limited(runner: Any, given: Any, number: int) -> Any:
    """A loader, its config, or several of them, cut to the first batches."""
    if given is None:
        return None
    if isinstance(given, Mapping) and "dataset" not in given:
        return {name: _limited(runner, each, number) for name, each in given.items()}
    if isinstance(given, list | tuple):
        return [_limited(runner, each, number) for each in given]
    if isinstance(given, Mapping):
        given = runner.build_dataloader({**given}, runner.seed, runner.diff_rank_seed)
    return _FirstBatches(given, number)


def _changed(arguments: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """The arguments of a runner that leaves nothing behind: no file, no run of a tracker."""
    loaders = {name: arguments[name] for name in arguments if name.endswith("_dataloader")}
    rest = {name: value for name, value in arguments.items() if name not in loaders}
    rest["visualizer"] = None  # may hold a connection, which can't be copied
    copied: dict[str, Any] = copy.deepcopy(rest)
    copied.update(loaders)
    copied.update(work_dir=folder, resume=False, log_level="WARNING")
    copied["visualizer"] = {"type": "Visualizer", "vis_backends": []}
    if isinstance(copied["train_cfg"], dict) and "val_begin" in copied["train_cfg"]:
        copied["train_cfg"]["val_begin"] = 1
    return copied
