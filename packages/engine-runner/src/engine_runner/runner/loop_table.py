"""Loop table: the training, validation and test loops of a run, each built on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from engine_dataset.worker_shutdown import end_workers_of

__all__ = ["REQUESTED", "LoopTable", "check_complete", "incomplete"]

_MODES: Final = ("train", "val", "test")
# Of a runner's arguments, what loops are made of.
REQUESTED: Final = (
    *(f"{mode}_{part}" for mode in _MODES for part in ("dataloader", "cfg")),
    *("val_evaluator", "test_evaluator"),
)


class LoopTable:
    """What was requested for each mode, and the loops that were built of it.

    Attributes:
        requested: configs or objects by the names of the runner's arguments, such as
            ``train_cfg`` and ``val_evaluator``; may be changed until the loop is built.
        train: the training loop, None until it is built; `put` sets it.
        val: the validation loop, likewise.
        test: the test loop, likewise.
    """

    def __init__(self, requested: dict[str, Any], build: Callable[[str, Any], Any]) -> None:
        """Keep what is requested.

        Args:
            requested: see above.
            build: returns the loop of a mode and its config.
        """
        self.requested = requested
        self.train: Any = None
        self.val: Any = None
        self.test: Any = None
        self._build = build

    def get(self, mode: str) -> Any:
        """Return the loop of a mode, built when it is first asked for; None if there is none."""
        built = getattr(self, mode)
        if built is None and (config := self.requested[f"{mode}_cfg"]) is not None:
            built = self._build(mode, config)
            setattr(self, mode, built)
        return built

    def peek(self, mode: str) -> Any:
        """Return the loop of a mode, or its config while it isn't built."""
        built = getattr(self, mode)
        return self.requested[f"{mode}_cfg"] if built is None else built

    def put(self, mode: str, loop: Any) -> None:
        """Set the loop of a mode, or a config that it is built from when it is asked for."""
        is_config = loop is None or isinstance(loop, dict)
        setattr(self, mode, None if is_config else loop)
        if is_config:
            self.requested[f"{mode}_cfg"] = loop

    def require(self, mode: str, arguments: str) -> None:
        """Make sure that there is a loop of a mode, or a config of one.

        Raises:
            RuntimeError: there is none; the message names the missing arguments.
        """
        if self.peek(mode) is None:
            raise RuntimeError(f"the runner can't {mode}: it was made without {arguments}")

    def limit(self, name: str, default: int | None) -> int | None:
        """Return the training's ``max_epochs`` or ``max_iters``, from its loop or else its config.

        Args:
            name: which of them.
            default: where a config doesn't say; without a config it is None.
        """
        if self.train is not None:
            limit: int = getattr(self.train, name)
            return limit
        config: Mapping[str, Any] | None = self.requested["train_cfg"]
        return None if config is None else config.get(name, default)

    def end_workers(self) -> None:
        """End the data workers of all loops: what persists does so for a run, and no longer."""
        for loop in (self.train, self.val, self.test):
            for name in ("dataloader", "dataloaders"):
                end_workers_of(getattr(loop, name, None))


def incomplete(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield, for each mode of which only some of a runner's arguments were given, one and why."""
    for mode in _MODES:
        names = [f"{mode}_dataloader", f"{mode}_cfg"]
        last = "optim_wrapper" if mode == "train" else f"{mode}_evaluator"
        config = arguments[names[1]]
        if mode == "train" or not (isinstance(config, dict) and config.get("loss")):
            names.append(last)  # losses need no evaluator
        missing = [name for name in names if arguments[name] is None]
        if missing and len(missing) < len(names):
            given = [name for name in names if name not in missing]
            yield (
                given[0],
                f"{' and '.join(given)} can't do without {' and '.join(missing)}: give all of "
                f"{', '.join(names)}, or none",
            )
    if arguments["param_scheduler"] is not None and arguments["optim_wrapper"] is None:
        yield "param_scheduler", "param_scheduler can't do without optim_wrapper"


def check_complete(arguments: Mapping[str, Any]) -> None:
    """Refuse a mode of which only some of a runner's arguments were given.

    Raises:
        ValueError: the message names what is missing.
    """
    for _, message in incomplete(arguments):
        raise ValueError(message)
