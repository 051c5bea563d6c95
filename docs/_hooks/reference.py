"""Build hook: a page of the reference for each public module, and links to them from all pages."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import curves
import public_names

_FENCE = re.compile(
    r"(^```.*?^```|^    ```.*?^    ```|^#.*?$|\[[^\]]*\]\([^)]*\))", re.DOTALL | re.MULTILINE
)
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


def chinese_page(page: Any) -> str:
    """Return what stands in place of a page of the reference: its docstrings are English."""
    module = Path(page.file.src_uri).stem
    link = f'<a href="../../../reference/api/{module}.html"><code>{module}</code></a>'
    return f"# {module}\n\n参考由源码中的英文文档字符串生成：{link}。\n"


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
        return chinese_page(page) if page.url.startswith("zh/") else markdown
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


def on_pre_build(config: Any) -> None:
    """Write the pages of the reference and the pictures of schedules, which git doesn't have."""
    docs = Path(config.docs_dir)
    made = {docs / module.page: page_of(module) for module in public_names.modules()}
    schedules = (docs / "tutorials/schedules.md").read_text(encoding="utf-8")
    for name, configs in curves.configs_in(schedules):
        rates = curves.rates_of(configs)
        made[docs / f"tutorials/curves/{name}.svg"] = curves.picture(rates)
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # or `serve` never rests
            path.write_text(text, encoding="utf-8")
    for path in {*docs.glob("reference/api/*"), *docs.glob("tutorials/curves/*")} - set(made):
        path.unlink()
