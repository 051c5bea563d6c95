"""How soon it starts: packages, commands, and a training up to its first step.

CPU seconds of whole processes, in turns with what they are measured above: a bare interpreter, or
a script by hand that trains the same network. The long config is one of 300 lines in five files.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import ONE_THREAD, children_cpu, print_table

HERE = Path(__file__).parent / "start_up"
DIGITS = HERE.parent.parent / "examples/digits/config.py"
COMMANDS = (
    *(("--help",), ("--version",), ("job", "--help"), ("migrate", "--help")),
    *(("env", "--short"), ("config", "show", "{config}")),
)

STAGE = """        dict(
            type="Stage",
            in_channels=8,
            out_channels=8,
            eps=1e-5,
        ),
"""
LOADER = """train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
    dataset=dict(type="BuiltRows", size=64, pipeline=pipeline),
)
"""
CONFIG = {
    "model.py": 'model = dict(\n    type="Stages",\n    stages=[\n' + STAGE * 40 + "    ],\n)\n",
    "data.py": "pipeline = [\n" + '    dict(type="Scale", factor=1.0),\n' * 20 + "]\n" + LOADER,
    "schedule.py": """optim_wrapper = dict(
    optimizer=dict(type="AdamW", lr=1e-3),
    clip_grad=dict(max_norm=1.0),
)
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type="LinearLR", start_factor=0.001, by_epoch=False, begin=0, end=20),
    dict(type="MultiStepLR", milestones=[8, 11], gamma=0.1),
]
""",
    "runtime.py": """default_hooks = dict(
    timer=dict(type="IterTimerHook"),
    logger=dict(type="LoggerHook", interval=50),
    param_scheduler=dict(type="ParamSchedulerHook"),
    checkpoint=dict(type="CheckpointHook", interval=1, max_keep_ckpts=3),
    sampler_seed=dict(type="DistSamplerSeedHook"),
)
log_level = "INFO"
randomness = dict(seed=0)
""",
    "config.py": """_base_ = ["model.py", "data.py", "schedule.py", "runtime.py"]
custom_imports = dict(imports=["registered"])
optim_wrapper = dict(optimizer=dict(weight_decay=0.05))
train_cfg = dict(max_epochs=24)
""",
}
LINES = sum(text.count("\n") for text in CONFIG.values())


def cpu(*command: str | Path, cwd: str | Path | None = None) -> float:
    """CPU seconds of a process, or what it says of itself on its last line of errors."""
    env = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # or every process would compile again
    before = children_cpu()
    run = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, env=env, cwd=cwd
    )
    if run.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{run.stderr[-2000:]}")
    whole = children_cpu() - before
    said = run.stderr.strip().splitlines()[-1:]
    try:
        return float(said[0])
    except (IndexError, ValueError):
        return whole


def paired(
    ours: tuple[str | Path, ...], by_hand: tuple[str | Path, ...], repeats: int
) -> tuple[float, float, float, float]:
    """Seconds by hand, and what ours adds: median, least and most of the pairs."""
    with tempfile.TemporaryDirectory() as folder:
        cpu(*ours, cwd=folder)  # the first one compiles
        pairs = [(cpu(*by_hand, cwd=folder), cpu(*ours, cwd=folder)) for _ in range(repeats)]
    added = [mine - plain for plain, mine in pairs]
    plain = statistics.median(each for each, _ in pairs)
    return plain, statistics.median(added), min(added), max(added)


def commands(config: Path, repeats: int) -> None:
    """Print what commands take above a bare interpreter."""
    rows = [("ms of CPU above a bare interpreter", "added", "min", "max")]
    for command in COMMANDS:
        arguments = [each.format(config=config) for each in command]
        _, *added = paired(("-m", "engine_runner", *arguments), ("-c", "pass"), repeats)
        rows.append((f"engine {' '.join(command)}", *(f"{each * 1e3:.0f}" for each in added)))
    print_table("Commands", rows)


def first_steps(config: Path, repeats: int) -> None:
    """Print what a training takes to its first step above a script."""
    program = HERE / "first_step.py"
    rows = [("seconds of CPU to the first step", "by hand", "added", "min", "max")]
    for name, path, script in (
        ("examples/digits", DIGITS, "digits_by_hand"),
        (f"a config of {LINES} lines", config, "by_hand"),
    ):
        figures = paired((program, "train", path), (program, script), repeats)
        rows.append((name, *(f"{each:.2f}" for each in figures)))
    print_table("engine train", rows)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in CONFIG.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        config = Path(folder, "config.py")
        first_steps(config, args.repeats)
        commands(config, args.repeats)


if __name__ == "__main__":
    main()
