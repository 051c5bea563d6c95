"""Config inheritance: a file read with everything that it inherits from."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from engine_config.allowed_folders import AllowedFolders, is_file, resolved
from engine_config.bases import (
    BASE_KEY,
    Brought,
    asked_for,
    check_chain,
    chosen,
    duplicate,
    listed_bases,
    set_scope,
    without_deprecation,
)
from engine_config.config_style import is_pure_python
from engine_config.errors import (
    ConfigFormatError,
    ConfigKeyError,
    ConfigLimitError,
    ConfigNotFoundError,
    ConfigSyntaxError,
)
from engine_config.library import library_file, module_file
from engine_config.marked_dict import trusted_as
from engine_config.materialize import materialize_file
from engine_config.merge import merge_into
from engine_config.meter import LIMIT, LimitError, Meter
from engine_config.node import ConfigDict
from engine_config.parse import parse, parse_steps, parsed
from engine_config.python_file import PythonFile, base_paths
from engine_config.secret_errors import quietly
from engine_config.secrets import filled
from engine_config.source import MAX_BYTES, SUFFIXES, Marks, Place, Source, read_source
from engine_config.substitute import Templates
from engine_config.trust import Trust
from engine_config.untrusted_name import hold_names_untrusted

__all__ = ["Loader"]

_FILE = 1000  # steps that a file costs besides its text
_CHARACTERS = 4  # a power of two of characters of a data file that cost a step


class Loader:
    """Reads configuration files.

    Args:
        predefined: replace ``{{ fileDirname }}`` and its like.
        environment: where ``{{ $NAME:default }}`` is looked up; None to leave it as it is.
        lazy_import: read Python files as pure-Python style, as text style, or (None) as they are.
        trust: execute what cannot be evaluated, and read whatever a file inherits from.
        folders: without trust, what may be inherited from, besides installed distributions.

    Attributes:
        texts: the texts of all files read, bases first.
        looked_at: those of files that couldn't be read, too.
        used: the environment variables that were read.
        trusted: whether what was read may be imported and built.
    """

    def __init__(
        self,
        *,
        predefined: bool = True,
        environment: Mapping[str, str] | None = None,
        lazy_import: bool | None = None,
        trust: bool = True,
        folders: Iterable[Path] = (),
    ) -> None:
        self.predefined = predefined
        self.environment = environment
        self.lazy_import = lazy_import
        self.trust = trust
        self.reach = AllowedFolders(None if trust else folders)
        self.trusted = Trust()
        self.texts: list[str] = []
        self.looked_at: list[str] = []
        self.used: dict[str, str] = {}
        self.chain: list[Path] = []
        self._meter = Meter()
        self._hidden: dict[str, Any] = {}  # what the file read last uses besides its values

    def meter(self, limit: int = 8 * LIMIT) -> Meter:
        """What work is counted with: one meter for all that a stranger wrote."""
        return Meter(limit, chosen=False) if self.trust else self._meter

    @property
    def max_bytes(self) -> int:
        """How large a file may be."""
        return MAX_BYTES if self.trust else MAX_BYTES >> 4

    def file(self, path: Path) -> ConfigDict:
        """Return the values of a file merged into those of its bases.

        Raises:
            ConfigError: it, or one of its bases, is missing or wrong.
        """
        if path.suffix not in SUFFIXES:
            if not is_file(path):
                read_source(path)  # says what is wrong
            known = ", ".join(SUFFIXES)
            raise ConfigFormatError(f"a configuration file ends in {known}", str(path))
        found = resolved(path)
        check_chain(self.chain, found, path)
        self.chain.append(found)
        try:
            if path.suffix == ".py":
                values = self.python(*self.parsed(path))
            else:
                source = read_source(path, self.max_bytes)
                self.looked_at.append(source.text)
                values = self.data(source, path.suffix)
            return without_deprecation(values, path)
        except LimitError as error:
            raise ConfigLimitError(f"reading this file: {error}", str(path)) from error
        except RecursionError as error:
            raise ConfigSyntaxError("this is nested too deeply", str(path)) from error
        except MemoryError as error:
            raise ConfigLimitError("there is no memory left to read this", str(path)) from error
        finally:
            self.chain.pop()

    def text(self, source: Source, suffix: str) -> ConfigDict:
        """Return the values of a text as if it were a file in the current folder."""
        self.looked_at.append(source.text)
        try:
            if len(source.text) > self.max_bytes and not self.trust:
                raise source.error(
                    f"a configuration holds at most {self.max_bytes:,} characters",
                    kind=ConfigSyntaxError,
                )
            if suffix == ".py":
                self.pay(source)
                return self.python(source, parse(source, bounded=not self.trust))
            return self.data(source, suffix)
        except LimitError as error:
            raise source.error(f"reading this: {error}", kind=ConfigLimitError) from error
        except RecursionError as error:
            raise source.error("this is nested too deeply", kind=ConfigSyntaxError) from error

    def parsed(self, path: Path) -> tuple[Source, ast.Module]:
        """Return the text and the syntax tree of a file."""
        return parsed(path, self.max_bytes, bounded=not self.trust, pay=self.pay)

    def pay(self, source: Source) -> None:
        """Pay for a syntax tree of a text, before it is made, if nobody trusts it."""
        self.looked_at.append(source.text)
        if not self.trust:
            self._meter.spend(_FILE + parse_steps(source.text))

    def python(self, source: Source, tree: ast.Module) -> ConfigDict:
        """Return the values of a Python config merged into those of its bases."""
        meter = self.meter(LIMIT)  # beyond which a trusted file is executed
        has_bases = BASE_KEY in source.text
        bases, place = base_paths(source, tree, meter) if has_bases else ([], (0, 0))
        base = self.bases(bases, source, place)
        names: dict[str, Any] = {BASE_KEY: base} if bases else {}
        if "{{" in source.text:
            tree = parse(source)  # the kept one stays as it is
            names |= self.templates(source).tree(tree, base if bases else None)
        pure = is_pure_python(tree) if self.lazy_import is None else self.lazy_import
        read: dict[Path, Brought] = {}
        file = PythonFile(
            source,
            tree,
            names,
            read_bases=lambda node: self.imported(node, source, read),
            pure=pure,
            may_execute=self.trust,
            trust=self.trusted,
            meter=meter,
        )
        values = file.values()
        self._hidden = file.hidden
        self.texts.append(f"{source.path}\n{source.text}" if source.path else source.text)
        changed = base if file.mutates else None
        copies = bool(bases) and not file.mutates
        child = self.materialized(values, file.marks, source, changed=changed, copies=copies)
        return merge_into(base, child) if bases else child

    def data(self, source: Source, suffix: str) -> ConfigDict:
        """Return the values of a YAML or JSON config merged into those of its bases."""
        meter = self.meter()
        meter.spend(_FILE + (len(source.text) >> _CHARACTERS))
        templates = self.templates(source)
        text = templates.hold_bases(templates.text(source.text))
        marks, self._hidden = Marks(), {}
        from engine_config.data_file import read_data  # most configs are Python

        values = read_data(Source(source.path, text), suffix, marks, meter=meter)
        base = self.bases(listed_bases(values, marks, source), source, (0, 0))
        values = templates.fill_bases(values, base)
        self.texts.append(f"{source.path}\n{source.text}" if source.path else source.text)
        return merge_into(base, self.materialized(values, marks, source))

    def materialized(
        self,
        values: dict[Any, Any],
        marks: Marks,
        source: Source,
        *,
        changed: ConfigDict | None = None,
        copies: bool = False,
    ) -> ConfigDict:
        """Return what a file gave as ConfigDicts that know where they came from."""
        how = {"meter": self.meter(), "trust": self.trusted, "changed": changed, "copies": copies}
        return materialize_file(values, marks, source, **how)

    def whole(self, read: Callable[[], ConfigDict]) -> ConfigDict:
        """Return the values of a whole load; its errors tell nothing of files with secrets."""
        return quietly(lambda: self.finished(read()), self.looked_at)

    def finished(self, values: ConfigDict) -> ConfigDict:
        """Return the values of the whole load, which without trust are small to print, too.

        Raises:
            ConfigLimitError: they are not.
        """
        if not self.trust:
            try:
                self._meter.walk(values, shown=True, named=True)
            except LimitError as error:
                raise ConfigLimitError(f"the values are too large: {error}") from error
        if self.environment and any("<secret " in text for text in self.texts):
            filled(values, self.environment)
        if not self.trust:
            hold_names_untrusted(values, self.trusted)
        self.trusted.given = self.trust
        return values

    def templates(self, source: Source) -> Templates:
        """What the templates of one file stand for."""
        return Templates(
            source,
            predefined=self.predefined,
            environment=self.environment,
            used=self.used,
            meter=self.meter(),
        )

    def bases(self, listed: list[str], source: Source, place: Place) -> ConfigDict:
        """Return the values of all bases together.

        Raises:
            ConfigKeyError: two of them set the same name.
        """
        merged = trusted_as(ConfigDict(), self.trusted)
        for reference in listed:
            values = self.base(reference, source, place)
            twice = [key for key in values if key in merged]
            if twice:
                raise source.error(duplicate(twice[0], merged, values), place, ConfigKeyError)
            merge_into(merged, values)
        return merged

    def base(self, reference: str, source: Source, place: Place) -> ConfigDict:
        """Return the values of one base; those of another package tell their scope."""
        try:
            if "::" in reference:
                path, scope = library_file(reference, self.reach)
                values = self.file(path)
                for value in values.values():
                    set_scope(value, scope)
                return values
            return self.file(self.reach.beside(reference, source.path))
        except ConfigNotFoundError as error:
            raise asked_for(error, source, place) from error

    def imported(self, node: ast.ImportFrom, source: Source, read: dict[Path, Brought]) -> Brought:
        """Return what ``from .base import *`` below ``read_base()`` brings.

        Args:
            node: the import.
            source: the file where it stands.
            read: the bases that this file has read: a name that is imported twice is one value.

        Raises:
            ConfigError: there is no such file or no such name in it.
        """
        place = (node.lineno, node.col_offset + 1)
        try:
            path = module_file(node.module or "", node.level, Path(source.path), reach=self.reach)
            if path not in read:
                values = self.file(path)
                shown = {key: dict.__getitem__(values, key) for key in values}
                read[path] = Brought(shown, self._hidden)
        except ConfigNotFoundError as error:
            raise asked_for(error, source, place) from error
        return chosen(read[path], node, path, source=source)
