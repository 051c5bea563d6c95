"""``engine train --hang-timeout``: a rank that stands still is named, and all end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import stuck


def test_the_rank_that_others_wait_for_is_named_and_all_stacks_are_there(
    tmp_path: Path, library: Path, environment: dict[str, str]
) -> None:
    config = tmp_path / "config.py"
    lines = [
        f"_base_ = {str(library / 'tiny_config.py')!r}",
        "custom_imports = dict(imports=['tiny', 'stuck'])",
        "train_dataloader = dict(batch_size=2, dataset=dict(type='Stuck'))",
        "env_cfg = dict(dist_cfg=dict(backend='gloo'))",
    ]
    config.write_text("\n".join(lines), encoding="utf-8")
    command = ["train", str(config), "--work-dir", "work", "--nproc", "2", "--hang-timeout", "2s"]
    done = subprocess.run(
        [sys.executable, "-m", "engine_runner", *command],
        cwd=tmp_path,
        env={**environment, "ENGINE_PROGRESS": "0"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 124, done.stderr
    (folder,) = tmp_path.glob("work/*/hang")
    waiting, hanging = ((folder / f"rank_{i}.txt").read_text(encoding="utf-8") for i in (0, 1))
    source = Path(stuck.__file__).read_text(encoding="utf-8").split("\n")
    (line,) = [number for number, text in enumerate(source, 1) if "# for ever" in text]
    assert f'stuck.py", line {line} in __getitem__' in hanging
    assert "stuck.py" not in waiting and "train.py" in waiting
    for rank, stacks in enumerate((waiting, hanging)):
        assert stacks.startswith(f"rank {rank} of 2, ")
        assert "last collective: " in stacks and " of its group" in stacks
    summary = (folder / "README.txt").read_text(encoding="utf-8")
    assert summary.startswith("rank 1 hangs: train, iteration 2, has stood still for ")
    assert "rank 0: train, iteration 2, " in summary
    assert "rank 1 hangs: train, iteration 2" in done.stdout + done.stderr
