"""Build hook: lines of Chinese are joined without the space that a line's end becomes."""

from __future__ import annotations

import re
from typing import Any

_FENCE = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)
_WIDE = r"\u2e80-\u9fff\u3000-\u303f\uff00-\uffef"
_BETWEEN = re.compile(rf"(?<=[{_WIDE}])\n *(?=[{_WIDE}])")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Join what a translation's source breaks between two Chinese characters."""
    if not page.file.src_uri.endswith(".zh.md"):
        return markdown
    parts = _FENCE.split(markdown)
    return "".join(part if i % 2 else _BETWEEN.sub("", part) for i, part in enumerate(parts))
