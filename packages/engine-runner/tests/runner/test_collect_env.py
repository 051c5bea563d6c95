"""What a report of a problem says about the machine."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine_runner.__about__ import __version__
from engine_runner.runner import collect_env

PROGRAM = "#!/bin/sh\n"


def test_it_says_what_is_there() -> None:
    found = collect_env()
    assert list(found)[:3] == ["sys.platform", "System", "Python"]
    assert found["sys.platform"] == sys.platform
    assert found["Python"].startswith(".".join(map(str, sys.version_info[:3])))
    assert found["PyTorch"] == torch.__version__
    assert found["NumPy"] == np.__version__
    assert "PyTorch built with" in found["PyTorch compiling details"]
    assert found["CUDA available"] == str(torch.cuda.is_available())
    assert found["engine-runner"] == importlib.metadata.version("engine-runner") == __version__
    assert all(isinstance(value, str) for value in found.values())
    assert not [name for name, value in found.items() if value.startswith("unknown")]
    assert json.loads(json.dumps(found)) == found


@pytest.mark.skipif(sys.platform == "win32", reason="programs are shell scripts here")
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'gcc 99.1'; echo more", "gcc 99.1"),
        ("exit 1", None),
        ("exec tail -f /dev/null", "unknown (TimeoutExpired"),
        ("printf '\\377'", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_compiler_that_misbehaves_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str | None
) -> None:
    (tmp_path / "gcc").write_text(f"{PROGRAM}{script}\n")
    (tmp_path / "gcc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    found = collect_env().get("GCC")
    assert found is None if told is None else str(found).startswith(told)


def test_without_any_program_nothing_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = collect_env()
    assert "GCC" not in found
    assert "NVCC" not in found


def test_random_numbers_are_left_alone() -> None:
    code = (
        "import numpy, random, torch; from engine_runner.runner import collect_env\n"
        "draw = lambda: (random.random(), numpy.random.random(), torch.rand(1).item())\n"
        "seed = lambda: (random.seed(0), numpy.random.seed(0), torch.manual_seed(0))\n"
        "seed(); first = draw(); seed(); collect_env(); assert draw() == first\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
