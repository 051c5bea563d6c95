"""``hatch run oracle``: search for differences from MMEngine.

``--examples 20`` tries twenty times as many programs, ``--seed -1`` others than CI does,
``--areas configs,samplers`` those areas alone; ``--table`` writes the list of accepted differences
into docs/differences.md.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
os.environ["ENGINE_ORACLE"] = "1"

if "--table" in sys.argv:
    sys.path.insert(0, str(HERE / "library"))
    from accepted import DOCUMENT, documented

    DOCUMENT.write_text(documented(), encoding="utf-8")
else:
    import pytest

    raise SystemExit(pytest.main([str(HERE), "-q", *sys.argv[1:]]))
