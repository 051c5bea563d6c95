"""Config: the face of this package. Everything that it does is done elsewhere."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from engine_config.config_values import ConfigValues
from engine_config.custom_imports import import_modules
from engine_config.diff import Change, changes, differing_lines
from engine_config.errors import ConfigKeyError, ConfigSyntaxError
from engine_config.grant_trust import vouch
from engine_config.loading import loader_of, tellable
from engine_config.merge import merge_into, merged, nested
from engine_config.node import ConfigDict
from engine_config.plain_values import plain
from engine_config.private_names import file2dict, path_and_scope
from engine_config.provenance import Origin, find_origin
from engine_config.source import SUFFIXES, Source, read_source

__all__ = ["RESERVED_KEYS", "Config"]

RESERVED_KEYS = ("filename", "text", "pretty_text", "env_variables")


class _Diff:
    """``Config.diff(a, b)`` is a text, ``a.diff(b)`` a list of changes."""

    def __get__(self, config: Config | None, owner: type[Config]) -> Callable[..., Any]:
        return text_diff if config is None else config._changes


class Config(ConfigValues):
    """A configuration: values by attribute and item, and where each of them came from.

    Args:
        cfg_dict: the values.
        cfg_text: the text that they were read from.
        filename: the file that they were read from.
        env_variables: the environment variables that were read.
        format_python_code: kept for MMEngine's callers; the printer needs no leave.

    Raises:
        ConfigTypeError: ``cfg_dict`` is no dict.
        ConfigKeyError: it has a key that is an attribute of every Config.
    """

    diff = _Diff()
    _file2dict = classmethod(file2dict)
    _get_cfg_path = staticmethod(path_and_scope)
    _merge_a_into_b = staticmethod(merged)

    def __init__(
        self,
        cfg_dict: dict[str, Any] | None = None,
        cfg_text: str | None = None,
        filename: str | Path | None = None,
        env_variables: dict[str, str] | None = None,
        format_python_code: bool = True,
    ) -> None:
        values = {} if cfg_dict is None else cfg_dict
        if not isinstance(values, dict):
            raise TypeError(f"cfg_dict must be a dict: got {type(values).__name__}")
        for key in RESERVED_KEYS:
            if key in values:
                raise ConfigKeyError(
                    f"{key!r} is an attribute of every Config and cannot be set in a file",
                    str(filename or ""),
                )
        if cfg_text is None:
            cfg_text = read_source(Path(filename)).text if filename else ""
        node = values if isinstance(values, ConfigDict) else ConfigDict(values)
        self.__setstate__((node, filename, cfg_text, env_variables or {}))

    @staticmethod
    def fromfile(
        filename: str | Path,
        use_predefined_variables: bool = True,
        import_custom_modules: bool = True,
        use_environment_variables: bool = True,
        lazy_import: bool | None = None,
        format_python_code: bool = True,
        *,
        trust: bool = True,
        base_folders: Iterable[str | Path] = (),
        env: Mapping[str, str] | None = None,
    ) -> Config:
        """Read a .py, .yaml or .json file and all that it inherits from.

        A Python file is evaluated, not executed. One that needs more than the evaluator knows is
        executed if ``trust`` says so.

        Args:
            filename: the file.
            use_predefined_variables: replace ``{{ fileDirname }}`` and its like.
            import_custom_modules: import what ``custom_imports`` lists.
            use_environment_variables: replace ``{{ $NAME:default }}``.
            lazy_import: read as pure-Python style (True), as text style (False), or find out.
            format_python_code: kept for MMEngine's callers.
            trust: allow to execute a file that cannot be evaluated, to import its
                ``custom_imports`` and what it imports lazily, and to read any file that it
                inherits from. `Config.trust` says so later.
            base_folders: with ``trust=False``, folders that may be inherited from besides the
                file's own and what is below it.
            env: the environment variables, by default those of the process; with ``trust=False``
                there are none but these.

        Raises:
            ConfigError: something is wrong with a file; the message points to the place.
            UntrustedConfigError: a file would have to be executed, and ``trust`` is False.
            ConfigLimitError: reading it takes more work or memory than a file is given.
        """
        path = Path(filename).expanduser()
        loader = loader_of(
            env,
            reads_environment=use_environment_variables,
            predefined=use_predefined_variables,
            lazy_import=lazy_import,
            trust=trust,
            folders=[path.parent, *map(Path, base_folders)],
        )
        values = loader.whole(lambda: loader.file(path))
        if import_custom_modules and trust and "custom_imports" in values:
            import_modules(values)
        return Config(values, "\n".join(loader.texts), filename, loader.used)

    @staticmethod
    def fromstring(
        cfg_str: str,
        file_format: str,
        *,
        trust: bool = True,
        base_folders: Iterable[str | Path] = (),
        env: Mapping[str, str] | None = None,
    ) -> Config:
        """Read a text as a file of the format ".py", ".yaml", ".yml" or ".json".

        Args:
            cfg_str: the text.
            file_format: its format.
            trust: as for `fromfile`.
            base_folders: with ``trust=False``, folders that may be inherited from.
            env: as for `fromfile`.

        Raises:
            OSError: there is no such format.
            ConfigError: something is wrong with the text.
        """
        if file_format not in SUFFIXES:
            raise OSError(f"file_format must be one of {', '.join(SUFFIXES)}: got {file_format!r}")
        loader = loader_of(env, trust=trust, folders=map(Path, base_folders))
        values = loader.whole(lambda: loader.text(Source("", cfg_str), file_format))
        return Config(values, cfg_str, None, loader.used)

    @staticmethod
    def auto_argparser(description: str | None = None) -> Any:
        """Return a parser with one option for each value of the file on the command line.

        Returns:
            The parser, and the Config.
        """
        from engine_config.command_line import auto_argparser

        return auto_argparser(description, load=Config.fromfile)

    @property
    def pretty_text(self) -> str:
        """The values as a Python config that reads back equal, but for its secrets."""
        from engine_config.write import to_python

        return to_python(self._cfg_dict.__masked__())

    def dump(self, file: str | Path | None = None) -> str | None:
        """Write the values to a .py, .yaml or .json file, or return them as text.

        Secrets are masked: see `engine_config.secrets`.

        Raises:
            ConfigTypeError: a value cannot be written in that format; the message gives its path.
        """
        from engine_config.data_dump import dump_data

        name = self._filename if file is None else file
        suffix = Path(name).suffix if name is not None else ".py"
        if suffix not in SUFFIXES:
            raise ConfigSyntaxError(f"a config is written to {', '.join(SUFFIXES)}", str(name))
        text = (
            self.pretty_text if suffix == ".py" else dump_data(self.__masked__().to_dict(), suffix)
        )
        if file is None:
            return text
        Path(file).write_text(text, encoding="utf-8")
        return None

    def trust(self) -> Config:
        """Vouch for a configuration that was read with ``trust=False``; return it.

        What it imports lazily is imported when it is read, its import paths are built, and its
        ``custom_imports`` are imported now.

        Raises:
            ImportError: one of these cannot be.
        """
        was_trusted = self.__trusted__()
        vouch(self._cfg_dict)
        if not was_trusted and "custom_imports" in self._cfg_dict:
            import_modules(self._cfg_dict)
        return self

    def __trusted__(self) -> bool:
        """Whether what this names may be imported."""
        return self._cfg_dict.__trusted__()

    def __masked__(self) -> Config:
        """This without its secrets."""
        node = self._cfg_dict.__masked__()
        return Config(node, tellable(self._text, node), self._filename, {})

    def merge_from_dict(self, options: dict[str, Any], allow_list_keys: bool = True) -> None:
        """Merge values by dotted keys, as a child config is merged.

        Args:
            options: such as ``{"model.depth": 50, "pipeline.0.type": "Load"}``.
            allow_list_keys: let an index in a key reach into a list.

        Raises:
            ConfigTypeError: a dict would replace something that is no dict.
            ConfigKeyError: an index is beyond the end of its list.
        """
        self._cfg_dict.unfreeze()
        merge_into(self._cfg_dict, nested(options), lists=allow_list_keys)

    def origin(self, path: str) -> Origin | None:
        """Return where the value at the dotted ``path`` came from, None if nobody knows.

        Raises:
            ConfigKeyError: there is no such path.
        """
        return find_origin(self._cfg_dict, path)

    def _changes(self, other: Config) -> list[Change]:
        """Return what differs in ``other``, value by value, with what set it there."""
        return changes(self._cfg_dict, other._cfg_dict)

    def to_dict(self, keep_imported: bool = False) -> dict[str, Any]:
        """Return plain dicts, lists and tuples; lazy objects become their dotted names.

        Args:
            keep_imported: kept for MMEngine's callers; imported names are no values here.
        """
        return dict(plain(self._cfg_dict))

    def copy(self) -> Config:
        """Return a shallow copy."""
        return copy.copy(self)

    def __repr__(self) -> str:
        return f"Config (path: {self._filename}): {self._cfg_dict!r}"

    def __copy__(self) -> Config:
        return self._with(copy.copy(self._cfg_dict))

    def __deepcopy__(self, memo: dict[int, Any]) -> Config:
        return self._with(copy.deepcopy(self._cfg_dict, memo))

    def _with(self, values: ConfigDict) -> Config:
        return Config(values, self._text, self._filename, dict(self._env_variables))


def text_diff(
    cfg1: str | Path | Config,
    cfg2: str | Path | Config,
    *,
    trust: bool = True,
    base_folders: Iterable[str | Path] = (),
    env: Mapping[str, str] | None = None,
) -> str:
    """Return the lines that differ between two configurations, or two files, as `diff -u` does.

    Args:
        cfg1: the first.
        cfg2: the second.
        trust: of files, as for `Config.fromfile`, which also says what the others are.
        base_folders: further folders that may be inherited from.
        env: the environment variables.
    """
    folders = [*base_folders]

    def lines(cfg: str | Path | Config) -> list[str]:
        if isinstance(cfg, str | Path):
            cfg = Config.fromfile(cfg, trust=trust, base_folders=folders, env=env)
        return cfg.pretty_text.split("\n")

    return "".join(f"{line}\n" for line in differing_lines(lines(cfg1), lines(cfg2)))
