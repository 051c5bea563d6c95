"""The runner: MMEngine's face of a training, which hands each task to the part that owns it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from engine_config import Config, ConfigDict
from engine_dist import is_main_process
from engine_registry import trust_of
from engine_runner.hooks import Hook
from engine_runner.runner import build, startup
from engine_runner.runner.checkpoint_check import check_storable
from engine_runner.runner.checkpointer import Checkpointer
from engine_runner.runner.config_check import arguments_of, config_of
from engine_runner.runner.delegation import delegated
from engine_runner.runner.dry_run import rehearse
from engine_runner.runner.dry_run_report import DryRunReport
from engine_runner.runner.hook_registrar import HookRegistrar
from engine_runner.runner.loop_table import check_complete
from engine_runner.runner.object_builder import ObjectBuilder
from engine_runner.runner.run_info import RunInfo
from engine_runner.runner.run_scope import run_scope
from engine_runner.runner.runner_attributes import RunnerAttributes
from engine_runner.stage_calls import add_hook_note
from engine_runner.state import TrainState
from engine_runner.strategy import BaseStrategy
from engine_runner.trust_scope import trusting, within_trust
from engine_visual import Visualizer

if TYPE_CHECKING:
    from engine_runner.runner.hook_registrar import HookSteps
    from engine_runner.runner.object_builder import BuildContext
    from engine_runner.runner.training import Training

    def _as_its_parts_see_it(runner: Runner) -> tuple[HookSteps, BuildContext, Training]:
        return runner, runner, runner


__all__ = ["Runner"]


class Runner(RunnerAttributes):
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
        self.cfg = config_of(cfg, self._arguments)
        check_complete(self._arguments)
        self.optim_wrapper, self.auto_scale_lr = optim_wrapper, auto_scale_lr
        self.param_schedulers = copy.deepcopy(param_scheduler)
        self._has_scaled_lr = False
        self.state, self.progress_bar = TrainState(), None
        self._renew_parts()
        startup.begin(self, self._info, self._arguments)
        startup.begin_logs(self, self._arguments)
        startup.place_model(self, self._info, self._arguments)
        self.register_hooks(default_hooks, custom_hooks)
        self.logger.debug(self.get_hooks_info())
        self.dump_config()

    @classmethod
    def from_cfg(cls, cfg: dict[str, Any] | Config | ConfigDict) -> Runner:
        """Return the runner that a config describes; keys that no runner has are the user's own.

        Raises:
            KeyError: ``model`` or ``work_dir`` is missing.
            TypeError: a key is misspelt.
        """
        given = copy.deepcopy(cfg)
        with trusting(trust_of(cfg)):
            return cls(**arguments_of(given), cfg=given)

    setup_env = delegated("_info", RunInfo.setup_env)
    set_randomness = delegated("_info", RunInfo.set_randomness)

    build_logger = delegated("_builder", ObjectBuilder.build_logger)
    build_message_hub = delegated("_builder", ObjectBuilder.build_message_hub)
    build_visualizer = delegated("_builder", ObjectBuilder.build_visualizer)
    build_default_scope = delegated("_builder", ObjectBuilder.build_default_scope)
    build_log_processor = delegated("_builder", ObjectBuilder.build_log_processor)
    build_strategy = delegated("_builder", ObjectBuilder.build_strategy)
    build_model = delegated("_builder", ObjectBuilder.build_model)
    wrap_model = delegated("_builder", ObjectBuilder.wrap_model)
    build_dataloader = staticmethod(build.dataloader)
    build_evaluator = delegated("_builder", ObjectBuilder.build_evaluator)
    build_optim_wrapper = delegated("_builder", ObjectBuilder.build_optim_wrapper)
    build_param_scheduler = delegated("_builder", ObjectBuilder.build_param_scheduler)
    scale_lr = delegated("_builder", ObjectBuilder.scale_lr)
    build_train_loop = delegated("_builder", ObjectBuilder.build_train_loop)
    build_val_loop = delegated("_builder", ObjectBuilder.build_val_loop)
    build_test_loop = delegated("_builder", ObjectBuilder.build_test_loop)

    register_hook = delegated("_registrar", HookRegistrar.register_hook)
    register_default_hooks = delegated("_registrar", HookRegistrar.register_default_hooks)
    register_custom_hooks = delegated("_registrar", HookRegistrar.register_custom_hooks)
    register_hooks = delegated("_registrar", HookRegistrar.register_hooks)
    get_hooks_info = delegated("_registrar", HookRegistrar.get_hooks_info)

    save_checkpoint = delegated("_checkpointer", Checkpointer.save_checkpoint)
    load_checkpoint = delegated("_checkpointer", Checkpointer.load_checkpoint)
    load_or_resume = delegated("_checkpointer", Checkpointer.load_or_resume)
    resume = delegated("_checkpointer", Checkpointer.resume)

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        """Call a stage of every hook that has something to do there, in order.

        Args:
            fn_name: the stage; one of a user's own is found by the name of its method.
            kwargs: what the stage gets beside the runner.

        Raises:
            ValueError: it looks like a stage, misspelt.
        """
        methods = self._hook_table.stages.get(fn_name)
        if methods is None:
            methods = self._hook_table.stage(fn_name)
        method = None
        try:
            for method in methods:
                method(self, **kwargs)
        except Exception as error:
            if method is not None:
                add_hook_note(error, fn_name, method)
            raise

    @property
    def hooks_in_order(self) -> dict[str, list[Callable[..., None]]] | None:
        """The hooks' methods by stage, for a loop to call; None if a subclass calls them itself."""
        return self._hook_table.in_order if type(self).call_hook is Runner.call_hook else None

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
        with run_scope(self, "train", self._loops):
            self.call_hook("before_run")
            self.strategy.init_weights(self.model)
            self.load_or_resume()
            self._checkpointer.tell_of_earlier()
            self.optim_wrapper.initialize_count_status(self.model, self.iter, self.max_iters)
            self.train_loop.run()
            self.call_hook("after_run")
        return self.model

    def prepare_training(self) -> None:
        """Build what a training needs and isn't there yet; `train` begins with it.

        What is wrong with a config shows here, before anything runs.

        Raises:
            RuntimeError, NotKeptError: there's nothing to train with, or a state can't be saved.
        """
        self._loops.require("train", "train_dataloader, train_cfg and optim_wrapper")
        _ = self.train_loop
        self._builder.prepare_optimizer()
        if not self._has_scaled_lr:
            self.scale_lr(self.optim_wrapper, self.auto_scale_lr)
            self._has_scaled_lr = True
        if self.param_schedulers is not None:
            self.param_schedulers = self.build_param_scheduler(self.param_schedulers)
        _ = self.val_loop
        check_storable(self, self._checkpointer.tell_left_out)

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
        self._loops.require(mode, f"{mode}_dataloader, {mode}_cfg and {mode}_evaluator")
        loop = getattr(self, f"{mode}_loop")
        with run_scope(self, mode, self._loops):
            self.call_hook("before_run")
            self.load_or_resume()
            metrics: dict[str, Any] = loop.run()
            self.call_hook("after_run")
        return metrics

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
            after=lambda: startup.take_logs(self.logger),
        )

    def dump_config(self) -> None:
        """Write the config into the work_dir, and hand it to the visualizer."""
        name = Path(self.cfg.filename).name if self.cfg.filename else f"{self.timestamp}.py"
        if is_main_process() and "://" not in self._work_dir:
            self.cfg.dump(str(Path(self._work_dir) / name))
        self.visualizer.add_config(self.cfg)
