"""Syntax names: what a node of the tree is called in an error, and how much is below one."""

from __future__ import annotations

import ast

__all__ = ["operation", "steps_of"]

_SIGNS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_KINDS: dict[type, str] = {
    ast.Dict: "this dict",
    ast.DictComp: "this comprehension",
    ast.For: "this loop",
    ast.FormattedValue: "this f-string",
    ast.GeneratorExp: "this comprehension",
    ast.JoinedStr: "this f-string",
    ast.List: "this list",
    ast.ListComp: "this comprehension",
    ast.Set: "this set",
    ast.SetComp: "this comprehension",
    ast.Slice: "this slice",
    ast.Subscript: "an index, [...]",
    ast.Tuple: "this tuple",
}


def operation(node: ast.AST) -> str:
    """Name what ``node`` does."""
    if isinstance(node, ast.Call):
        target = node.func
        name = getattr(target, "id", None) or getattr(target, "attr", None)
        return f"the call of {name!s:.60}" if name else "this call"
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return f"the operator {_SIGNS[type(node.op)]}"
    if isinstance(node, ast.Compare):
        return f"the comparison {_SIGNS[type(node.ops[0])]}"
    return _KINDS.get(type(node), "this")


_REPEATED = (
    ast.For,
    ast.FunctionDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def steps_of(node: ast.AST) -> int:
    """How many nodes stand in a loop, a comprehension or a function, counted once and kept."""
    known = getattr(node, "_steps", None)
    if known is not None:
        return int(known)
    counts: dict[int, int] = {}
    for inner in reversed(list(ast.walk(node))):  # children come before their parents
        count = 1 + sum(counts[id(child)] for child in ast.iter_child_nodes(inner))
        counts[id(inner)] = count
        if isinstance(inner, _REPEATED):
            inner._steps = count  # type: ignore[union-attr]  # kept with the tree
    return counts[id(node)]
