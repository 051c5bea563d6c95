"""The picture of the packages is drawn from their imports, by this file when it is run."""

from __future__ import annotations

import ast
import sys
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/architecture.svg"
SHOWS = "mmengine"  # engine-compat's import
BOX, ROW, GAP = (150, 34), 96, 14

STYLE = """
text { font: 14px sans-serif; fill: #222; text-anchor: middle; dominant-baseline: middle }
rect { fill: #e8eaf6; stroke: #3f51b5 } path { fill: none; stroke: #8c93b8 }
@media (prefers-color-scheme: dark) { text { fill: #eee } rect { fill: #2e3250; stroke: #8c9eff } }
"""


def imports() -> dict[str, set[str]]:
    """Which packages the files of each package import."""
    sources = {path.name: path for path in ROOT.glob("packages/*/src/*") if path.is_dir()}
    found: dict[str, set[str]] = {}
    for name, folder in sorted(sources.items()):
        names = set()
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    names.add((node.module or "").split(".")[0])
        found[name] = names & set(sources) - {name}
    return found


def reached(graph: dict[str, set[str]], name: str) -> set[str]:
    """Everything below a package."""
    return graph[name] | {each for below in graph[name] for each in reached(graph, below)}


def direct(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same graph without the lines that longer ways imply."""
    return {
        name: {
            each
            for each in below
            if not any(each in reached(graph, other) for other in below - {each})
        }
        for name, below in graph.items()
    }


def rows(graph: dict[str, set[str]]) -> list[list[str]]:
    """Packages by floors, from the ground: each above all that it imports."""
    floor: dict[str, int] = {}
    while len(floor) < len(graph):
        for name, below in graph.items():
            if name not in floor and below <= set(floor):
                floor[name] = 1 + max((floor[each] for each in below), default=-1)
    return [[n for n in floor if floor[n] == level] for level in range(max(floor.values()) + 1)]


def drawn(graph: dict[str, set[str]]) -> str:
    """The picture, as SVG."""
    floors = [sorted(row) for row in rows(graph)]
    width = max(map(len, floors)) * (BOX[0] + GAP) + GAP
    height = len(floors) * ROW
    places = {}
    for level, row in enumerate(floors):
        left = (width - len(row) * (BOX[0] + GAP) + GAP) / 2
        for i, name in enumerate(row):
            places[name] = (left + i * (BOX[0] + GAP), height - (level + 1) * ROW + 20)
    lines = []
    for name, below in sorted(direct(graph).items()):
        x, y = places[name][0] + BOX[0] / 2, places[name][1] + BOX[1]
        for each in sorted(below):
            to_x, to_y = places[each][0] + BOX[0] / 2, places[each][1]
            bend = (y + to_y) / 2
            lines.append(
                f'<path d="M{x:g} {y:g} C{x:g} {bend:g} {to_x:g} {bend:g} {to_x:g} {to_y:g}"/>'
            )
    for name, (x, y) in sorted(places.items()):
        shown = "engine-compat" if name == SHOWS else name.replace("_", "-")
        lines.append(f'<rect x="{x:g}" y="{y:g}" width="{BOX[0]}" height="{BOX[1]}" rx="6"/>')
        lines.append(f'<text x="{x + BOX[0] / 2:g}" y="{y + BOX[1] / 2:g}">{escape(shown)}</text>')
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{STYLE}</style>'
    return "\n".join([head, *lines, "</svg>", ""])


def test_the_picture_shows_what_is_imported() -> None:
    assert PICTURE.read_text("utf-8") == drawn(imports())


def test_packages_stand_above_what_they_import() -> None:
    graph = imports()
    floors = rows(graph)
    for lower, upper in pairwise(floors):
        assert all(graph[name] & set(lower) for name in upper)
    assert sum(map(len, floors)) == len(graph)


if __name__ == "__main__":
    PICTURE.write_text(drawn(imports()), "utf-8")
    sys.stdout.write(f"{PICTURE}\n")
