"""What takes the place of an import of MMEngine's."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from engine_runner.cli.migrate.uses import Binding, Use, is_ours, resolve

__all__ = ["Plan", "new_from", "new_import", "plan_of"]

_WIDTH = 88


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of a name that stands for a module of MMEngine's.

    Attributes:
        stays: whether something needs the module itself.
        modules: our modules that its attributes are in now.
        alias: our module that takes its place, under the same name.
    """

    stays: bool
    modules: tuple[str, ...] = ()
    alias: str | None = None


def plan_of(binding: Binding, uses: Sequence[Use | None]) -> Plan:
    """Return what becomes of a module, given what is used of it; None is itself, as a value."""
    homes = [use.home for use in uses if use is not None and use.home is not None]
    modules = tuple(sorted({module for module, _ in homes}))
    stays = len(homes) < len(uses) or not uses
    same = all(use is not None and use.home == (modules[0], use.name) for use in uses if modules)
    if binding.path and not stays and same and len(modules) == 1:
        return Plan(stays=False, modules=modules, alias=modules[0])
    return Plan(stays=stays, modules=modules)


def new_import(node: ast.Import, plans: dict[str, Plan]) -> list[str]:
    """Return the statements in place of ``import ...``."""
    kept: list[ast.alias] = []
    lines: list[str] = []
    for alias in node.names:
        plan = plans.get(alias.asname or alias.name.split(".")[0]) if is_ours(alias.name) else None
        if plan is None or plan.stays:
            kept.append(alias)
        lines += _lines(plan, alias.asname)
    head = [ast.unparse(ast.Import(names=kept))] if kept else []
    return [*head, *dict.fromkeys(lines)]


def new_from(node: ast.ImportFrom, plans: dict[str, Plan]) -> list[str]:
    """Return the statements in place of ``from mmengine... import ...``."""
    above = tuple((node.module or "").split(".")[1:])
    kept: list[ast.alias] = []
    lines: list[str] = []
    by_module: dict[str, list[ast.alias]] = {}
    for alias in node.names:
        local = alias.asname or alias.name
        found = resolve((*above, alias.name), node.lineno)
        home = found[0].home if found is not None else None
        plan = plans.get(local)
        if home is not None:
            asname = local if local != home[1] else None
            by_module.setdefault(home[0], []).append(ast.alias(name=home[1], asname=asname))
            continue
        if plan is None or plan.stays:
            kept.append(alias)
        lines += _lines(plan, local)
    head = [_from(node.module or "", kept)] if kept else []
    return [*head, *dict.fromkeys(lines), *(_from(m, by_module[m]) for m in sorted(by_module))]


def _lines(plan: Plan | None, local: str | None) -> list[str]:
    if plan is None:
        return []
    if plan.alias is not None:
        return [f"import {plan.alias} as {local}"]
    return [f"import {module}" for module in plan.modules]


def _from(module: str, names: list[ast.alias]) -> str:
    """An import on one line, or on several if it is long."""
    line = ast.unparse(ast.ImportFrom(module=module, names=names, level=0))
    if len(line) <= _WIDTH:
        return line
    listed = "".join(f"    {ast.unparse(name)},\n" for name in names)
    return f"from {module} import (\n{listed})"
