"""YAML, safe by default."""

from __future__ import annotations

from functools import cache
from typing import IO, Any

from engine_fileio.errors import UntrustedError
from engine_fileio.handlers.base import BaseFileHandler
from engine_fileio.handlers.plain_values import to_plain
from engine_fileio.optional import later


class YamlHandler(BaseFileHandler):
    """YAML of plain values and tuples; a tag that would make Python objects is refused.

    Arguments are PyYAML's: ``Loader=yaml.UnsafeLoader`` reads any tag of a file that you trust,
    ``Dumper=yaml.Dumper`` writes any object.
    """

    def load_from_fileobj(self, file: IO[Any], **kwargs: Any) -> Any:
        """Return the object in an open file.

        Raises:
            UntrustedError: the file has a tag that would make a Python object.
        """
        yaml = later("yaml")
        kwargs.setdefault("Loader", _plain_loader())
        try:
            return yaml.load(file, **kwargs)
        except yaml.constructor.ConstructorError as error:
            if "tag:yaml.org,2002:python/" not in str(error.problem):
                raise
            raise UntrustedError(
                f"{error}\nIf you trust the file: load(..., Loader=yaml.UnsafeLoader)"
            ) from error

    def dump_to_fileobj(self, obj: Any, file: IO[Any], **kwargs: Any) -> None:
        """Write an object to an open file."""
        yaml = later("yaml")
        kwargs.setdefault("Dumper", _plain_dumper())
        yaml.dump(obj, file, **kwargs)

    def dump_to_str(self, obj: Any, **kwargs: Any) -> str:
        """Return an object as text."""
        yaml = later("yaml")
        kwargs.setdefault("Dumper", _plain_dumper())
        return str(yaml.dump(obj, **kwargs))


@cache
def _plain_loader() -> Any:
    """A safe loader that knows tuples, which are harmless and in many old files."""
    yaml = later("yaml")
    loader: Any = type("PlainLoader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
    loader.add_constructor(
        "tag:yaml.org,2002:python/tuple",
        lambda self, node: tuple(self.construct_sequence(node, deep=True)),
    )
    return loader


@cache
def _plain_dumper() -> Any:
    """A dumper whose files any safe loader reads: subclasses are written as what they are."""
    yaml = later("yaml")
    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper: Any = type("PlainDumper", (base,), {})
    for kind, represent in (
        (dict, base.represent_dict),
        (list, base.represent_list),
        (tuple, base.represent_list),
        (float, lambda self, value: self.represent_float(float(value))),
        (int, lambda self, value: self.represent_int(int(value))),
        (str, lambda self, value: self.represent_str(str.__str__(value))),
        (object, lambda self, value: self.represent_data(to_plain(value))),
    ):
        dumper.add_multi_representer(kind, represent)
    return dumper
