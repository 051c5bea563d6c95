"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parent.parent / "README.md"


def test_the_snippets_run_in_order_and_print_what_stands_below_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocks = re.findall(r"```(python|text)\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    names: dict[str, Any] = {"__name__": "readme"}
    printed = 0
    for language, block in blocks:
        if language == "python":
            exec(compile(block, "README.md", "exec"), names)
        else:
            out = capsys.readouterr().out
            # Plug-ins of packages that happen to be installed are named, too.
            assert re.sub(r"  imported for it: plug-in engine-.*\n", "", out) == block
            printed += 1
    assert printed == 2
