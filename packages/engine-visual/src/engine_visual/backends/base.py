"""What every back-end has: MMEngine's interface, a run made once and lazily, errors contained."""

# ruff: noqa: B027  # a back-end overrides what its platform can do, and nothing else

from __future__ import annotations

import os
import time
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from engine_logging.rank import current_rank
from engine_visual.backends.call_queue import CallQueue
from engine_visual.backends.errors import TrackerError
from engine_visual.backends.fault_isolation import CONTAINED, Misses, contained

if TYPE_CHECKING:
    import numpy as np
    import torch

__all__ = ["BaseVisBackend", "force_init_env", "is_nearer"]

F = TypeVar("F", bound=Callable[..., Any])


def force_init_env(old_func: F) -> F:
    """Make the run, if that has not been done, before ``old_func`` is called.

    Raises:
        TrackerError: the run could not be made when it was first needed. It is not tried again:
            that may take minutes each time.
    """

    @wraps(old_func)
    def call(self: BaseVisBackend, *args: Any, **kwargs: Any) -> Any:
        self.start()
        return old_func(self, *args, **kwargs)

    return cast(F, call)


def is_nearer(kind: type, name: str, other: str) -> bool:
    """Whether ``kind`` has ``name`` of a class nearer to itself than that which has ``other``."""
    for base in kind.__mro__:
        if other in vars(base):
            return False
        if name in vars(base):
            return True
    return False


def release(backend: Any) -> None:
    """Let a back-end let go of files for now; one of somebody's own may only have a ``close``."""
    if is_nearer(type(backend), "close", "release"):
        backend.close()
    elif hasattr(backend, "release"):
        backend.release()


class BaseVisBackend(metaclass=ABCMeta):
    """Where images, scalars and configs of a run go. Subclass it for another place.

    A subclass defines ``_init_env``, which makes the run, and ``experiment``, and overrides of the
    rest what its platform can do; each default does nothing. ``_init_env`` is called once, when
    something is first recorded or asked for, by whatever is decorated with `force_init_env`.

    The ``add_*`` methods and ``close`` of every subclass run in the main process alone (as
    `engine_logging.use_ranks` or the launcher's environment variables say), and their errors are
    contained: logged once with the cause, counted, and summed up by ``close``.

    Args:
        save_dir: folder for what the back-end writes, made when it is first needed.
        strict: raise errors instead.

    Attributes:
        timeout_s: seconds that a call is waited for, which is then made in a thread of its own:
            one that hangs holds up those after it, at most 1,000, and not the training. None
            makes calls where they are asked for.
        stays: the names of methods that have to be called where they are asked for.
        group_arguments: dotted keys of the arguments that put a run into a "group", beside others
            of one search, and that give it a "name".
    """

    strict = False
    timeout_s: float | None = None
    stays: frozenset[str] = frozenset()
    group_arguments: ClassVar[Mapping[str, str]] = MappingProxyType({})

    _save_dir = ""
    _env_initialized = False
    _start_error: BaseException | None = None
    started_at = 0.0

    def __init__(self, save_dir: str | os.PathLike[str] | None, *, strict: bool = False) -> None:
        self._save_dir = "" if save_dir is None else os.fspath(save_dir)
        self.strict = strict

    # What containing errors needs: made on use, as a subclass may not call `__init__`.

    @cached_property
    def misses(self) -> Misses:
        """The calls that went wrong."""
        return Misses(type(self).__name__)

    @cached_property
    def calling(self) -> set[int]:
        """The threads that are within a call."""
        return set()

    @cached_property
    def lane(self) -> CallQueue:
        """The thread in which calls are made."""
        return CallQueue()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Contain what the subclass overrides."""
        super().__init_subclass__(**kwargs)
        for name in CONTAINED:
            if name in vars(cls):
                setattr(cls, name, contained(vars(cls)[name]))

    def start(self) -> None:
        """Make the run, unless it is there or this is not the main process.

        Raises:
            TrackerError: an earlier attempt failed.
            Exception: whatever the platform raises at the first attempt.
        """
        if self._env_initialized or current_rank() != 0:
            return
        if self._start_error is not None:
            raise TrackerError(
                f"{type(self).__name__} could not start its run: {self._start_error}"
            ) from self._start_error
        try:
            self._init_env()
        except (Exception, SystemExit) as error:
            self._start_error = error
            raise
        self._env_initialized = True
        self.started_at = time.monotonic()

    @abstractmethod
    def _init_env(self) -> Any:
        """Make the run."""

    @property
    @abstractmethod
    def experiment(self) -> Any:
        """The platform's own object, for what these methods do not cover; made if need be.

        Here errors are not contained: who asks for it must have it. In another process than the
        main one no run is made.
        """

    def add_config(self, config: Any, **kwargs: Any) -> None:
        """Record a configuration: an `engine_config.Config`, what does the same, or a mapping."""

    def add_graph(
        self, model: torch.nn.Module, data_batch: Sequence[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Record how ``model`` computes, shown on ``data_batch``."""

    def add_image(self, name: str, image: np.ndarray, step: int = 0, **kwargs: Any) -> None:
        """Record an image (H, W, 3), uint8 RGB."""

    def add_scalar(self, name: str, value: Any, step: int = 0, **kwargs: Any) -> None:
        """Record a number; a tensor or array of one element is one."""

    def add_scalars(
        self,
        scalar_dict: Mapping[str, Any],
        step: int = 0,
        file_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Record several numbers of one step. A key ``step`` among them counts instead of ``step``.

        ``file_path`` is a further file for them, where the back-end writes files.
        """

    def release(self) -> None:
        """Let go of files for now: the run goes on, and what is added opens them again."""

    @contained  # a subclass that closes nothing still says what it missed
    def close(self) -> None:
        """Flush and end the run, and say what was missed. What is added later begins it again."""
