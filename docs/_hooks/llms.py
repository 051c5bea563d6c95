"""Build hook: ``llms.txt``, a list of all pages with the first sentence of each, for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_SENTENCE = re.compile(r"(.+?(?:\.(?=\s|$)|。))", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_pages: dict[str, tuple[str, str]] = {}  # title and first sentence, by source
_kept: dict[str, Any] = {}


def first_sentence(markdown: str) -> str:
    """Return the first sentence of a page's prose, as plain text."""
    text = re.sub(r"^---\n.*?^---\n", "", markdown, flags=re.DOTALL | re.MULTILINE)
    for part in re.split(r"\n\s*\n", text):
        part = part.strip()
        if part and part[0] not in "#`|!=<:-":
            plain = _LINK.sub(r"\1", " ".join(part.split()))
            found = _SENTENCE.match(plain)
            return found[1] if found else plain
    return ""


def on_page_markdown(markdown: str, page: Any, **_: Any) -> None:
    """Remember the first sentence of an English page."""
    if not page.url.startswith("zh/"):
        _pages.setdefault(page.file.src_uri, (page.title or "", first_sentence(markdown)))


def lines_of(items: list[Any], level: int = 2) -> list[str]:
    """Return a section for each part of the navigation, and a line for each page."""
    found: list[str] = []
    for item in items:
        if item.is_section:
            found += ["", f"{'#' * level} {item.title}", "", *lines_of(item.children, level + 1)]
        elif item.is_page:
            title, sentence = _pages.get(item.file.src_uri, ("", ""))
            found.append(f"- [{item.title or title}]({item.file.url}): {sentence}")
    return found


def on_nav(nav: Any, config: Any, **_: Any) -> None:
    """Keep the navigation of the first language that is built."""
    _kept.setdefault("nav", nav)


def on_post_build(config: Any) -> None:
    """Write the file."""
    path = Path(config.site_dir, "llms.txt")
    if not path.exists():
        head = [f"# {config.site_name}", "", f"> {config.site_description}"]
        text = "\n".join([*head, *lines_of(_kept["nav"].items)])
        path.write_text(text + "\n", encoding="utf-8")
