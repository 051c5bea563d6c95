"""Restoring a training from a checkpoint: optimizers, schedulers, clocks, place in the data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from engine_checkpoint import CheckpointError, LoadReport, WrongModelError, revised, weights_of
from engine_checkpoint.lazy_tensor import StoredTensor
from engine_optim.scheduler.resume import Clocks, resume_schedulers, settings_of_groups
from engine_runner.loaders import change_seed, global_batch_size, num_batches
from engine_runner.runner.dataset_meta import compare_dataset_meta
from engine_runner.runner.optimizer_settings import check_settings
from engine_runner.runner.optimizer_states import check_states
from engine_runner.runner.rank_state import RankStates
from engine_runner.runner.run_info import RunInfo
from engine_runner.runner.training import Training

__all__ = ["Restorer"]


class Restorer:
    """Puts everything but the weights of a checkpoint back into a training."""

    def __init__(
        self, training: Training, info: RunInfo, *, prepare_optimizer: Callable[[], None]
    ) -> None:
        """Restore nothing yet.

        Args:
            training: what goes on.
            info: its seed becomes the checkpoint's.
            prepare_optimizer: builds the training's optimizers, if they aren't yet.
        """
        self._training, self._info = training, info
        self._prepare_optimizer = prepare_optimizer
        self._ranks = RankStates(training)

    def restore(
        self,
        checkpoint: Any,
        filename: str,
        report: LoadReport | None,
        *,
        with_optimizer: bool = True,
        with_schedulers: bool = True,
    ) -> None:
        """Let the training stand where a checkpoint was saved.

        Args:
            checkpoint: what it holds; its weights are in the model already.
            filename: its address.
            report: how its weights did fit, if that is known.
            with_optimizer: whether the optimizers' state is restored.
            with_schedulers: whether the schedulers' state is restored.

        Raises:
            CheckpointError: it is damaged, or of another training.
        """
        training, meta = self._training, checkpoint["meta"]
        if report is not None:
            weights = weights_of(checkpoint, filename)
            _check_fits(report, weights, filename, model=training.model_name)
        compare_dataset_meta(meta, training.train_loop, training.logger)
        self._prepare_optimizer()
        schedulers = training.param_schedulers
        if schedulers is not None:  # they set values that the optimizer's state replaces
            training.param_schedulers = training.build_param_scheduler(schedulers)
        self._restore_clocks(checkpoint, meta)
        training.message_hub.load_state_dict(checkpoint["message_hub"])
        configured = _configured(training.param_schedulers)
        if "optimizer" in checkpoint and with_optimizer:
            self._load_optimizers(filename, checkpoint["optimizer"])
        if with_schedulers:
            self._resume_schedulers(checkpoint.get("param_schedulers"), configured)
        self._ranks.restore(checkpoint, with_gradients=with_optimizer)

    def _restore_clocks(self, checkpoint: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
        loop = self._training.train_loop
        epoch, iteration = int(meta["epoch"]), int(meta["iter"])
        # What MMEngine's checkpoints don't say, nor ours of before there were two clocks.
        guessed = {
            "batch_in_epoch": 0,
            "optimizer_steps": iteration
            // getattr(self._training.optim_wrapper, "accumulative_counts", 1),
            "validated_at": iteration,
        }
        saved = checkpoint.get("train_state") or {"epoch": epoch, "iteration": iteration}
        self._training.state.load_state_dict({**guessed, **saved})
        loop._epoch, loop._iter = self._training.state.epoch, self._training.state.iteration
        self._restore_place(saved)
        seed = meta.get("seed")
        if seed is not None and seed != self._training.seed:
            was_asked_for = self._info.randomness.get("seed") is not None
            self._training.logger.log(
                logging.WARNING if was_asked_for else logging.INFO,
                "the checkpoint is of a training with the seed %s, and this one's is %s: it goes "
                "on with the former",
                *(seed, self._training.seed),
            )
            change_seed(loop.dataloader, self._training.seed, seed)
            self._info.randomness["seed"] = seed
            self._training.set_randomness(**self._info.randomness)

    def _resume_schedulers(self, states: Any, configured: Mapping[str, Any]) -> None:
        if self._training.param_schedulers is None:
            if states:
                self._training.logger.warning(
                    "the checkpoint holds the states of schedulers, and the config has none: "
                    "learning rates stay as they were"
                )
            return
        length = num_batches(getattr(self._training.train_loop, "dataloader", None))
        clocks = Clocks(
            epochs=self._training.state.epoch,
            iterations=self._training.state.iteration,
            steps=self._training.state.optimizer_steps,
            epoch_length=length if getattr(self._training.train_loop, "by_epoch", True) else None,
        )
        for name, schedulers in _by_optimizer(self._training.param_schedulers).items():
            kept = _by_optimizer(states or []).get(name, [])
            resume_schedulers(
                *(schedulers, kept, clocks),
                configured=configured[name],
                tell=self._training.logger.warning,
            )

    def _load_optimizers(self, filename: str, state: Mapping[str, Any]) -> None:
        training = self._training
        try:
            check_settings(training.optim_wrapper, state)
            training.strategy.load_optim_state(training.model, training.optim_wrapper, state)
            check_states(training.optim_wrapper)
        except (ValueError, KeyError) as error:
            raise CheckpointError(
                f"the optimizer of {filename} is not this training's: {error}. Resume with the "
                "optimizer that it was saved with, or call resume with resume_optimizer=False"
            ) from error

    def _restore_place(self, saved: Mapping[str, Any]) -> None:
        """Reckon the position in the data in batches of this run's size."""
        state, loop = self._training.state, self._training.train_loop
        if not getattr(loop, "by_epoch", True) and (state.epoch or not state.batch_in_epoch):
            state.batch_in_epoch = state.iteration  # MMEngine's, or of a training by epochs
        before, now = saved.get("global_batch_size"), global_batch_size(loop.dataloader)
        if not before or not now or before == now:
            return
        position = state.batch_in_epoch * before
        state.batch_in_epoch = position // now
        self._training.logger.warning(
            "the checkpoint is of a training with %d samples an iteration on all ranks together, "
            "and now they are %d: it goes on at the same place of the data%s, but it won't be the "
            "same training",
            *(before, now, "" if position % now == 0 else f", {position % now} samples earlier"),
        )


def _check_fits(report: Any, weights: Mapping[str, Any], filename: str, *, model: str) -> None:
    """Weights that fit a model in part are good to start from, but not to go on from."""
    if report.errors:
        raise CheckpointError(f"{filename} is damaged: {report.errors[0]}")
    wrong = _what_does_not_fit(report, weights)
    if report.missing and not report.num_loaded:
        raise CheckpointError(f"{filename} is damaged: it holds no weights")
    if wrong:
        raise WrongModelError(
            f"{filename} is a checkpoint of another model than this {model}: {wrong[0]}"
            f"{f', and {len(wrong) - 1} more' if wrong[1:] else ''}. To start from what fits, give "
            "it as load_from without resume"
        )


def _what_does_not_fit(report: Any, weights: Mapping[str, Any]) -> list[str]:
    """What of a checkpoint's tensors isn't the model's; what is none, a hook has put there."""
    wrong = [f"{name} is {there} there and {here} here" for name, there, here in report.wrong_shape]
    known = revised(weights, [(r"^module.", "")])
    return wrong + [
        f"it holds {name}, which is not here"
        for name in report.unexpected
        if isinstance(known.get(name), Tensor | StoredTensor)
    ]


def _by_optimizer(schedulers: Any) -> dict[str, list[Any]]:
    return dict(schedulers) if isinstance(schedulers, Mapping) else {"": schedulers}


def _configured(schedulers: Any) -> dict[str, list[dict[str, Any]]]:
    """What is set in the groups of each optimizer."""
    return {n: settings_of_groups(each) for n, each in _by_optimizer(schedulers or []).items()}
