"""Style of a Python config: pure-Python with read_base, or text with _base_."""

from __future__ import annotations

import ast
import sys

__all__ = ["is_pure_python", "is_read_base"]


def is_read_base(node: ast.stmt) -> bool:
    """Whether ``node`` is ``with read_base():``."""
    if not isinstance(node, ast.With) or len(node.items) != 1:
        return False
    call = node.items[0].context_expr
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name | ast.Attribute)
        and (call.func.id if isinstance(call.func, ast.Name) else call.func.attr) == "read_base"
    )


def is_pure_python(tree: ast.Module) -> bool:
    """Whether a file is of the pure-Python style: reads bases or imports what is not Python's."""
    for node in tree.body:
        if is_read_base(node):
            return True
        if isinstance(node, ast.ImportFrom) and not node.level:
            if _is_config_import(node):
                continue
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        if any(name.split(".")[0] not in sys.stdlib_module_names for name in names):
            return True
    return False


def _is_config_import(node: ast.ImportFrom) -> bool:
    """Whether an import brings what reads configs, which either style may use."""
    names = (node.module or "").split(".")
    return names[0] == "engine_config" or (
        names[:2] == ["mmengine", "config"]
        or (names == ["mmengine"] and all(alias.name == "Config" for alias in node.names))
    )
