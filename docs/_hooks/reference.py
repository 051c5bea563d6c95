"""Build hook: a page of the reference for each public module, and links to them from all pages."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import public_names

_FENCE = re.compile(r"(^```.*?^```|^    ```.*?^    ```|^#.*?$|\[[^\]]*\]\([^)]*\))", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(?<![`\[])`([A-Za-z_]\w+)`(?!`|\])")


def docstring_of(module: str) -> str:
    """Return the docstring of a module of ours."""
    path = public_names.file_of(module)
    assert path is not None
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def page_of(module: public_names.Module) -> str:
    """Return the text of a module's page; mkdocstrings fills in what its names are."""
    lines = [f"# {module.name}", "", docstring_of(module.name), ""]
    lines += [f"`pip install {module.distribution}`", ""]
    own, elsewhere = [], []
    for name in module.homes:
        address = public_names.shown_as(module, name)
        (own if address == f"{module.name}.{name}" else elsewhere).append((name, address))
    if elsewhere:
        links = ", ".join(f"[`{name}`][{address}]" for name, address in elsewhere)
        lines += [f"It also exports: {links}.", ""]
    for _name, address in own:
        lines += [f"::: {address}", ""]
    return "\n".join(lines)


def navigation() -> list[Any]:
    """Return the reference's part of the navigation: a section for each distribution."""
    sections: dict[str, list[Any]] = {}
    for module in public_names.modules():
        sections.setdefault(module.distribution, []).append({module.name: module.page})
    return [{name: pages} for name, pages in sections.items()]


def on_config(config: Any) -> Any:
    """Put the generated pages into the navigation, in the place of ``API: reference/api``."""

    def filled(items: list[Any]) -> list[Any]:
        found: list[Any] = []
        for item in items:
            if isinstance(item, dict):
                ((title, inside),) = item.items()
                if inside == "reference/api":
                    inside = navigation()
                item = {title: filled(inside) if isinstance(inside, list) else inside}
            found.append(item)
        return found

    if config.nav:
        config.nav = filled(config.nav)
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Link the first mention of each public name to its page of the reference."""
    if page.file.src_uri.startswith("reference/api/"):
        return markdown
    addresses = public_names.addresses()
    linked: set[str] = set()

    def link(match: re.Match[str]) -> str:
        name = match[1]
        # `get` or `name` may be anything; `BaseModel` and `load_checkpoint` are ours
        is_ours = name in addresses and (not name.islower() or "_" in name)
        if not is_ours or name in linked:
            return match[0]
        linked.add(name)
        return f"[`{name}`][{addresses[name]}]"

    parts = _FENCE.split(markdown)
    return "".join(p if i % 2 else _CODE.sub(link, p) for i, p in enumerate(parts))
