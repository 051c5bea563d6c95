"""Build hook: some pages as notebooks, to be downloaded and run cell by cell.

A page's prose becomes cells of text. A fence ``python`` becomes a cell of code, one with a title a
cell that writes that file, and a fence ``console`` one that calls its commands; what they print is
left out, since the cells print it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

# Pages, and what is shown at the end.
NOTEBOOKS = {
    "get_started/fifteen_minutes.md": (
        "from IPython.display import Image\n"
        "from engine_visual import plot_scalars\n\n"
        'plot_scalars("work_dirs/digits", out="curves.png")\n'
        'Image("curves.png")'
    ),
    "tutorials/configs.md": "",
    "tutorials/registries.md": "",
}
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```\n?', re.DOTALL | re.MULTILINE)
_RELATIVE = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")


def notebook_of(markdown: str, last: str = "") -> dict[str, Any]:
    """Return a page as a notebook of format 4.5."""
    cells: list[dict[str, Any]] = []

    def add(kind: str, text: str) -> None:
        if text.strip():
            cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{len(cells)}", "metadata": {}}
            cell |= {"outputs": [], "execution_count": None} if kind == "code" else {}
            cells.append({**cell, "source": text.strip()})

    done = 0
    for fence in _FENCE.finditer(markdown):
        add("markdown", _RELATIVE.sub(r"\1", markdown[done : fence.start()]))
        done = fence.end()
        language, title, text = fence[1], fence[2], fence[3]
        if title:
            for code in _writing(title, text):
                add("code", code)
        elif language == "python":
            add("code", text)
        elif language == "console":
            add("code", "\n".join(_command(x) for x in text.splitlines() if x.startswith("$ ")))
    add("markdown", _RELATIVE.sub(r"\1", markdown[done:]))
    add("code", last)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _writing(title: str, text: str) -> list[str]:
    """The cells that write a file."""
    folder = PurePosixPath(title).parent.as_posix()
    make = f'import os\n\nos.makedirs("{folder}", exist_ok=True)'
    return [*([make] if folder != "." else []), f"%%writefile {title}\n{text}"]


def _command(line: str) -> str:
    command = line[2:].partition("  # ")[0]
    return f"%{command}" if command.startswith("pip ") else f"!{command}"


def address_of(page: str) -> str:
    """Return where the notebook of a page lies in the site."""
    return f"notebooks/{PurePosixPath(page).stem}.ipynb"


def on_pre_build(config: Any) -> None:
    """Write the notebooks beside the pages, which git doesn't have.

    They are files because the plug-in for several languages knows no generated ones.
    """
    docs = Path(config.docs_dir)
    for page, last in NOTEBOOKS.items():
        markdown = (docs / page).read_text(encoding="utf-8")
        text = json.dumps(notebook_of(markdown, last), indent=1)
        path = docs / address_of(page)
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # or `serve` never rests
            path.write_text(text, encoding="utf-8")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str | None:
    """Say at the end of a page where its notebook is."""
    source = page.file.src_uri
    if source not in NOTEBOOKS:
        return None
    return f"{markdown}\n[This page as a notebook](../{address_of(source)})\n"
