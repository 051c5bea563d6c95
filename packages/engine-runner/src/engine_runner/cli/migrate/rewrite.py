"""The edits that take a source file from MMEngine to our packages; all else stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine_runner.cli.migrate.edits import Edits
from engine_runner.cli.migrate.imports import Plan, new_from, new_import, plan_of
from engine_runner.cli.migrate.uses import (
    ROOT,
    Use,
    bindings_of,
    chains_of,
    imported_names,
    is_ours,
    texts_of,
)

__all__ = ["Examined", "Left", "examine"]


@dataclass(frozen=True, kw_only=True)
class Left:
    """Something that a person has to look at.

    Attributes:
        line: where, from 1.
        why: what it is.
    """

    line: int
    why: str


@dataclass(kw_only=True)
class Examined:
    """What a file uses of MMEngine, and the file without it.

    Attributes:
        uses: every name, in the order of the file.
        left: what isn't rewritten, though some package of ours may have it.
        text: the file, with what our packages have taken from there.
    """

    uses: list[Use] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    text: bytes = b""


def examine(source: bytes) -> Examined:
    """Return what a file, in UTF-8, uses of MMEngine, and its text without that.

    Raises:
        SyntaxError: it is no Python.
    """
    if ROOT.encode() not in source:
        return Examined(text=source)
    tree = ast.parse(source)
    found = Examined()
    edits = Edits(source)
    plans = _rewrite_attributes(tree, found, edits)
    _rewrite_imports(tree, plans, found, edits=edits)
    for text in texts_of(tree):
        found.uses.append(text)
        if not text.end[1]:
            found.left.append(Left(line=text.line, why=f"a text names {text.written}"))
        elif text.home is not None:
            edits.add_text(text)
    found.uses.sort(key=lambda use: use.line)
    found.left.sort(key=lambda left: left.line)
    found.text = edits.applied()
    return found


def _rewrite_attributes(tree: ast.Module, found: Examined, edits: Edits) -> dict[str, Plan]:
    """Rewrite ``mmengine.dist.get_rank`` and the like; return what becomes of each module."""
    plans = {}
    bindings = bindings_of(tree)
    elsewhere = _bound_elsewhere(tree, bindings)
    for local, uses in chains_of(tree, bindings).items():
        found.uses += [use for use in uses if use is not None]
        why = _why_by_hand(local, uses, elsewhere)
        if why is not None:
            found.left.append(why)
            plans[local] = Plan(stays=True)
            continue
        plans[local] = plan_of(bindings[local], uses)
        if plans[local].alias is None:
            for use in uses:
                if use is not None and use.home is not None:
                    edits.add(use.start, use.end, ".".join(use.home))
    return plans


def _why_by_hand(local: str, uses: Iterable[Use | None], elsewhere: dict[str, int]) -> Left | None:
    """Why a module and its attributes have to stay as they are, if they have to."""
    if local in elsewhere:
        why = f"{local} is bound to something else, too: rewrite what it stands for by hand"
        return Left(line=elsewhere[local], why=why)
    for use in uses:
        if use is not None and use.is_set:
            why = f"{use.written} is set: of native packages, set it in every module that uses it"
            return Left(line=use.line, why=why)
    return None


def _rewrite_imports(
    tree: ast.Module, plans: dict[str, Plan], found: Examined, *, edits: Edits
) -> None:
    there: set[str] = set()  # what is imported at the top needn't be anywhere else
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(is_ours(alias.name) for alias in node.names):
            lines = new_import(node, plans)
            lines = [line for line in lines if line not in there]
            if node in tree.body:
                there.update(lines)
            if lines != [ast.unparse(node)]:
                edits.add_statement(node, lines, may_go=node in tree.body)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and is_ours(node.module):
            why = _rewrite_from(node, plans, found, edits=edits)
            if why:
                found.left.append(Left(line=node.lineno, why=why))


def _rewrite_from(
    node: ast.ImportFrom, plans: dict[str, Plan], found: Examined, *, edits: Edits
) -> str:
    """Rewrite ``from mmengine... import ...``; return why it can't be done, or nothing."""
    if any(alias.name == "*" for alias in node.names):
        return f"everything of {node.module} is imported: name what is used"
    found.uses += imported_names(node)
    module = _one_module(node)
    if module is not None:
        edits.add_module(node, module)
        return ""
    lines = new_from(node, plans)
    if lines == [new for new in lines if new.startswith(f"from {ROOT}")]:
        return ""
    if edits.has_comment(node):
        return "an import with comments inside comes from several modules now: split it by hand"
    edits.add_statement(node, lines)
    return ""


def _one_module(node: ast.ImportFrom) -> str | None:
    """Our module that has all names of an import, if there is one."""
    homes = [use.home for use in imported_names(node)]
    modules = {home[0] for home in homes if home is not None}
    if len(homes) < len(node.names) or None in homes or len(modules) != 1:
        return None
    same = all(h is not None and h[1] == a.name for h, a in zip(homes, node.names, strict=True))
    return modules.pop() if same else None


def _bound_elsewhere(tree: ast.AST, names: Iterable[str]) -> dict[str, int]:
    """Which of some names are bound by something that is no import of MMEngine's, and where."""
    wanted = set(names)
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        for name in _names_bound_by(node):
            if name in wanted:
                found.setdefault(name, getattr(node, "lineno", 1))
    return found


def _names_bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import):
        ours = [alias for alias in node.names if not is_ours(alias.name)]
        yield from (alias.asname or alias.name.split(".")[0] for alias in ours)
    elif isinstance(node, ast.ImportFrom) and (node.level or not is_ours(node.module)):
        yield from (alias.asname or alias.name for alias in node.names)
