"""What goes wrong when objects are found by name."""

from __future__ import annotations


class RegistryError(KeyError):
    """A `KeyError` whose text is its message, not the message's ``repr``."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class UnknownNameError(RegistryError):
    """Nothing is registered under a name; the message says where it was looked for."""


class UntrustedNameError(UnknownNameError):
    """A name would have to be imported, and who wrote it is not trusted."""


class TakenNameError(RegistryError):
    """A name is registered already, and ``force`` was not given."""


class MissingTypeError(RegistryError):
    """A config says nothing about what is to be built: it has no ``type``."""
