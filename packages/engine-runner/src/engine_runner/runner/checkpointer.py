"""Checkpointer: writes the checkpoints of a training, loads weights from them, resumes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine_checkpoint import (
    OWN,
    CheckpointError,
    LoadReport,
    NotKeptError,
    WrongModelError,
    check_resumable,
    kept_parts,
    read_own_part,
    resumable,
    revised,
    weights_of,
)
from engine_checkpoint.recursion import room_for_nesting
from engine_dist import get_rank, get_world_size, is_main_process
from engine_fileio import join_path
from engine_runner.loaders import global_batch_size
from engine_runner.runner.loop_table import LoopTable
from engine_runner.runner.newest_checkpoint import naming_good_ones, newest_whole
from engine_runner.runner.rank_state import RankStates
from engine_runner.runner.restore import Restorer
from engine_runner.runner.run_info import RunInfo
from engine_runner.runner.saved_parts import clocks_after, meta_of, scheduler_states
from engine_runner.runner.training import Training

__all__ = ["Checkpointer"]


class Checkpointer:
    """Saves, loads and resumes a training.

    Attributes:
        has_loaded: whether weights were loaded, so that `load_or_resume` does nothing; may be
            assigned, by a subclass of the runner that loads them itself.
        resumed_from: the address of the checkpoint that the training goes on from, or None; set
            by `resume` alone.
    """

    def __init__(
        self,
        training: Training,
        info: RunInfo,
        loops: LoopTable,
        *,
        prepare_optimizer: Callable[[], None],
    ) -> None:
        """Save and load nothing yet.

        Args:
            training: what is saved and resumed; steps that may be overridden are called on it.
            info: what to load or resume.
            loops: whose training loop's data a checkpoint describes, if it is built.
            prepare_optimizer: builds the training's optimizers, if they aren't yet.
        """
        self.has_loaded = False
        self.resumed_from: str | None = None
        self._training, self._info, self._loops = training, info, loops
        self._ranks = RankStates(training)
        self._restorer = Restorer(training, info, prepare_optimizer=prepare_optimizer)
        self._load_report: LoadReport | None = None  # of the weights that were loaded last
        self._told: set[str] = set()  # what was said of what checkpoints can't hold
        self._ahead: tuple[str, Any, Any] | None = None  # address, location, what was read there

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
        training, strategy = self._training, self._training.strategy
        data = getattr(self._loops.train, "dataloader", None)
        state = clocks_after(training, meta, by_epoch=by_epoch)
        checkpoint: dict[str, Any] = {
            "meta": {**meta_of(training, state, data), **(meta or {})},
            "state_dict": strategy.model_state(training.model, on_cpu=write is None),
            "message_hub": training.message_hub.state_dict(),
            "train_state": {**state.state_dict(), "global_batch_size": global_batch_size(data)},
        }
        if save_random_states:
            checkpoint |= self._ranks.gather(state, with_gradients=save_optimizer)
        if save_optimizer:
            checkpoint["optimizer"] = strategy.optim_state(training.model, training.optim_wrapper)
        if save_param_scheduler and training.param_schedulers is not None:
            checkpoint["param_schedulers"] = scheduler_states(
                training.param_schedulers, training.optim_wrapper
            )
        training.call_hook("before_save_checkpoint", checkpoint=checkpoint)
        checkpoint = kept_parts(checkpoint, "checkpoint", self.tell_left_out)
        storage = backend_args or file_client_args
        address = join_path(out_dir, filename, backend_args=storage)
        (write or strategy.write)(checkpoint, address, storage)

    def tell_left_out(self, error: NotKeptError) -> None:
        """Warn of what no checkpoint can hold; once, and the training goes on."""
        text = str(error)
        if text not in self._told:
            self._told.add(text)
            self._training.logger.warning("left out of checkpoints: %s", text)

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
        checkpoint = self._take_ahead(filename, map_location) or self._read(filename, map_location)
        self._put_weights(checkpoint, filename, strict=strict, revise_keys=revise_keys)
        return checkpoint

    def _put_weights(
        self,
        checkpoint: Any,
        filename: str,
        *,
        strict: bool,
        revise_keys: list[tuple[str, str]],
    ) -> None:
        """Put a checkpoint's weights into the model."""
        training = self._training
        weights = weights_of(checkpoint, filename)
        training.call_hook("after_load_checkpoint", checkpoint=checkpoint)
        weights = weights_of(checkpoint, filename)
        report = self._load_report = training.strategy.load_model_state(
            training.model, revised(weights, revise_keys), strict=strict, logger=training.logger
        )
        if weights and not report.num_loaded:
            raise WrongModelError(
                f"{filename} holds no weight of {training.model_name}: it is of another model, or "
                f"its keys need revise_keys.\n{report}"
            )
        self.has_loaded = True
        training.logger.info("Load checkpoint from %s", filename)

    def load_or_resume(self) -> None:
        """Resume, or load weights, as ``resume`` and ``load_from`` ask for; once."""
        if self.has_loaded:
            return
        resume, load_from = self._info.resume, self._info.load_from
        if resume and load_from is None:
            self._resume_newest()
        elif resume:
            try:
                self._training.resume(str(load_from))
            except WrongModelError:
                raise
            except CheckpointError as error:
                raise naming_good_ones(error, str(load_from)) from error
        elif load_from is not None:
            self._training.load_checkpoint(load_from)
        self.has_loaded = True

    def tell_of_earlier(self) -> None:
        """Warn where a training that begins anew finds what another one has left."""
        if self._info.resume or self._training.iter or not is_main_process():
            return
        for latest in resumable(self._training.work_dir).addresses[:1]:
            self._training.logger.warning(
                "another training has left %s; this one begins anew, and saves beside it: "
                "resume=True (engine train --resume) goes on with the former",
                latest,
            )

    @room_for_nesting()
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
        read = self._take_ahead(filename, location) or self._resumable(filename, location)
        self._ahead, self._load_report = (filename, location, read), None
        try:
            checkpoint = self._training.load_checkpoint(filename, map_location=location) or read
        finally:
            self._ahead = None
        if OWN in read:  # also where a subclass has read it by itself
            checkpoint = {**checkpoint, OWN: read[OWN]}
        self._restorer.restore(
            *(checkpoint, filename, self._load_report),
            with_optimizer=resume_optimizer,
            with_schedulers=resume_param_scheduler,
        )
        self.has_loaded, self.resumed_from = True, filename
        loop = self._training.train_loop
        self._training.logger.info("resumed epoch: %d, iter: %d", loop.epoch, loop.iter)

    def _resume_newest(self) -> None:
        """Go on from the newest checkpoint that is whole; without any, from the beginning."""

        def read(filename: str) -> Any:
            self._ahead = (filename, "cpu", self._resumable(filename))
            return self._ahead[2]

        def go_on(filename: str, _checkpoint: Any) -> None:
            self._training.resume(filename)

        training = self._training
        try:
            found = newest_whole(training.work_dir, read, go_on, logger=training.logger)
        finally:
            self._ahead = None
        if not found:
            training.logger.info("Nothing to resume from in %s: starting anew", training.work_dir)

    def _take_ahead(self, filename: str, map_location: Any) -> Any:
        """The checkpoint that was read a moment ago to be resumed from, once."""
        ahead, self._ahead = self._ahead, None
        return ahead[2] if ahead and ahead[:2] == (filename, map_location) else None

    def _resumable(self, filename: str, map_location: Any = "cpu") -> Any:
        """What a checkpoint holds, with this rank's own part, checked for what a resume needs."""
        checkpoint = self._read(filename, map_location)
        check_resumable(checkpoint, filename)
        if checkpoint.get("num_ranks") == get_world_size():
            own = read_own_part(filename, get_rank())
            return checkpoint if own is None else {**checkpoint, OWN: own}
        return checkpoint

    def _read(self, filename: str, map_location: Any) -> Any:
        training = self._training
        return training.strategy.read(filename, map_location, training.logger, model=training.model)
