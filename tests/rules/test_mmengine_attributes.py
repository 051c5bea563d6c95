"""Every attribute of MMEngine's classes and objects is here, or in a list of those that are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "reference"
TORCHVISION_ON_CPU = Path(__file__).parents[1] / "examples/cpu_torchvision"


def test_what_libraries_may_read_assign_and_override_is_there() -> None:
    command = [sys.executable, "-W", "ignore", "one_of_each.py", "mmengine_attributes.tsv"]
    environment = {**os.environ, "PYTHONPATH": str(TORCHVISION_ON_CPU)}
    done = subprocess.run(
        command, cwd=REFERENCE, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    text = (REFERENCE / "mmengine_attributes_left_out.txt").read_text("utf-8")
    left_out = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert sorted(found["missing"] + found["fixed"]) == sorted(left_out)
