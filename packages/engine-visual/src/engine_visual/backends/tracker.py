"""What the back-ends of tracking platforms share; a subclass says what is its platform's own."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from abc import abstractmethod
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from engine_registry.trust import reaches_out
from engine_visual.backends.base import BaseVisBackend, force_init_env, is_nearer
from engine_visual.backends.errors import MissingTrackerError
from engine_visual.backends.plain_values import checked_image, config_values, number, scalars_of

__all__ = ["TrackerVisBackend"]

logger = logging.getLogger(__name__)


@reaches_out
class TrackerVisBackend(BaseVisBackend):
    """Scalars, images and configs for a platform's package, which is imported on first use.

    A subclass names its ``package`` and ``extra`` and defines ``begin``, ``write_scalars``,
    ``write_image``, ``write_config`` and ``finish``. These get what is checked already: plain
    numbers, contiguous uint8 images, nested built-in containers.

    Args:
        save_dir: folder for what the platform writes on this machine.
        strict: raise errors instead of logging and counting them.

    Raises:
        MissingTrackerError: the package is not installed. Better here than after the first epoch.
    """

    package: ClassVar[str]
    extra: ClassVar[str]
    timeout_s: float | None = 30.0

    def __init__(
        self, save_dir: str | os.PathLike[str] | None = None, *, strict: bool = False
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self.run: Any = None
        self.config: Any = None
        self._left_out: set[str] = set()
        if not _is_there(self.package):
            raise MissingTrackerError(
                f"{type(self).__name__} needs the package {self.package!r}: "
                f"pip install 'engine-visual[{self.extra}]'",
                name=self.package,
            )

    def __getattr__(self, name: str) -> Any:
        """The platform's object, under MMEngine's private name for it: ``_wandb``, and so on."""
        if name.startswith("_") and name in (f"_{self.package}", f"_{self.package}_run"):
            return self.experiment
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def load(self, module: str = "") -> Any:
        """Import ``module``, the platform's package itself if it isn't named, and return it."""
        return import_module(module or self.package)

    @abstractmethod
    def begin(self) -> Any:
        """Make the run, or continue the one that `finish` ended, and return the platform's object.

        It stands in ``self.run`` from then on.
        """

    @abstractmethod
    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """Record numbers of one step."""

    @abstractmethod
    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """Record a contiguous image (H, W, 3), uint8 RGB."""

    @abstractmethod
    def write_config(self, values: dict[str, Any]) -> None:
        """Record a config, as nested built-in containers."""

    @abstractmethod
    def finish(self) -> None:
        """Flush and end ``self.run``."""

    def _init_env(self) -> None:
        if self._save_dir:
            Path(self._save_dir).mkdir(parents=True, exist_ok=True)
        self.run = self.begin()

    @property
    @force_init_env
    def experiment(self) -> Any:
        """The platform's object, for what these methods do not cover; made if need be.

        None in another process than the main one.
        """
        return self.run

    @force_init_env
    def add_config(self, config: Any, **kwargs: Any) -> None:
        """Record a config, and keep it: `close` looks for files in its ``work_dir``."""
        self.config = config
        self.write_config(config_values(config))

    @force_init_env
    def add_image(self, name: str, image: np.ndarray, step: int = 0, **kwargs: Any) -> None:
        """Record an image (H, W, 3), uint8 RGB."""
        self.write_image(name, checked_image(name, image), int(step))

    @force_init_env
    def add_scalar(self, name: str, value: Any, step: int = 0, **kwargs: Any) -> None:
        """Record a number.

        Raises:
            TypeError: ``value`` is none.
        """
        plain = number(value)
        if plain is None:
            raise TypeError(f"scalar {name!r} must be one number, got {value!r:.80}")
        self.write_scalars({name: plain}, int(step))

    @force_init_env
    def add_scalars(
        self,
        scalar_dict: Mapping[str, Any],
        step: int = 0,
        file_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Record the numbers of a mapping; what is none is left out, with one warning a name.

        ``file_path`` is for back-ends that write files.
        """
        numbers, step = scalars_of(scalar_dict, step)
        if is_nearer(type(self), "add_scalar", "add_scalars"):  # a subclass's
            for name, value in numbers.items():
                self.add_scalar(name, value, step)
            return
        for name in scalar_dict.keys() - numbers.keys() - {"step"} - self._left_out:
            self._left_out.add(name)
            logger.warning(
                "%s leaves out %r: %r is no number", type(self).__name__, name, scalar_dict[name]
            )
        if numbers:
            self.write_scalars(numbers, step)

    def release(self) -> None:
        """Nothing: the run goes on."""

    def close(self) -> None:
        """Flush and end the run. What is added later continues it, where the platform can."""
        if not self._env_initialized:
            return
        self._env_initialized = False
        try:
            self.finish()
        finally:
            self.run = None


def _is_there(package: str) -> bool:
    """Whether a package is installed, or something stands for it in ``sys.modules``."""
    if package in sys.modules:
        return sys.modules[package] is not None
    return importlib.util.find_spec(package) is not None
