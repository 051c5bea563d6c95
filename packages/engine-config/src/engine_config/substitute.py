"""``{{ ... }}``: values of base files, environment variables and the file's own name in a text."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine_config.errors import ConfigKeyError, ConfigSyntaxError, close_names
from engine_config.node import ConfigDict, copied
from engine_config.provenance import Origin, origins_of
from engine_config.source import Place, Source

__all__ = ["Templates", "base_value", "unknown_base"]

_BASE = re.compile(r"\{\{\s*_base_\.([\w.]+)\s*\}\}")
_ENVIRONMENT = re.compile(r"\{\{\s*(['\"]?)\s*\$\s*(\w+)\s*(?::\s*([^{}]*?))?\s*\1\s*\}\}")
# Private characters: in no file by chance, and the same in every kind of quotes.
_HELD = re.compile("\ue000base:([\\w.]+)\ue000")


class Templates:
    """What the templates of one file stand for.

    Args:
        source: the file.
        predefined: replace ``{{ fileDirname }}`` and its like.
        environment: replace ``{{ $NAME:default }}``.
        used: takes the environment variables that were read.
    """

    def __init__(
        self, source: Source, *, predefined: bool, environment: bool, used: dict[str, str]
    ) -> None:
        self._source = source
        self._environment = environment
        self._used = used
        path = Path(source.path)
        names = (str(path.parent.absolute()), path.name, path.stem, path.suffix)
        keys = ("fileDirname", "fileBasename", "fileBasenameNoExtension", "fileExtname")
        self._predefined = dict(zip(keys, names, strict=True)) if predefined else {}

    def text(self, text: str, place: Place = (0, 0)) -> str:
        """Return ``text`` with names of the file and environment variables filled in.

        Raises:
            ConfigKeyError: a variable is not set and has no default.
        """
        if "{{" not in text:
            return text
        for name, value in self._predefined.items():
            pattern = r"\{\{\s*" + name + r"\s*\}\}"
            text = re.sub(pattern, value.replace("\\", r"\\"), text)
        if self._environment:
            text = _ENVIRONMENT.sub(lambda m: self.variable(m[2], m[3], place), text)
        return text

    def variable(self, name: str, default: str | None, place: Place) -> str:
        """Return an environment variable, or its default."""
        value = os.environ.get(name, default)
        if value is None:
            raise self._source.error(
                f"the environment variable {name} is not set, and has no default; "
                f"set it, or write {{{{${name}:default}}}}",
                place,
                ConfigKeyError,
            )
        self._used[name] = value
        return value

    def hold_bases(self, text: str) -> str:
        """Return the text of a data file with references to base values as marked strings."""

        def held(match: re.Match[str]) -> str:
            mark = f"\ue000base:{match[1]}\ue000"
            before, after = text[: match.start()].rstrip(" "), text[match.end() : match.end() + 1]
            quoted = before[-1:] in ("'", '"') or (
                after not in ("", "\n", ",", " ", "}", "]", "\r")
            )
            whole = before[-1:] in (":", ",", "[", "-", "") and not quoted
            return f'"{mark}"' if whole else mark

        return _BASE.sub(held, text)

    def fill_bases(self, value: Any, base: ConfigDict) -> Any:
        """Return data with the marked strings as the base values that they refer to."""
        if isinstance(value, str) and "\ue000" in value:
            found = _HELD.fullmatch(value)
            if found:
                return base_value(base, found[1], self._source)
            return _HELD.sub(lambda m: str(base_value(base, m[1], self._source)), value)
        if isinstance(value, dict):
            for key in value:
                value[key] = self.fill_bases(value[key], base)
        elif isinstance(value, list):
            value[:] = [self.fill_bases(item, base) for item in value]
        return value

    def tree(self, tree: ast.Module, base: ConfigDict | None) -> dict[str, Any]:
        """Replace the templates in a syntax tree; return values of the names put in their place."""
        rewriter = _Rewriter(self, self._source, base)
        rewriter.visit(tree)
        return rewriter.names


class _Rewriter(ast.NodeTransformer):
    """``{{_base_.x}}`` and ``{{'$NAME:1'}}``, sets of sets to Python, get a meaning here."""

    def __init__(self, templates: Templates, source: Source, base: ConfigDict | None) -> None:
        self.names: dict[str, Any] = {}
        self._templates = templates
        self._source = source
        self._base = base

    def visit_Set(self, node: ast.Set) -> ast.AST:
        inner = node.elts[0] if len(node.elts) == 1 else None
        if isinstance(inner, ast.Set) and len(inner.elts) == 1:
            reference = ast.unparse(inner.elts[0])
            if reference.startswith("_base_."):
                return self.named(node, self.base(node, reference.removeprefix("_base_.")))
            found = _ENVIRONMENT.fullmatch("{{" + reference + "}}")
            if found:
                return self.literal(node, found[2], found[3])
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str) or "{{" not in node.value:
            return node
        place = (node.lineno, node.col_offset + 1)
        whole = _BASE.fullmatch(node.value)
        if whole:
            return self.named(node, self.base(node, whole[1]))
        text = _BASE.sub(lambda m: str(self.base(node, m[1])), node.value)
        return ast.copy_location(ast.Constant(self._templates.text(text, place)), node)

    def base(self, node: ast.expr, path: str) -> Any:
        place = (node.lineno, node.col_offset + 1)
        if self._base is None:
            raise self._source.error("this file has no _base_ to refer to", place, ConfigKeyError)
        return base_value(self._base, path, self._source, place=place)

    def literal(self, node: ast.expr, name: str, default: str | None) -> ast.AST:
        place = (node.lineno, node.col_offset + 1)
        text = self._templates.variable(name, default, place)
        try:
            return self.named(node, ast.literal_eval(text))
        except (ValueError, SyntaxError) as error:
            raise self._source.error(
                f"{{{{'${name}'}}}} stands for a Python value, and {text!r} is none; "
                f"for a text write '{{{{${name}}}}}'",
                place,
                ConfigSyntaxError,
            ) from error

    def named(self, node: ast.expr, value: Any) -> ast.AST:
        name = f"__template_{len(self.names)}__"
        self.names[name] = value
        return ast.copy_location(ast.Name(name, ast.Load()), node)


def base_value(base: Mapping[Any, Any], path: str, source: Source, *, place: Place = (0, 0)) -> Any:
    """Return a copy of the value at the dotted ``path`` of a base.

    Raises:
        ConfigKeyError: there is none; the message offers the closest name and where it stands.
    """
    value: Any = base
    for part in path.split("."):
        if isinstance(value, list | tuple) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = dict.__getitem__(value, part)
        else:
            known = value if isinstance(value, dict) else {}
            raise source.error(unknown_base(part, path, known), place, ConfigKeyError)
    return copied(value, {})


def unknown_base(name: str, path: str, known: Mapping[Any, Any]) -> str:
    """Say that a base has no such variable, and which one may be meant."""
    near = close_names(name, known)
    if near:
        mark = (origins_of(known) or {}).get(near.split("'")[1])
        if mark is not None:
            near = near.removesuffix("?") + f" ({Origin(mark)})?"
    whole = f" of {path!r}" if path != name else ""
    return f"unknown base variable {name!r}{whole}{near}"
