"""How long and how deep our source may be: what does not fit a screen is two things."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from typing import Any

FILE_LINES = 300
FUNCTION_LINES = 60
CLASS_LINES = 300
NESTING = 4
POSITIONAL = 3
IGNORES_PER_LINES = 1000
# What libraries override or call of MMEngine's, and its list of public names leaves out.
OVERRIDDEN = {
    *("_before_iter", "_after_iter", "ParamScheduler", "check_type_and_length"),
    "file2dict",
    *("__torch_function__", "__torch_dispatch__", "trunc_normal_"),  # torch's
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith)


def nodes(package: Any) -> Iterator[tuple[str, ast.AST]]:
    """Every syntax node of the package with the file it stands in."""
    for path in package.files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield str(path.relative_to(package.folder)), node


def lines_of(node: Function | ast.ClassDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def depth(node: ast.AST, level: int = 0) -> int:
    """How many blocks stand inside each other below ``node``; an elif adds none."""
    deepest = level
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, Function | ast.ClassDef):
                continue
            is_elif = isinstance(node, ast.If) and field == "orelse" and isinstance(child, ast.If)
            below = level + (isinstance(child, BLOCKS) and not is_elif)
            deepest = max(deepest, depth(child, below))
    return deepest


def test_no_file_is_long(package: Any) -> None:
    counts = {path: len(path.read_bytes().splitlines()) for path in package.files}
    assert not {str(path): count for path, count in counts.items() if count > FILE_LINES}


def test_no_function_or_class_is_long(package: Any) -> None:
    found = []
    for path, node in nodes(package):
        if isinstance(node, Function | ast.ClassDef):
            limit = CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES
            if lines_of(node) > limit:
                found.append(f"{path}:{node.lineno} {node.name}: {lines_of(node)} lines")
    assert not found


def test_no_function_nests_deeply(package: Any) -> None:
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path, node in nodes(package)
        if isinstance(node, Function) and depth(node) > NESTING
    ]
    assert not found


def functions(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, Function]]:
    """Every function with the name its users call: that of the class for a constructor."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield owner if node.name in ("__init__", "__new__") else node.name, node
        inside = node.name if isinstance(node, ast.ClassDef) else owner
        yield from functions(node, inside)


def test_what_comes_after_three_parameters_is_named(package: Any, mmengine_api: Any) -> None:
    theirs: dict[str, list[list[str]]] = {}
    for entry in mmengine_api:
        names = [name for name, _ in entry.parameters]
        theirs.setdefault(entry.name.split(".")[-1], []).append(names)
    found = []
    for path in package.files:
        for called, node in functions(ast.parse(path.read_text(encoding="utf-8"))):
            names = [arg.arg for arg in [*node.args.posonlyargs, *node.args.args]]
            names = names[1:] if names[:1] in (["self"], ["cls"], ["mcs"]) else names
            is_override = any(getattr(d, "id", "") == "override" for d in node.decorator_list)
            known = any(names == other[: len(names)] for other in theirs.get(called, []))
            if len(names) > POSITIONAL and not (is_override or known or called in OVERRIDDEN):
                found.append(f"{path.name}:{node.lineno} {node.name}({', '.join(names)})")
    assert not found


def test_type_checks_are_hardly_ever_ignored(package: Any) -> None:
    lines, ignores = 0, []
    for path in package.files:
        lines += len(path.read_bytes().splitlines())
        with path.open("rb") as file:
            for token in tokenize.tokenize(file.readline):
                if token.type == tokenize.COMMENT and "type: ignore" in token.string:
                    ignores.append(f"{path.name}:{token.start[0]} {token.string}")
    assert len(ignores) <= max(1, round(lines / IGNORES_PER_LINES)), ignores
    unexplained = [i for i in ignores if not re.search(r"ignore\[[\w, -]+\]\s+#\s*\w", i)]
    assert not unexplained


def test_no_file_is_called_after_nothing(package: Any) -> None:
    vague = {"utils", "helpers", "common", "misc"}
    paths = [path for path in package.files if package.dist != "engine-compat"]
    found = [str(path) for path in paths if vague & {path.stem, path.parent.name}]
    assert not found
