"""What looks at configs and files alone starts without torch, whose import takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
from engine_runner.cli import main
try:
    main(sys.argv[1:], prog_name="engine")
except SystemExit as end:
    code = end.code or 0
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
CONFIG = "model = dict(type='Model')\ntrain_cfg = dict(by_epoch=True, max_epochs=2)\n"
_HELPFUL = (
    *("train", "test", "infer", "summary", "find-lr", "find-batch-size", "export"),
    *("plot", "compare", "publish", "env"),
)
COMMANDS = (
    ("--help",),
    ("--version",),
    ("completion", "bash"),
    *((name, "--help") for name in _HELPFUL),
    ("config", "show", "one.py"),
    ("config", "explain", "one.py", "train_cfg.max_epochs"),
    ("config", "diff", "one.py", "one.py"),
    ("job", "slurm", "one.py", "--time", "4h"),
    ("job", "kubernetes", "one.py", "--image", "torch", "--work-dir", "/shared/runs"),
    ("migrate", "one.py"),
    ("env", "--short"),
)


def modules_of(folder: Path, *arguments: str, **variables: str) -> tuple[int, set[str]]:
    """The exit code of a command, and what was imported for it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    code, names = json.loads(done.stdout.splitlines()[-1])
    return code, set(names)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_that_only_looks_imports_no_torch(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "one.py").write_text(CONFIG)
    code, names = modules_of(tmp_path, *command)
    assert code == 0
    assert not names & {"torch", "numpy", "matplotlib", "boto3", "tensorboard", "rich"}


def test_the_tab_key_imports_no_torch(tmp_path: Path) -> None:
    _, names = modules_of(
        tmp_path, _ENGINE_COMPLETE="bash_complete", COMP_WORDS="engine tr", COMP_CWORD="1"
    )
    assert "torch" not in names


def test_curves_are_drawn_without_torch(tmp_path: Path) -> None:
    data = tmp_path / "run" / "vis_data"
    data.mkdir(parents=True)
    lines = [{"loss": 1.0 / step, "step": step} for step in range(1, 4)]
    (data / "scalars.json").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    for command, written in (("plot", "run/curves.png"), ("compare", "compared.html")):
        code, names = modules_of(tmp_path, command, "run")
        assert code == 0
        assert (tmp_path / written).exists()
        assert not names & {"torch", "tensorboard", "boto3"}
