"""Object builder: the parts of a training, made from their configs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from torch import nn

from engine_config import Config
from engine_logging import MessageHub, MMLogger
from engine_model import PlainModel, compile_model, is_model_wrapper
from engine_model.activation_checkpointing import turn_on_activation_checkpointing
from engine_model.efficient_conv_bn_eval import turn_on_efficient_conv_bn_eval
from engine_model.float8 import turn_on_float8
from engine_optim.custom_keys import freeze
from engine_registry import LOG_PROCESSORS, MODELS, VISUALIZERS, DefaultScope
from engine_runner.logs import LogProcessor
from engine_runner.runner import build, strategy_choice
from engine_runner.runner.config_keys import check_arguments
from engine_runner.runner.lr_scaling import base_batch_size, multiply_lr
from engine_runner.strategy import BaseStrategy
from engine_visual import Visualizer

__all__ = ["ObjectBuilder"]


class BuildContext(Protocol):
    """What a builder reads of a runner, at the time of each call."""

    cfg: Config
    model: nn.Module
    optim_wrapper: Any
    param_schedulers: Any
    strategy: Any
    logger: MMLogger

    @property
    def experiment_name(self) -> str:
        """The name of logger, hub, visualizer and scope."""

    @property
    def log_dir(self) -> str:
        """The folder of logs."""

    @property
    def timestamp(self) -> str:
        """The name of the log file."""

    @property
    def distributed(self) -> bool:
        """Whether there are several processes."""

    @property
    def train_loop(self) -> Any:
        """How long an epoch is, and the training."""

    @property
    def train_dataloader(self) -> Any:
        """The size of a batch."""

    def build_optim_wrapper(self, optim_wrapper: Any) -> Any:
        """Return an optimizer wrapper; a subclass of the runner may override it."""


class ObjectBuilder:
    """Makes objects of configs; what is an object already stays as it is."""

    def __init__(
        self,
        runner: BuildContext,
        requested: Mapping[str, Any],
        *,
        loss: Any = None,
        data_preprocessor: Any = None,
    ) -> None:
        """Keep what isn't said with each config.

        Args:
            runner: is read, and given to loops; only `prepare_optimizer` assigns to it.
            requested: loaders and evaluators, by the runner's arguments; loops get them.
            loss: of a plain torch module.
            data_preprocessor: of a plain torch module.
        """
        self._runner, self._requested = runner, requested
        self._loss, self._data_preprocessor = loss, data_preprocessor
        self._has_joined = False

    def build_logger(
        self, /, log_level: int | str = "INFO", log_file: str | None = None, **kwargs: Any
    ) -> MMLogger:
        """Return the run's logger, which writes to the terminal and to ``log_file``.

        Args:
            log_level: what is less important isn't logged.
            log_file: by default ``<timestamp>.log`` in the log folder.
            kwargs: other arguments of `MMLogger`.
        """
        runner = self._runner
        file = log_file or f"{runner.log_dir}/{runner.timestamp}.log"
        arguments: dict[str, Any] = {"file_mode": "a", "distributed": runner.distributed, **kwargs}
        arguments.setdefault("name", runner.experiment_name)
        logger: MMLogger = MMLogger.get_instance(log_level=log_level, log_file=file, **arguments)
        return logger

    def build_message_hub(self, message_hub: dict[str, Any] | None = None) -> MessageHub:
        """Return the run's message hub.

        Args:
            message_hub: arguments of `MessageHub`; its name is the experiment's by default.
        """
        arguments = {"name": self._runner.experiment_name, **(message_hub or {})}
        hub: MessageHub = MessageHub.get_instance(**arguments)
        return hub

    def build_visualizer(self, visualizer: Visualizer | dict[str, Any] | None = None) -> Visualizer:
        """Return the run's visualizer: by default one that writes into the log folder.

        Raises:
            TypeError: it is neither visualizer nor config.
        """
        if isinstance(visualizer, Visualizer):
            return visualizer
        if visualizer is not None and not isinstance(visualizer, dict):
            raise TypeError(f"visualizer must be a Visualizer or a config, got {visualizer!r:.200}")
        config = {"type": "Visualizer", "vis_backends": [{"type": "LocalVisBackend"}]}
        config = config if visualizer is None else dict(visualizer)
        config.setdefault("name", self._runner.experiment_name)
        config.setdefault("save_dir", self._runner.log_dir)
        built: Visualizer = VISUALIZERS.build(config)
        return built

    def build_default_scope(self, default_scope: str) -> DefaultScope:
        """Return the scope in which names are looked up first."""
        scope: DefaultScope = DefaultScope.get_instance(
            self._runner.experiment_name, scope_name=default_scope
        )
        return scope

    def build_strategy(self, strategy: BaseStrategy | dict[str, Any] | None) -> BaseStrategy:
        """Return what places the model: by default one device, or data-parallel if distributed."""
        return strategy_choice.built(
            strategy, self._runner.cfg, distributed=self._runner.distributed
        )

    def build_model(self, model: nn.Module | dict[str, Any]) -> nn.Module:
        """Return a model: what is one already, or one made from a config.

        A module that has no ``train_step`` is trained as a `PlainModel`, with the runner's
        ``loss``.

        Raises:
            TypeError: it is neither, or it has a ``train_step`` and the runner a ``loss``.
        """
        built = MODELS.build(model) if isinstance(model, dict) else model
        if not isinstance(built, nn.Module):
            raise TypeError(
                f"model must be a torch module or the config of one, got {built!r:.200}"
            )
        if not hasattr(built, "train_step") and not is_model_wrapper(built):
            return PlainModel(built, self._loss, data_preprocessor=self._data_preprocessor)
        if self._loss is not None:
            raise TypeError(
                f"loss is for a plain torch module, and {type(built).__name__} has a train_step: "
                "it works out its losses itself"
            )
        return built

    def wrap_model(self, model_wrapper_cfg: dict[str, Any] | None, model: nn.Module) -> nn.Module:
        """Return the model on its device, in the wrapper that the strategy gives it.

        On the way the config's ``efficient_conv_bn_eval``, ``activation_checkpointing``,
        ``float8`` and ``compile`` are switched on.

        Args:
            model_wrapper_cfg: config of the wrapper, where the strategy has one.
            model: the model.
        """
        cfg, strategy = self._runner.cfg, self._runner.strategy
        optim_wrapper = self._runner.optim_wrapper
        if model_wrapper_cfg is not None and hasattr(strategy, "model_wrapper"):
            strategy.model_wrapper = model_wrapper_cfg
        if is_model_wrapper(model):
            return model
        if isinstance(optim_wrapper, dict):  # before a wrapper counts what is trained
            options = optim_wrapper.get("paramwise_cfg") or {}
            freeze(model, options.get("custom_keys") or {})
        converted = strategy.convert_model(model)
        if parts := cfg.get("efficient_conv_bn_eval"):
            turn_on_efficient_conv_bn_eval(converted, parts)
        if parts := cfg.get("activation_checkpointing"):
            turn_on_activation_checkpointing(converted, parts)
        if settings := cfg.get("float8"):
            turn_on_float8(converted, settings)
        compile_model(converted, cfg.get("compile", False))
        wrapped: nn.Module = strategy.wrap(converted)
        return wrapped

    def build_evaluator(self, evaluator: Any) -> Any:
        """Return an evaluator: what is one already, or one of metrics or their configs."""
        return build.evaluator(evaluator)

    def build_optim_wrapper(self, optim_wrapper: Any) -> Any:
        """Return an optimizer wrapper: what is one already, or one of an optimizer or a config."""
        return build.optim_wrapper(optim_wrapper, self._runner.model)

    def prepare_optimizer(self) -> None:
        """Build the optimizer wrapper, and let the strategy join it with the model, once."""
        runner = self._runner
        runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
        if not self._has_joined:
            joined = runner.strategy.join(runner.model, runner.optim_wrapper)
            runner.model, runner.optim_wrapper = joined
            self._has_joined = True

    def build_param_scheduler(self, scheduler: Any) -> Any:
        """Return the schedulers, as a list; for several optimizers, a list for each."""
        runner = self._runner
        return build.param_schedulers(scheduler, runner.optim_wrapper, runner.train_loop)

    def scale_lr(self, optim_wrapper: Any, auto_scale_lr: dict[str, Any] | None = None) -> None:
        """Scale learning rates to the batch size (Goyal et al., arXiv:1706.02677, 2.1).

        Args:
            optim_wrapper: whose rates.
            auto_scale_lr: ``base_batch_size``, for which the rates were found, and ``enable``.

        Raises:
            ValueError: ``base_batch_size`` is missing.
            RuntimeError: the training loop is there, and schedulers were built.
        """
        base = base_batch_size(auto_scale_lr, self._runner.param_schedulers)
        if base is not None:
            batch_size = self._runner.train_dataloader.batch_size
            multiply_lr(optim_wrapper, base, batch_size, logger=self._runner.logger)

    def build_train_loop(self, loop: Any) -> Any:
        """Return the training loop: what is one already, or one of a config.

        Raises:
            ValueError: ``by_epoch`` isn't there, nor ``type``.
        """
        if not isinstance(loop, dict):
            return loop
        if "type" in loop and "by_epoch" in loop:
            raise ValueError("train_cfg: give either type or by_epoch, which stands for a type")
        if "type" not in loop and "by_epoch" not in loop:
            raise ValueError(
                "train_cfg needs the key 'by_epoch', such as dict(by_epoch=True, max_epochs=12), "
                "or 'type', a loop"
            )
        default = "EpochBasedTrainLoop" if loop.get("by_epoch") else "IterBasedTrainLoop"
        data = self._requested["train_dataloader"]
        return build.loop(loop, default, runner=self._runner, dataloader=data)

    def build_val_loop(self, loop: Any) -> Any:
        """Return the validation loop: what is one already, or one of a config."""
        parts = {"dataloader": self._requested["val_dataloader"]}
        parts["evaluator"] = self._requested["val_evaluator"]
        return build.loop(loop, "ValLoop", runner=self._runner, **parts)

    def build_test_loop(self, loop: Any) -> Any:
        """Return the test loop: what is one already, or one of a config."""
        parts = {"dataloader": self._requested["test_dataloader"]}
        parts["evaluator"] = self._requested["test_evaluator"]
        return build.loop(loop, "TestLoop", runner=self._runner, **parts)

    def build_log_processor(self, log_processor: LogProcessor | dict[str, Any]) -> LogProcessor:
        """Return what makes log lines: what does already, or what a config describes.

        Raises:
            TypeError: it is neither.
        """
        if isinstance(log_processor, LogProcessor):
            return log_processor
        if not isinstance(log_processor, dict):
            raise TypeError(
                f"log_processor must be a LogProcessor or a config, got {log_processor!r:.200}"
            )
        config = {"type": "LogProcessor", **log_processor}
        if config["type"] == "LogProcessor":
            check_arguments("log_processor", log_processor, LogProcessor.__init__)
        built: LogProcessor = LOG_PROCESSORS.build(config)
        return built
