"""Objects of pure-Python configs that are imported when they are asked for, not when loading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from engine_config.errors import ConfigError, UntrustedConfigError
from engine_config.trust import Trust
from engine_config.untrusted_name import untrusted

__all__ = ["LazyAttr", "LazyObject", "attribute_of", "is_trusted", "name_of", "read_base"]


@contextmanager
def read_base() -> Iterator[None]:
    """Mark the imports below it as the files that a pure-Python config inherits from.

    The statement is read, not run: ``with read_base(): from .base import *``.
    """
    yield


class LazyObject:
    """A module, or a name in one, by the import that would bring it.

    Args:
        module: dotted name of the module.
        imported: the name in it; None for the module itself.
        location: file and line of the import, for errors.
        trust: whether it may be imported; None if it is the program's own.
    """

    def __init__(
        self,
        module: str,
        imported: str | None = None,
        location: str = "",
        *,
        trust: Trust | None = None,
    ) -> None:
        self._module = module
        self._imported = imported
        self._location = location
        self._trust = trust

    def build(self) -> Any:
        """Import and return the object.

        Raises:
            ConfigError: the import failed; the message names the line that asked for it.
            UntrustedConfigError: it stands in a configuration that nobody has trusted.
        """
        _check_trust(self)
        try:
            module = import_module(self._module)
            if self._imported is None:
                return module
            try:
                return getattr(module, self._imported)
            except AttributeError:
                return import_module(f"{self._module}.{self._imported}")
        except ImportError as error:
            raise ConfigError(
                f"{self} cannot be imported: {error}", self._location or "a configuration"
            ) from error

    @property
    def dotted(self) -> str:
        """The name that imports it."""
        return self._module if self._imported is None else f"{self._module}.{self._imported}"

    def __getattr__(self, name: str) -> LazyAttr:
        if name.startswith("__"):
            raise AttributeError(name)
        return attribute_of(self, name)

    def __trusted__(self) -> bool:
        """Whether this may be imported; other packages ask by this name."""
        return is_trusted(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: what is lazy cannot be called yet."""
        raise ConfigError(
            f"{self} is not imported while a configuration is read, so it cannot be called; "
            f"write dict(type={self}, ...), and it is called when it is built",
            self._location,
        )

    def __str__(self) -> str:
        return self.dotted

    def __repr__(self) -> str:
        return f"<lazy {self.dotted}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LazyObject) and self.dotted == other.dotted

    def __hash__(self) -> int:
        return hash(self.dotted)

    def __deepcopy__(self, memo: dict[int, Any]) -> LazyObject:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class LazyAttr(LazyObject):
    """An attribute of a lazy object.

    Args:
        name: the attribute.
        source: what it is an attribute of.
        location: file and line of the import, for errors.
    """

    def __init__(self, name: str, source: LazyObject, location: str = "") -> None:
        trust = source.__dict__.get("_trust")
        super().__init__(source.dotted, name, location, trust=trust)
        self._source = source

    def build(self) -> Any:
        """Import and return the object.

        Raises:
            ConfigError: the import failed, or there is no such attribute.
            UntrustedConfigError: it stands in a configuration that nobody has trusted.
        """
        _check_trust(self)
        owner = self._source.build()
        try:
            return getattr(owner, str(self._imported))
        except AttributeError as error:
            try:
                return import_module(self.dotted)
            except ImportError:
                raise ConfigError(
                    f"{self._source} has no {self._imported!r}", self._location
                ) from error


def attribute_of(lazy: LazyObject, name: str) -> LazyAttr:
    """Return the lazy object of an attribute, whatever it is called."""
    return LazyAttr(name, lazy, lazy.__dict__.get("_location", ""))


def name_of(lazy: LazyObject) -> str:
    """Return the dotted name of a lazy object, which knows whether it may be imported."""
    return untrusted(lazy.dotted, lazy.__dict__.get("_trust"))


def is_trusted(lazy: LazyObject) -> bool:
    """Whether a lazy object may be imported."""
    trust = lazy.__dict__.get("_trust")
    return trust is None or trust.given


def _check_trust(lazy: LazyObject) -> None:
    if not is_trusted(lazy):
        raise UntrustedConfigError(
            f"{lazy} would be imported, and the configuration that names it was read with "
            "trust=False; if you trust it, say cfg.trust() first",
            lazy.__dict__.get("_location", ""),
        )
