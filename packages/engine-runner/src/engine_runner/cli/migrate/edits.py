"""Replacing parts of a source file, so that all else stays as it is, to the byte."""

from __future__ import annotations

import ast

from engine_runner.cli.migrate.uses import Use

__all__ = ["Edits"]


class Edits:
    """Replacements in a text, at the positions that a syntax tree gives: line and column.

    Args:
        source: the text, in UTF-8.
    """

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._lines = source.splitlines(keepends=True)
        self._newline = b"\r\n" if self._lines[0].endswith(b"\r\n") else b"\n"
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._edits: list[tuple[int, int, bytes]] = []

    def add(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """Replace what stands between two positions."""
        self._edits.append((self._at(start), self._at(end), text.encode()))

    def add_text(self, use: Use) -> None:
        """Replace a dotted name in a literal, within its quotes."""
        start, end = self._at(use.start), self._at(use.end)
        old, home = use.written.encode(), use.home or ("", "")
        if self._source[start:end].count(old) == 1:
            begin = self._source.index(old, start, end)
            self._edits.append((begin, begin + len(old), ".".join(home).encode()))

    def add_module(self, node: ast.ImportFrom, module: str) -> None:
        """Replace the module of an import, and nothing else of it."""
        start = self._at((node.lineno, node.col_offset)) + len("from")
        old = (node.module or "").encode()
        begin = self._source.index(old, start)
        self._edits.append((begin, begin + len(old), module.encode()))

    def add_statement(self, node: ast.stmt, lines: list[str], *, may_go: bool = False) -> None:
        """Replace a statement by others, which stand below each other if there is room.

        Args:
            node: the statement.
            lines: the others; with none it becomes ``pass``.
            may_go: whether its line may go, without any.
        """
        start, end = self._span(node)
        indent = self._lines[node.lineno - 1][: node.col_offset]
        rest = self._lines[(node.end_lineno or node.lineno) - 1][node.end_col_offset or 0 :]
        is_alone = not indent.strip() and not rest.split(b"#")[0].strip()
        if not lines and is_alone and may_go:
            self._edits.append((start - len(indent), end + len(rest), b""))
            return
        below = self._newline + indent
        texts = [line.encode().replace(b"\n", below if is_alone else b" ") for line in lines]
        self._edits.append((start, end, (below if is_alone else b"; ").join(texts or [b"pass"])))

    def has_comment(self, node: ast.stmt) -> bool:
        """Whether a comment stands inside a statement without texts."""
        start, end = self._span(node)
        return b"#" in self._source[start:end]

    def applied(self) -> bytes:
        """The text with everything replaced."""
        made, behind = [], 0
        for start, end, text in sorted(self._edits):
            made += [self._source[behind:start], text]
            behind = end
        return b"".join([*made, self._source[behind:]])

    def _span(self, node: ast.stmt) -> tuple[int, int]:
        end = (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return self._at((node.lineno, node.col_offset)), self._at(end)

    def _at(self, position: tuple[int, int]) -> int:
        return self._starts[position[0] - 1] + position[1]
