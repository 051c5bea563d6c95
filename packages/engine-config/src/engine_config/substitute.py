"""``{{ ... }}``: values of base files, environment variables and the file's own name in a text."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine_config.errors import ConfigKeyError, ConfigSyntaxError, close_names, is_index
from engine_config.library_functions import LIBRARY
from engine_config.meter import Meter, size_bytes
from engine_config.node import ConfigDict
from engine_config.plain_values import copied
from engine_config.provenance import Origin, origins_of
from engine_config.source import Place, Source
from engine_config.string_functions import shown

__all__ = ["Templates", "base_value", "unknown_base"]

# A template is short, and holds no braces: so every text is searched in linear time.
_TEMPLATE = re.compile(r"\{\{([^{}]{1,1000})\}\}")
_COPY = "__template_copy__"
_BASE = re.compile(r"_base_\.([\w.]+)")
_ENVIRONMENT = re.compile(r"\$\s*(\w+)\s*(?::(.*))?", re.DOTALL)
# Private characters: in no file by chance, and the same in every kind of quotes.
_HELD = re.compile("\ue000base:([\\w.]{1,1000})\ue000")


def _base_of(inner: str) -> str | None:
    """The dotted path in ``_base_.path``, None if a template is something else."""
    found = _BASE.fullmatch(inner.strip())
    return found[1] if found else None


def _variable_of(inner: str) -> tuple[str, str | None] | None:
    """The name and the default in ``$NAME:default``, None if a template is something else."""
    inner = inner.strip()
    if len(inner) > 1 and inner[0] == inner[-1] and inner[0] in "'\"":
        inner = inner[1:-1].strip()
    found = _ENVIRONMENT.fullmatch(inner)
    return (found[1], found[2] if found[2] is None else found[2].strip()) if found else None


class Templates:
    """What the templates of one file stand for.

    Args:
        source: the file.
        predefined: replace ``{{ fileDirname }}`` and its like.
        environment: where ``{{ $NAME:default }}`` is looked up; None to leave it as it is.
        used: takes the environment variables that were read.
        meter: counts the work.
    """

    def __init__(
        self,
        source: Source,
        *,
        predefined: bool,
        environment: Mapping[str, str] | None,
        used: dict[str, str],
        meter: Meter,
    ) -> None:
        self._source = source
        self._environment = environment
        self._used = used
        self.meter = meter
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

        def filled(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name in self._predefined:
                return self.paid(self._predefined[name])
            variable = _variable_of(name) if self._environment is not None else None
            return match[0] if variable is None else self.paid(self.variable(*variable, place))

        return _TEMPLATE.sub(filled, text)

    def paid(self, text: str) -> str:
        """Return a text that is put into another one."""
        self.meter.made(size_bytes(text))
        return text

    def variable(self, name: str, default: str | None, place: Place) -> str:
        """Return an environment variable, or its default."""
        value = (self._environment or {}).get(name, default)
        if value is None:
            raise self._source.error(
                f"the environment variable {name} is not set, and has no default; "
                f"set it, or write {{{{${name}:default}}}}; a file that is read with trust=False "
                "knows the variables in env= alone",
                place,
                ConfigKeyError,
            )
        self._used[name] = value
        return value

    def hold_bases(self, text: str) -> str:
        """Return the text of a data file with references to base values as marked strings."""

        def held(match: re.Match[str]) -> str:
            path = _base_of(match[1])
            if path is None:
                return match[0]
            mark = f"\ue000base:{path}\ue000"
            before = text[max(0, match.start() - 100) : match.start()].rstrip()
            after = text[match.end() : match.end() + 1]
            quoted = before[-1:] in ("'", '"') or (
                after not in ("", "\n", ",", " ", "}", "]", "\r")
            )
            whole = before[-1:] in (":", ",", "[", "-", "") and not quoted
            return f'"{mark}"' if whole else mark

        return _TEMPLATE.sub(held, text)

    def fill_bases(self, value: Any, base: ConfigDict) -> Any:
        """Return data with the marked strings as the base values that they refer to."""
        if isinstance(value, str) and "\ue000" in value:
            found = _HELD.fullmatch(value)
            if found:
                return self.base(base, found[1])
            return _HELD.sub(lambda m: shown(self.meter, self.base(base, m[1])), value)
        if isinstance(value, dict):
            for key in value:
                value[key] = self.fill_bases(value[key], base)
        elif isinstance(value, list):
            value[:] = [self.fill_bases(item, base) for item in value]
        elif isinstance(value, tuple):
            return tuple([self.fill_bases(item, base) for item in value])
        return value

    def base(self, base: ConfigDict, path: str, place: Place = (0, 0)) -> Any:
        """A copy of a base's value, paid for."""
        return base_value(base, path, self._source, place=place, meter=self.meter)

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
            reference = _reference(inner.elts[0])
            path = _base_of(reference)
            if path is not None:
                return self.copied(node, path)
            found = _variable_of(reference)
            if found:
                return self.literal(node, *found)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str) or "{{" not in node.value:
            return node
        place = (node.lineno, node.col_offset + 1)
        whole = _TEMPLATE.fullmatch(node.value)
        path = _base_of(whole[1]) if whole else None
        if path is not None:
            return self.copied(node, path)

        def filled(match: re.Match[str]) -> str:
            path = _base_of(match[1])
            if path is None:
                return match[0]
            return self._templates.paid(shown(self._templates.meter, self.base(node, path)))

        text = _TEMPLATE.sub(filled, node.value)
        return ast.copy_location(ast.Constant(self._templates.text(text, place)), node)

    def copied(self, node: ast.expr, path: str) -> ast.AST:
        """A call that copies a base's value, as what stands before it in the file has left it."""
        self.base(node, path)  # there is one
        found: ast.expr = ast.Name("_base_", ast.Load())
        value: Any = self._base
        for part in path.split("."):
            if isinstance(value, list | tuple):
                found = ast.Subscript(found, ast.Constant(int(part)), ast.Load())
                value = value[int(part)]
            else:
                found = ast.Subscript(found, ast.Constant(part), ast.Load())
                value = dict.__getitem__(value, part)
        call = ast.Call(ast.Name(_COPY, ast.Load()), [found], [])
        self.names[_COPY] = LIBRARY["copy.deepcopy"]
        return ast.fix_missing_locations(ast.copy_location(call, node))

    def base(self, node: ast.expr, path: str) -> Any:
        place = (node.lineno, node.col_offset + 1)
        if self._base is None:
            raise self._source.error("this file has no _base_ to refer to", place, ConfigKeyError)
        return self._templates.base(self._base, path, place)

    def literal(self, node: ast.expr, name: str, default: str | None) -> ast.AST:
        place = (node.lineno, node.col_offset + 1)
        text = self._templates.variable(name, default, place)
        try:
            return self.named(node, ast.literal_eval(text))
        except (ValueError, SyntaxError, TypeError) as error:
            raise self._source.error(
                f"{{{{'${name}'}}}} stands for a Python value, and {text!r:.60} is none; "
                f"for a text write '{{{{${name}}}}}'",
                place,
                ConfigSyntaxError,
            ) from error

    def named(self, node: ast.expr, value: Any) -> ast.AST:
        name = f"__template_{len(self.names)}__"
        self.names[name] = value
        return ast.copy_location(ast.Name(name, ast.Load()), node)


def _reference(node: ast.expr) -> str:
    """What stands in double braces: a dotted name, or a text; empty if it is something else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value[:1000]
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 100:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def base_value(
    base: Mapping[Any, Any], path: str, source: Source, *, meter: Meter, place: Place = (0, 0)
) -> Any:
    """Return a copy of the value at the dotted ``path`` of a base.

    Raises:
        ConfigKeyError: there is none; the message offers the closest name and where it stands.
    """
    value: Any = base
    for part in path.split("."):
        if isinstance(value, list | tuple) and is_index(part) and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = dict.__getitem__(value, part)
        else:
            known = value if isinstance(value, dict) else {}
            raise source.error(unknown_base(part, path, known), place, ConfigKeyError)
    meter.spend(2 * meter.walk(value))
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
