"""A translated page says which state of its English source it follows; a later one is told.

`python tests/rules/test_translations.py PAGE.zh.md ...` writes the present state into the pages,
once they have been brought up to date.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_SOURCE = re.compile(r"^source: (\w+)$", re.MULTILINE)


def source_of(translation: Path) -> Path:
    return translation.with_name(translation.name.replace(".zh.md", ".md"))


def state_of(page: Path) -> str:
    """Return a short hash of the page, however its lines end."""
    text = page.read_text(encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def followed(translation: Path) -> str:
    found = _SOURCE.search(translation.read_text(encoding="utf-8"))
    return found[1] if found else ""


def headings(page: Path) -> list[str]:
    """Return the depth of each heading, in order."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    return re.findall(r"^(#+) ", text, re.MULTILINE)


TRANSLATIONS = sorted(DOCS.rglob("*.zh.md"))


def test_no_source_has_changed_since_it_was_translated() -> None:
    behind = [
        f"{page.relative_to(DOCS)} follows {followed(page) or 'nothing'}, "
        f"{source_of(page).name} is at {state_of(source_of(page))}"
        for page in TRANSLATIONS
        if followed(page) != state_of(source_of(page))
    ]
    assert not behind


def test_a_translation_has_the_same_sections() -> None:
    other = [str(p) for p in TRANSLATIONS if headings(p) != headings(source_of(p))]
    assert not other


if __name__ == "__main__":
    for each in map(Path, sys.argv[1:]):
        text = each.read_text(encoding="utf-8")
        line = f"source: {state_of(source_of(each))}"
        each.write_text(_SOURCE.sub(line, text, count=1), encoding="utf-8")
