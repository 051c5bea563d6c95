"""A runner's checkpoints: written, read, resumed from."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from torch import Tensor

from engine_checkpoint import (
    OWN,
    CheckpointError,
    NotKeptError,
    WrongModelError,
    check_resumable,
    kept_parts,
    read_own_part,
    revised,
    weights_of,
)
from engine_checkpoint.lazy_tensor import StoredTensor
from engine_checkpoint.recursion import room_for_nesting
from engine_dist import get_rank, get_world_size
from engine_fileio import join_path
from engine_optim.scheduler.resume import Clocks, resume_schedulers, settings_of_groups
from engine_runner.__about__ import MMENGINE, __version__
from engine_runner.loaders import change_seed, global_batch_size, metainfo_of, num_batches
from engine_runner.runner.dataset_meta import compare_dataset_meta
from engine_runner.runner.newest import naming_good_ones, newest_whole
from engine_runner.runner.optimizer_settings import check_settings
from engine_runner.runner.optimizer_states import check_states
from engine_runner.runner.rank_state import KeepsRanks
from engine_runner.state import TrainState

__all__ = ["SavesAndResumes"]


class SavesAndResumes(KeepsRanks):
    """The part of a runner that has to do with checkpoints."""

    @room_for_nesting()
    def save_checkpoint(
        self,
        out_dir: str,
        filename: str,
        file_client_args: dict[str, Any] | None = None,
        save_optimizer: bool = True,
        save_param_scheduler: bool = True,
        meta: dict[str, Any] | None = None,
        by_epoch: bool = True,
        backend_args: dict[str, Any] | None = None,
        *,
        save_random_states: bool = True,
        write: Callable[..., None] | None = None,
    ) -> None:
        """Write a checkpoint: all of it, or none. Every rank has to call it.

        Args:
            out_dir: the folder.
            filename: the name in it.
            file_client_args: MMEngine's former name of ``backend_args``.
            save_optimizer: whether the optimizer's state is part of it.
            save_param_scheduler: whether the schedulers' state is part of it.
            meta: goes into its ``meta``; ``epoch`` and ``iter`` there say what has been finished.
            by_epoch: whether it ends an epoch, or else an iteration, that isn't counted yet.
            backend_args: of the storage.
            save_random_states: whether those of every rank's generators are part of it, and what
                else a rank has for itself; a resume that changes nothing needs them.
            write: writes it, in place of the strategy's `write`, with whose arguments it is called;
                the tensors that it is given are where they are trained.

        Raises:
            TypeError: ``meta`` is no dict.
            OSError: it can't be written.
        """
        if meta is not None and not isinstance(meta, dict):
            raise TypeError(f"meta must be a dict or None, got {meta!r:.100}")
        state = self._state_after(meta, by_epoch=by_epoch)
        checkpoint: dict[str, Any] = {
            "meta": {**self._meta(state), **(meta or {})},
            "state_dict": self.strategy.model_state(self.model, on_cpu=write is None),
            "message_hub": self.message_hub.state_dict(),
            "train_state": {**state.state_dict(), "global_batch_size": self._global_batch_size()},
        }
        if save_random_states:
            checkpoint |= self._ranks_state(state, with_gradients=save_optimizer)
        if save_optimizer:
            checkpoint["optimizer"] = self.strategy.optim_state(self.model, self.optim_wrapper)
        if save_param_scheduler and self.param_schedulers is not None:
            checkpoint["param_schedulers"] = _states(self.param_schedulers, self.optim_wrapper)
        self.call_hook("before_save_checkpoint", checkpoint=checkpoint)
        checkpoint = kept_parts(checkpoint, "checkpoint", self._tell_left_out)
        address = join_path(out_dir, filename, backend_args=backend_args or file_client_args)
        (write or self.strategy.write)(checkpoint, address, backend_args or file_client_args)

    def _tell_left_out(self, error: NotKeptError) -> None:
        """Warn of what no checkpoint can hold; once, and the training goes on."""
        text = str(error)
        if text not in self._left_out:
            self._left_out.add(text)
            self.logger.warning("left out of checkpoints: %s", text)

    def _state_after(self, meta: dict[str, Any] | None, *, by_epoch: bool) -> TrainState:
        """Where the training stands when what is going on is finished."""
        state = replace(self.state, epoch=self.epoch, iteration=self.iter)
        if meta and "epoch" in meta and "iter" in meta:
            state.epoch, state.iteration = int(meta["epoch"]), int(meta["iter"])
        elif by_epoch:
            state.epoch, state.batch_in_epoch = state.epoch + 1, 0
        else:
            state.iteration, state.batch_in_epoch = state.iteration + 1, state.batch_in_epoch + 1
        return state

    def _global_batch_size(self) -> int | None:
        return global_batch_size(getattr(self._loops.get("train"), "dataloader", None))

    def _meta(self, state: TrainState) -> dict[str, Any]:
        meta: dict[str, Any] = {
            "epoch": state.epoch,
            "iter": state.iteration,
            "cfg": self.cfg.pretty_text,
            "seed": self.seed,
            "experiment_name": self.experiment_name,
            "time": time.strftime("%Y%m%d_%H%M%S", time.localtime()),
            "engine_version": __version__,
            "mmengine_version": MMENGINE,
        }
        metainfo = metainfo_of(getattr(self._loops.get("train"), "dataloader", None))
        if metainfo is not None:
            meta["dataset_meta"] = metainfo
        return meta

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable[..., Any] = "cpu",
        strict: bool = False,
        revise_keys: list[tuple[str, str]] = [(r"^module.", "")],  # noqa: B006 - MMEngine's
    ) -> Any:
        """Read a checkpoint and put its weights into the model.

        Args:
            filename: its address.
            map_location: as ``torch.load``.
            strict: whether weights that don't fit are an error.
            revise_keys: (regular expression, replacement) for the keys, in turn.

        Returns:
            The checkpoint.

        Raises:
            FileNotFoundError: there is none.
            CheckpointError: it can't be read, or ``strict`` and it doesn't fit, or nothing fits.
        """
        checkpoint = self.strategy.read(filename, map_location, self.logger, model=self.model)
        self._put_weights(checkpoint, filename, strict=strict, revise_keys=revise_keys)
        return checkpoint

    def _put_weights(
        self,
        checkpoint: Any,
        filename: str,
        *,
        strict: bool = False,
        revise_keys: list[tuple[str, str]] | None = None,
    ) -> None:
        """Put a checkpoint's weights into the model."""
        revise_keys = [(r"^module.", "")] if revise_keys is None else revise_keys
        weights = weights_of(checkpoint, filename)
        self.call_hook("after_load_checkpoint", checkpoint=checkpoint)
        weights = weights_of(checkpoint, filename)
        report = self._load_report = self.strategy.load_model_state(
            self.model, revised(weights, revise_keys), strict=strict, logger=self.logger
        )
        if weights and not report.num_loaded:
            raise WrongModelError(
                f"{filename} holds no weight of {self.model_name}: it is of another model, or its "
                f"keys need revise_keys.\n{report}"
            )
        self._has_loaded = True
        self.logger.info("Load checkpoint from %s", filename)

    def load_or_resume(self) -> None:
        """Resume, or load weights, as ``resume`` and ``load_from`` ask for; once."""
        if self._has_loaded:
            return
        if self._resume and self._load_from is None:
            self._resume_newest()
        elif self._resume:
            try:
                self.resume(str(self._load_from))
            except WrongModelError:
                raise
            except CheckpointError as error:
                raise naming_good_ones(error, str(self._load_from)) from error
        elif self._load_from is not None:
            self.load_checkpoint(self._load_from)
        self._has_loaded = True

    def resume(
        self,
        filename: str,
        resume_optimizer: bool = True,
        resume_param_scheduler: bool = True,
        map_location: str | Callable[..., Any] = "default",
    ) -> None:
        """Go on from a checkpoint: weights, optimizer, schedulers, logs, and where it stood.

        Args:
            filename: its address.
            resume_optimizer: whether the optimizer's state is restored.
            resume_param_scheduler: whether the schedulers' state is restored.
            map_location: as ``torch.load``; "default" is the CPU.

        Raises:
            FileNotFoundError: there is none.
            CheckpointError: it can't be read, or is of another training.
        """
        location = "cpu" if map_location == "default" else map_location
        self._go_on(
            filename,
            self._resumable(filename, location),
            resume_optimizer=resume_optimizer,
            resume_param_scheduler=resume_param_scheduler,
        )

    def _resume_newest(self) -> None:
        """Go on from the newest checkpoint that is whole; without any, from the beginning."""
        go_on: Callable[[str, Any], None] = self._go_on
        if type(self).resume is not SavesAndResumes.resume:  # a subclass's

            def go_on(filename: str, checkpoint: Any) -> None:
                self.resume(filename)

        found = newest_whole(self.work_dir, self._resumable, go_on, logger=self.logger)
        if not found:
            self.logger.info("Nothing to resume from in %s: starting anew", self.work_dir)

    def _resumable(self, filename: str, map_location: Any = "cpu") -> Any:
        checkpoint = self.strategy.read(filename, map_location, self.logger, model=self.model)
        check_resumable(checkpoint, filename)
        if checkpoint.get("num_ranks") == get_world_size():
            own = read_own_part(filename, get_rank())
            return checkpoint if own is None else {**checkpoint, OWN: own}
        return checkpoint

    @room_for_nesting()
    def _go_on(
        self,
        filename: str,
        checkpoint: Any,
        *,
        resume_optimizer: bool = True,
        resume_param_scheduler: bool = True,
    ) -> None:
        self._put_weights(checkpoint, filename)
        meta = checkpoint["meta"]
        weights = weights_of(checkpoint, filename)
        _check_fits(self._load_report, weights, filename, model=self.model_name)
        compare_dataset_meta(meta, loop := self.train_loop, self.logger)
        self._build_optimizer()
        if self.param_schedulers is not None:  # they set values that the optimizer's state replaces
            self.param_schedulers = self.build_param_scheduler(self.param_schedulers)
        self._restore_clocks(checkpoint, meta)
        self.message_hub.load_state_dict(checkpoint["message_hub"])
        configured = _configured(self.param_schedulers)
        if "optimizer" in checkpoint and resume_optimizer:
            self._load("optimizer", filename, checkpoint["optimizer"])
        if resume_param_scheduler:
            self._resume_schedulers(checkpoint.get("param_schedulers"), configured)
        self._restore_rank(checkpoint, with_gradients=resume_optimizer)
        self._has_loaded, self.resumed_from = True, filename
        self.logger.info("resumed epoch: %d, iter: %d", loop.epoch, loop.iter)

    def _restore_clocks(self, checkpoint: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
        loop = self.train_loop
        epoch, iteration = int(meta["epoch"]), int(meta["iter"])
        # What MMEngine's checkpoints don't say, nor ours of before there were two clocks.
        guessed = {
            "batch_in_epoch": 0,
            "optimizer_steps": iteration // getattr(self.optim_wrapper, "accumulative_counts", 1),
            "validated_at": iteration,
        }
        saved = checkpoint.get("train_state") or {"epoch": epoch, "iteration": iteration}
        self.state.load_state_dict({**guessed, **saved})
        loop._epoch, loop._iter = self.state.epoch, self.state.iteration
        self._restore_place(saved)
        seed = meta.get("seed")
        if seed is not None and seed != self.seed:
            self.logger.warning(
                "the checkpoint is of a training with the seed %s, and this one's is %s: it goes "
                "on with the former",
                *(seed, self.seed),
            )
            change_seed(loop.dataloader, self.seed, seed)
            self._randomness["seed"] = seed
            self.set_randomness(**self._randomness)

    def _resume_schedulers(self, states: Any, configured: Mapping[str, Any]) -> None:
        if self.param_schedulers is None:
            if states:
                self.logger.warning(
                    "the checkpoint holds the states of schedulers, and the config has none: "
                    "learning rates stay as they were"
                )
            return
        length = num_batches(getattr(self.train_loop, "dataloader", None))
        clocks = Clocks(
            epochs=self.state.epoch,
            iterations=self.state.iteration,
            steps=self.state.optimizer_steps,
            epoch_length=length if getattr(self.train_loop, "by_epoch", True) else None,
        )
        for name, schedulers in _by_optimizer(self.param_schedulers).items():
            kept = _by_optimizer(states or []).get(name, [])
            resume_schedulers(
                *(schedulers, kept, clocks), configured=configured[name], tell=self.logger.warning
            )

    def _load(self, what: str, filename: str, state: Mapping[str, Any]) -> None:
        try:
            check_settings(self.optim_wrapper, state)
            self.strategy.load_optim_state(self.model, self.optim_wrapper, state)
            check_states(self.optim_wrapper)
        except (ValueError, KeyError) as error:
            raise CheckpointError(
                f"the {what} of {filename} is not this training's: {error}. Resume with the "
                "optimizer that it was saved with, or call resume with resume_optimizer=False"
            ) from error


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


def _states(schedulers: Any, wrapper: Any) -> Any:
    """The states of schedulers, with values for the parameter groups that are saved beside them."""
    if isinstance(schedulers, dict):
        return {name: _states(group, wrapper[name]) for name, group in schedulers.items()}
    spread = getattr(wrapper, "by_parameter", None)
    states = [each.state_dict() for each in schedulers]
    if spread is None:
        return states
    return [
        {key: spread(each) if key in _OF_GROUPS else each for key, each in state.items()}
        for state in states
    ]


_OF_GROUPS: Final = ("base_values", "_last_value", "min_values")


def _by_optimizer(schedulers: Any) -> dict[str, list[Any]]:
    return dict(schedulers) if isinstance(schedulers, Mapping) else {"": schedulers}


def _configured(schedulers: Any) -> dict[str, list[dict[str, Any]]]:
    """What is set in the groups of each optimizer."""
    return {n: settings_of_groups(each) for n, each in _by_optimizer(schedulers or []).items()}
