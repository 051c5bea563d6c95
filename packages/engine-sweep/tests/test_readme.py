"""What the README shows works as it is written there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_a_sweep_from_python(folder: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.S)
    (folder / "slopes_config.py").rename(folder / "config.py")
    (folder / "program.py").write_text(example, "utf-8")
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.count("COMPLETE {'optim_wrapper.optimizer.lr': 0.0") == 2
    assert (folder / "work_dirs/sweep/best.py").is_file()
