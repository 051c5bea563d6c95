from __future__ import annotations

import subprocess
import sys


def test_importing_needs_no_torch_and_touches_no_logger() -> None:
    code = (
        "import sys, logging; hook = sys.excepthook; import engine_logging; "
        "print('torch' in sys.modules, logging.getLogger().handlers, sys.excepthook is hook)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "False [] True\n"
