"""Lets the tests of this folder import the contract that they share."""

from __future__ import annotations

import sys
from pathlib import Path

# pytest's importlib mode leaves this folder off the path
sys.path.insert(0, str(Path(__file__).parent))
