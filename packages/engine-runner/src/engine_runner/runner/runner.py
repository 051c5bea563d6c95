"""The runner: it wires a training together and starts it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from torch import nn

from engine_config import Config, ConfigDict
from engine_dataset.worker_shutdown import end_workers_of
from engine_dist import is_main_process
from engine_logging import relay
from engine_model import PlainModel
from engine_registry import DefaultScope, trust_of
from engine_runner.__about__ import PACKAGES
from engine_runner.hooks import Hook, HookTable
from engine_runner.logs import ProgressBar, wanted
from engine_runner.runner.attributes import HasPrivateNames
from engine_runner.runner.config_check import KEYS, RANDOMNESS, READ
from engine_runner.runner.config_keys import check_keys, check_secrets, misspelt
from engine_runner.runner.dry_run import DryRunReport, rehearse
from engine_runner.runner.environment import describe, goes_on_by_itself
from engine_runner.runner.hooking import KeepsHooks
from engine_runner.runner.part_builder import BuildsParts
from engine_runner.runner.saving import SavesAndResumes
from engine_runner.runner.start import (
    agreed_time,
    check_writable,
    forget_dead,
    free_name,
    full_path,
    log_folder,
)
from engine_runner.runner.storable import check_storable
from engine_runner.state import TrainState
from engine_runner.strategy import BaseStrategy
from engine_runner.trusting import trusting, within_trust
from engine_visual import Visualizer

__all__ = ["Runner"]

_MODES = ("train", "val", "test")
# Whose records belong into the run's log.
_LIBRARIES = tuple(name.replace("-", "_") for name in PACKAGES)


class Runner(BuildsParts, KeepsHooks, SavesAndResumes, HasPrivateNames):
    """Trains, validates and tests a model, with everything built when it is needed.

    Whatever is a config may also be the object that it describes.

    Args:
        model: the model.
        work_dir: the folder of checkpoints and logs; for a remote one, such as ``s3://bucket/run``,
            logs are written to ``work_dirs/run`` here and copied there at the end.
        train_dataloader: the training data; with ``train_cfg`` and ``optim_wrapper``, or none.
        val_dataloader: the validation data; with ``val_cfg`` and ``val_evaluator``, or none.
        test_dataloader: the test data; with ``test_cfg`` and ``test_evaluator``, or none.
        train_cfg: the training loop: ``by_epoch`` with ``max_epochs`` or ``max_iters``,
            ``val_begin``, ``val_interval``; or the ``type`` of a loop and its arguments.
        val_cfg: the validation loop; an empty dict is the usual one.
        test_cfg: the test loop; an empty dict is the usual one.
        auto_scale_lr: ``base_batch_size`` and ``enable``: scales the learning rate to the batch.
        optim_wrapper: the optimizer, in what applies it.
        param_scheduler: schedulers of learning rate and momentum.
        val_evaluator: what measures in validation.
        test_evaluator: what measures in a test.
        default_hooks: by name, in place of or beside MMEngine's six.
        custom_hooks: further hooks.
        data_preprocessor: config that the model's own is built from, if its config has none.
        load_from: address of the weights to start from, or of the checkpoint to resume from.
        resume: whether to resume: from ``load_from``, or else from the newest of the work_dir,
            which "auto" means too; or the address to resume from.
        launcher: what started the processes: "none", "pytorch", "slurm" or "mpi".
        env_cfg: how to set the process up; see `setup_env`.
        log_processor: what makes log lines.
        log_level: what is less important isn't logged.
        visualizer: where scalars and pictures go.
        default_scope: where names are looked up first.
        randomness: ``seed``, ``diff_rank_seed``, ``deterministic`` and ``per_sample``.
        experiment_name: names the run, with the time appended.
        cfg: the whole config, to be kept with the checkpoints.
        strategy: what places the model; by default one device, or data-parallel.
        loss: of a plain torch module's output and the target, or its config; see `PlainModel`.

    Raises:
        TypeError, ValueError: an argument is wrong, or one is missing that another needs.
        OSError: the work_dir can't be written.
    """

    def __init__(
        self,
        model: nn.Module | dict[str, Any],
        work_dir: str,
        train_dataloader: Any = None,
        val_dataloader: Any = None,
        test_dataloader: Any = None,
        train_cfg: dict[str, Any] | None = None,
        val_cfg: dict[str, Any] | None = None,
        test_cfg: dict[str, Any] | None = None,
        auto_scale_lr: dict[str, Any] | None = None,
        optim_wrapper: Any = None,
        param_scheduler: Any = None,
        val_evaluator: Any = None,
        test_evaluator: Any = None,
        default_hooks: dict[str, Hook | dict[str, Any]] | None = None,
        custom_hooks: list[Hook | dict[str, Any]] | None = None,
        data_preprocessor: nn.Module | dict[str, Any] | None = None,
        load_from: str | None = None,
        resume: bool | str = False,
        launcher: str = "none",
        env_cfg: dict[str, Any] = {"dist_cfg": {"backend": "nccl"}},  # noqa: B006 - MMEngine's
        log_processor: dict[str, Any] | None = None,
        log_level: str = "INFO",
        visualizer: Visualizer | dict[str, Any] | None = None,
        default_scope: str = "engine",
        randomness: dict[str, Any] = {"seed": None},  # noqa: B006 - MMEngine's
        experiment_name: str | None = None,
        cfg: dict[str, Any] | Config | ConfigDict | None = None,
        *,
        strategy: BaseStrategy | dict[str, Any] | None = None,
        loss: Callable[..., Any] | dict[str, Any] | None = None,
    ) -> None:
        self._arguments = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self.cfg = _config(cfg, self._arguments)
        self._asked = {
            "train_dataloader": train_dataloader,
            "val_dataloader": val_dataloader,
            "test_dataloader": test_dataloader,
            "train_cfg": train_cfg,
            "val_cfg": val_cfg,
            "test_cfg": test_cfg,
            "val_evaluator": val_evaluator,
            "test_evaluator": test_evaluator,
        }
        _check_complete(self._asked, optim_wrapper, param_scheduler)
        self.optim_wrapper = optim_wrapper
        self.param_schedulers = copy.deepcopy(param_scheduler)
        self.auto_scale_lr = auto_scale_lr
        asked = isinstance(resume, str) and resume != "auto"
        self._load_from, self._resume = str(resume) if asked else load_from, bool(resume)
        self._has_loaded = self._has_joined = self._has_scaled_lr = False
        self._launcher, self._loss = launcher, loss
        self._start(work_dir, env_cfg, randomness, experiment_name=experiment_name)
        self._begin_logs(log_level, visualizer, log_processor, default_scope=default_scope)
        self._take_strategy(strategy)
        self._place(model, data_preprocessor)
        self.register_hooks(default_hooks, custom_hooks)
        self.logger.debug(self.get_hooks_info())
        self.dump_config()

    @classmethod
    def from_cfg(cls, cfg: dict[str, Any] | Config | ConfigDict) -> Runner:
        """Return the runner that a config describes; keys that no runner has are the user's own.

        Raises:
            KeyError: ``model`` or ``work_dir`` is missing.
        """
        given = copy.deepcopy(cfg)
        for key in ("model", "work_dir"):
            if given.get(key) is None:
                raise KeyError(f"the config has no {key!r}, which a runner needs")
        found = {key: given[key] for key in KEYS if given.get(key) is not None}
        for key, known in misspelt(given.keys(), (*KEYS, *READ)):
            raise TypeError(f"the config has a key {key!r}; did you mean {known!r}?")
        with trusting(trust_of(cfg)):
            return cls(**found, cfg=given)

    def _start(
        self,
        work_dir: str,
        env_cfg: dict[str, Any],
        randomness: dict[str, Any],
        *,
        experiment_name: str | None,
    ) -> None:
        """Set the process up, seed it, and name the run."""
        check_keys("randomness", randomness, RANDOMNESS)
        self._work_dir = full_path(work_dir)
        self.setup_env(env_cfg)
        check_writable(self._work_dir)
        if not self._resume and goes_on_by_itself(self._work_dir):
            self._resume, self._load_from = True, None
        self.set_randomness(**{"seed": None, **randomness})
        self._timestamp = agreed_time()
        file = self.cfg.filename
        name = experiment_name or (Path(file).stem if file else None)
        self._experiment_name = free_name(name, self._timestamp)
        forget_dead(self, self._experiment_name)
        self._log_dir = log_folder(self._work_dir, self._timestamp)
        self.state = TrainState()
        self._left_out: set[str] = set()
        self._loops: dict[str, Any] = {}
        self._table = HookTable()
        self.progress_bar = None

    def _begin_logs(
        self,
        log_level: str,
        visualizer: Any,
        log_processor: Any,
        *,
        default_scope: str,
    ) -> None:
        """Make what people will read: log, hub, visualizer."""
        self.default_scope = self.build_default_scope(default_scope)
        by_epoch = (self._asked["train_cfg"] or {}).get("by_epoch", True)
        processor = {"by_epoch": by_epoch} if log_processor is None else log_processor
        self.log_processor = self.build_log_processor(processor)
        self.logger = self.build_logger(log_level=log_level)
        relay(_LIBRARIES, self.logger)
        self.logger.info(describe(seed=self.seed, world_size=self.world_size))
        self.message_hub = self.build_message_hub()
        self.visualizer = self.build_visualizer(visualizer)

    def _place(self, model: Any, data_preprocessor: Any) -> None:
        """Build the model and put it where it is trained."""
        if isinstance(model, dict) and data_preprocessor is not None and self._loss is None:
            model = {"data_preprocessor": data_preprocessor, **model}
        with self.strategy.building():
            built = self.build_model(model)
        named = built.module if isinstance(built, PlainModel) else built
        self._model_name = type(named).__name__
        self.model = self.wrap_model(self.cfg.get("model_wrapper_cfg"), built)

    def _loop(self, mode: str) -> Any:
        """The loop of a mode, built when it is first asked for."""
        asked = self._asked[f"{mode}_cfg"]
        if self._loops.get(mode) is None and asked is not None:
            self._loops[mode] = getattr(self, f"build_{mode}_loop")(asked)
        return self._loops.get(mode)

    @within_trust
    def train(self) -> nn.Module:
        """Train, and return the model.

        Raises:
            RuntimeError: the runner was given nothing to train with.
        """
        self.call_hook("begin_listening")
        try:
            self.prepare_training()
        except BaseException:
            self.call_hook("end_listening")
            raise
        loop = self.train_loop
        with self._running("train"):
            self.call_hook("before_run")
            self.strategy.init_weights(self.model)
            self.load_or_resume()
            self.optim_wrapper.initialize_count_status(self.model, self.iter, loop.max_iters)
            loop.run()
            self.call_hook("after_run")
        return self.model

    def prepare_training(self) -> None:
        """Build what a training needs and isn't there yet; `train` begins with it.

        What is wrong with a config shows here, before anything runs.

        Raises:
            RuntimeError, NotKeptError: there's nothing to train with, or a state can't be saved.
        """
        self._need("train", "train_dataloader, train_cfg and optim_wrapper")
        _ = self.train_loop, self.val_loop
        self._build_optimizer()
        if not self._has_scaled_lr:
            self.scale_lr(self.optim_wrapper, self.auto_scale_lr)
            self._has_scaled_lr = True
        if self.param_schedulers is not None:
            self.param_schedulers = self.build_param_scheduler(self.param_schedulers)
        check_storable(self, self._tell_left_out)

    def val(self) -> dict[str, Any]:
        """Validate, and return the numbers by name.

        Raises:
            RuntimeError: the runner was given nothing to validate with.
        """
        return self._evaluate("val")

    def test(self) -> dict[str, Any]:
        """Test, and return the numbers by name.

        Raises:
            RuntimeError: the runner was given nothing to test with.
        """
        return self._evaluate("test")

    @within_trust
    def _evaluate(self, mode: str) -> dict[str, Any]:
        self._need(mode, f"{mode}_dataloader, {mode}_cfg and {mode}_evaluator")
        loop = self._loop(mode)
        with self._running(mode):
            self.call_hook("before_run")
            self.load_or_resume()
            metrics: dict[str, Any] = loop.run()
            self.call_hook("after_run")
        return metrics

    def _need(self, mode: str, what: str) -> None:
        if self._asked[f"{mode}_cfg"] is None and self._loops.get(mode) is None:
            raise RuntimeError(f"the runner can't {mode}: it was made without {what}")

    def _running(self, mode: str) -> ExitStack:
        """What holds during a run: names are found in its scope, and a progress bar is shown."""
        stack = ExitStack()
        scope = DefaultScope.overwrite_default_scope(self.default_scope.scope_name)
        stack.enter_context(scope)
        if is_main_process() and wanted():
            self.progress_bar = stack.enter_context(ProgressBar(self, mode))
            stack.callback(setattr, self, "progress_bar", None)
        for holder in (self.logger, self.visualizer):
            stack.callback(getattr(holder, "release", lambda: None))
        stack.callback(_end_workers, self._loops)
        stack.push(self._tell_of_failure)
        return stack

    def _tell_of_failure(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        """Let hooks put in order what they have begun: their ``on_failure``, if they have one."""
        if error is not None:
            self.call_hook("on_failure", error=error)

    def dry_run(self, num_batches: int = 2) -> DryRunReport:
        """Build everything, run a few batches of each loop, write a checkpoint; keep nothing.

        It happens in a temporary folder, with copies of model, optimizers, hooks and metrics and
        without trackers, so that this runner is as before. What fails becomes a problem in the
        report, and so does what `engine_registry.check.check` finds in the config.

        Args:
            num_batches: so many batches of each loop.
        """
        return rehearse(
            type(self),
            self._arguments,
            num_batches=num_batches,
            after=lambda: relay(_LIBRARIES, self.logger),
        )

    def dump_config(self) -> None:
        """Write the config into the work_dir, and hand it to the visualizer."""
        name = Path(self.cfg.filename).name if self.cfg.filename else f"{self.timestamp}.py"
        if is_main_process() and "://" not in self._work_dir:
            self.cfg.dump(str(Path(self._work_dir) / name))
        self.visualizer.add_config(self.cfg)


def _end_workers(loops: dict[str, Any]) -> None:
    """End the data workers of all loops: what persists does so for a run, and no longer."""
    for loop in loops.values():
        for name in ("dataloader", "dataloaders"):
            end_workers_of(getattr(loop, name, None))


def _config(cfg: Any, arguments: dict[str, Any]) -> Config:
    check_secrets(arguments)
    if cfg is None:
        return Config({})
    if isinstance(cfg, Config):
        return copy.deepcopy(cfg)
    if isinstance(cfg, dict):
        return Config(cfg)
    raise TypeError(f"cfg must be a Config, a dict or None, got {cfg!r:.200}")


def _check_complete(asked: dict[str, Any], optim_wrapper: Any, param_scheduler: Any) -> None:
    """Refuse a mode of which only some parts were given."""
    for mode in _MODES:
        names = [f"{mode}_dataloader", f"{mode}_cfg"]
        parts = {name: asked[name] for name in names}
        last = "optim_wrapper" if mode == "train" else f"{mode}_evaluator"
        parts[last] = optim_wrapper if mode == "train" else asked[last]
        if mode != "train" and isinstance(parts[names[1]], dict) and parts[names[1]].get("loss"):
            parts = {name: parts[name] for name in names}  # losses need no evaluator
        missing = [name for name, part in parts.items() if part is None]
        if missing and len(missing) < len(parts):
            given = [name for name in parts if name not in missing]
            raise ValueError(
                f"{' and '.join(given)} can't do without {' and '.join(missing)}: give all of "
                f"{', '.join(parts)}, or none"
            )
    if param_scheduler is not None and optim_wrapper is None:
        raise ValueError("param_scheduler can't do without optim_wrapper")
