"""A runner's parts, from what was asked for."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine_dist import get_data_info, get_local_rank, get_rank, get_world_size, set_data_group
from engine_logging import MessageHub, MMLogger, use_ranks
from engine_model import PlainModel, compile_model, is_model_wrapper
from engine_model.activation_checkpointing import turn_on_activation_checkpointing
from engine_model.efficient_conv_bn_eval import turn_on_efficient_conv_bn_eval
from engine_model.float8 import turn_on_float8
from engine_optim.custom_keys import freeze
from engine_registry import (
    LOG_PROCESSORS,
    MODELS,
    STRATEGIES,
    VISUALIZERS,
    DefaultScope,
)
from engine_runner.logs import LogProcessor
from engine_runner.randomness import set_random_seed
from engine_runner.runner import build
from engine_runner.runner.config_keys import check_arguments, check_keys
from engine_runner.runner.environment import setup_env
from engine_runner.runner.parts import RunnerParts
from engine_runner.strategy import (
    Asked,
    BaseStrategy,
    DDPStrategy,
    FSDPStrategy,
    SingleDeviceStrategy,
)
from engine_visual import Visualizer

__all__ = ["BuildsParts"]


class BuildsParts(RunnerParts):
    """The part of a runner that makes objects of configs."""

    def setup_env(self, env_cfg: dict[str, Any]) -> None:
        """Set this process up: threads, start method, limits, process group.

        Args:
            env_cfg: ``cudnn_benchmark``, ``mp_cfg``, ``dist_cfg`` and ``resource_limit``.

        Raises:
            TypeError: it has another key.
        """
        setup_env(env_cfg, self._launcher)
        use_ranks(get_rank, get_world_size, get_local_rank)

    def set_randomness(
        self,
        seed: int | None,
        diff_rank_seed: bool = False,
        deterministic: bool = False,
        *,
        per_sample: bool = False,
    ) -> None:
        """Seed all generators of this process.

        Args:
            seed: None takes a random one, the same on all ranks.
            diff_rank_seed: whether each rank gets a seed of its own.
            deterministic: whether torch is asked for deterministic algorithms.
            per_sample: whether what a training sample's reading draws depends on seed, epoch and
                index alone, so that it doesn't matter which worker or rank reads it.
        """
        self._randomness = {
            "seed": seed,
            "diff_rank_seed": diff_rank_seed,
            "deterministic": deterministic,
            "per_sample": per_sample,
        }
        self._seed = set_random_seed(seed, deterministic, diff_rank_seed)

    def build_logger(
        self, log_level: int | str = "INFO", log_file: str | None = None, **kwargs: Any
    ) -> MMLogger:
        """Return the run's logger, which writes to the terminal and to ``log_file``.

        Args:
            log_level: what is less important isn't logged.
            log_file: by default ``<timestamp>.log`` in the log folder.
            kwargs: other arguments of `MMLogger`.
        """
        file = log_file or f"{self.log_dir}/{self.timestamp}.log"
        arguments: dict[str, Any] = {"file_mode": "a", "distributed": self.distributed, **kwargs}
        arguments.setdefault("name", self.experiment_name)
        logger: MMLogger = MMLogger.get_instance(log_level=log_level, log_file=file, **arguments)
        return logger

    def build_message_hub(self, message_hub: dict[str, Any] | None = None) -> MessageHub:
        """Return the run's message hub.

        Args:
            message_hub: arguments of `MessageHub`; its name is the experiment's by default.
        """
        arguments = {"name": self.experiment_name, **(message_hub or {})}
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
        config.setdefault("name", self.experiment_name)
        config.setdefault("save_dir", self.log_dir)
        built: Visualizer = VISUALIZERS.build(config)
        return built

    def build_default_scope(self, default_scope: str) -> DefaultScope:
        """Return the scope in which names are looked up first."""
        scope: DefaultScope = DefaultScope.get_instance(
            self.experiment_name, scope_name=default_scope
        )
        return scope

    def build_strategy(self, strategy: BaseStrategy | dict[str, Any] | None) -> BaseStrategy:
        """Return what places the model: by default one device, or data-parallel if distributed."""
        if isinstance(strategy, BaseStrategy):
            return strategy
        if strategy is not None:
            built: BaseStrategy = STRATEGIES.build(strategy)
            return built
        if not self.distributed:
            return SingleDeviceStrategy()
        wrapper = self.cfg.get("model_wrapper_cfg")
        if wrapper and str(wrapper.get("type")).endswith("FullyShardedDataParallel"):
            return FSDPStrategy(model_wrapper=wrapper, sync_bn=self.cfg.get("sync_bn"))
        return DDPStrategy(
            model_wrapper=wrapper,
            sync_bn=self.cfg.get("sync_bn"),
            find_unused_parameters=self.cfg.get("find_unused_parameters", False),
        )

    def _take_strategy(self, strategy: BaseStrategy | dict[str, Any] | None) -> None:
        """Build the strategy, and ask it whether it can do what is asked for."""
        self.strategy = self.build_strategy(strategy)
        given = self._arguments
        hooks = [*(given["custom_hooks"] or ()), *(given["default_hooks"] or {}).values()]
        asked = Asked(
            optim_wrapper=given["optim_wrapper"],
            hooks=hooks,
            compile=self.cfg.get("compile", False),
            activation_checkpointing=self.cfg.get("activation_checkpointing"),
            efficient_conv_bn_eval=self.cfg.get("efficient_conv_bn_eval"),
            float8=self.cfg.get("float8", False),
            diff_rank_seed=self.diff_rank_seed,
            detect_anomaly=bool((given["train_cfg"] or {}).get("detect_anomaly", False)),
        )
        self.strategy.check(asked)
        set_data_group(self.strategy.data_group())

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
            given = self._arguments.get("data_preprocessor")
            return PlainModel(built, self._loss, data_preprocessor=given)
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
        if model_wrapper_cfg is not None and hasattr(self.strategy, "model_wrapper"):
            self.strategy.model_wrapper = model_wrapper_cfg
        if is_model_wrapper(model):
            return model
        if isinstance(self.optim_wrapper, dict):  # before a wrapper counts what is trained
            options = self.optim_wrapper.get("paramwise_cfg") or {}
            freeze(model, options.get("custom_keys") or {})
        converted = self.strategy.convert_model(model)
        if parts := self.cfg.get("efficient_conv_bn_eval"):
            turn_on_efficient_conv_bn_eval(converted, parts)
        if parts := self.cfg.get("activation_checkpointing"):
            turn_on_activation_checkpointing(converted, parts)
        if settings := self.cfg.get("float8"):
            turn_on_float8(converted, settings)
        compile_model(converted, self.cfg.get("compile", False))
        return self.strategy.wrap(converted)

    @staticmethod
    def build_dataloader(
        dataloader: Any, seed: int | None = None, diff_rank_seed: bool = False
    ) -> Any:
        """Return a loader: what is one already, or one made from a config.

        Args:
            dataloader: arguments of torch's `DataLoader`, with ``dataset``, ``sampler``,
                ``batch_sampler``, ``collate_fn`` and ``worker_init_fn`` as configs or objects.
            seed: of the sampler and the workers.
            diff_rank_seed: whether ranks draw with different seeds.
        """
        return build.dataloader(dataloader, seed, diff_rank_seed)

    def build_evaluator(self, evaluator: Any) -> Any:
        """Return an evaluator: what is one already, or one of metrics or their configs."""
        return build.evaluator(evaluator)

    def build_optim_wrapper(self, optim_wrapper: Any) -> Any:
        """Return an optimizer wrapper: what is one already, or one of an optimizer or a config."""
        return build.optim_wrapper(optim_wrapper, self.model)

    def _build_optimizer(self) -> None:
        """Build the optimizer wrapper, and let the strategy have model and optimizer together."""
        self.optim_wrapper = self.build_optim_wrapper(self.optim_wrapper)
        if not self._has_joined:
            self.model, self.optim_wrapper = self.strategy.join(self.model, self.optim_wrapper)
            self._has_joined = True

    def build_param_scheduler(self, scheduler: Any) -> Any:
        """Return the schedulers, as a list; for several optimizers, a list for each."""
        return build.param_schedulers(scheduler, self.optim_wrapper, self.train_loop)

    def scale_lr(self, optim_wrapper: Any, auto_scale_lr: dict[str, Any] | None = None) -> None:
        """Scale learning rates to the batch size (Goyal et al., arXiv:1706.02677, 2.1).

        Args:
            optim_wrapper: whose rates.
            auto_scale_lr: ``base_batch_size``, for which the rates were found, and ``enable``.

        Raises:
            ValueError: ``base_batch_size`` is missing.
            RuntimeError: the training loop is there, and schedulers were built.
        """
        if auto_scale_lr is None or not auto_scale_lr.get("enable", False):
            return
        check_keys("auto_scale_lr", auto_scale_lr, ("enable", "base_batch_size"))
        if "base_batch_size" not in auto_scale_lr:
            raise ValueError("auto_scale_lr needs the key 'base_batch_size'")
        if any(hasattr(each, "last_step") for each in _listed(self.param_schedulers)):
            raise RuntimeError(
                "scale_lr comes before the schedulers, which keep the rates they saw"
            )
        base = auto_scale_lr["base_batch_size"]
        batch = get_data_info()[1] * self.train_dataloader.batch_size
        ratio = batch / base
        self.logger.info(
            "LR is set based on batch size of %d and the current batch size is %d. "
            "Scaling the original LR by %s.",
            *(base, batch, ratio),
        )
        wrappers = (
            optim_wrapper.values() if hasattr(optim_wrapper, "optim_wrappers") else [optim_wrapper]
        )
        for wrapper in wrappers:
            for group in wrapper.optimizer.param_groups:
                group["lr"] *= ratio

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
        data = self._asked["train_dataloader"]
        return build.loop(loop, default, runner=self, dataloader=data)

    def build_val_loop(self, loop: Any) -> Any:
        """Return the validation loop: what is one already, or one of a config."""
        parts = {"dataloader": self._asked["val_dataloader"]}
        parts["evaluator"] = self._asked["val_evaluator"]
        return build.loop(loop, "ValLoop", runner=self, **parts)

    def build_test_loop(self, loop: Any) -> Any:
        """Return the test loop: what is one already, or one of a config."""
        parts = {"dataloader": self._asked["test_dataloader"]}
        parts["evaluator"] = self._asked["test_evaluator"]
        return build.loop(loop, "TestLoop", runner=self, **parts)

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


def _listed(schedulers: Any) -> list[Any]:
    """Schedulers or their configs, as a flat list."""
    if schedulers is None:
        return []
    if isinstance(schedulers, dict) and "type" not in schedulers:
        return [each for group in schedulers.values() for each in _listed(group)]
    return list(schedulers) if isinstance(schedulers, list | tuple) else [schedulers]
