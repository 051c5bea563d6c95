"""What the judge must see: deeds, done without any evaluator."""

from __future__ import annotations

import socket  # noqa: F401 - what is watched is its use
from typing import Any


def do(case: dict[str, Any]) -> str:
    """Do what a case says."""
    exec(compile(case["deed"], "<deed>", "exec"), {})
    return "done"
