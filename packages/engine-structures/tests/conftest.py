"""Element classes as a library defines them: at the top of a module, so that they pickle."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "library"))
