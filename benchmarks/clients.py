"""What mmpretrain's training costs on MMEngine and on ours: `hatch run clients:bench`.

The same wheel, configs and pictures; processes of either side in turn, one numeric thread each.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import ONE_THREAD, children_cpu, print_table, seconds
from peer import mmpretrain_python

HERE = Path(__file__).parent
TESTS = HERE.parent / "tests"
PROGRAM = HERE / "trainers/mmpretrain_.py"
# model: iterations of the short and of the long training
ITERATIONS = {"lenet": (50, 1050), "resnet": (5, 45)}
NAMES = {"lenet": "LeNet-5", "resnet": "ResNet_CIFAR-18"}

Figures = dict[str, float]


def start(python: str | Path, *arguments: str | Path) -> str:
    """What ``python`` prints, with torchvision's operators named and our data sets at hand."""
    paths = [TESTS / "examples/cpu_torchvision", TESTS / "clients/library"]
    env = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # or every process would compile again
    command = [str(python), "-W", "ignore", *map(str, arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def iteration(python: str | Path, model: str) -> Figures:
    """Seconds of CPU and of the clock that an iteration takes."""
    short, long = map(str, ITERATIONS[model])
    figures: Figures = json.loads(start(python, PROGRAM, model, short, long).splitlines()[-1])
    return figures


def first_iteration(python: str | Path) -> Figures:
    """Seconds from nothing to the end of `tools/train.py` that trains one batch."""
    place = "import mmpretrain; print(mmpretrain.__path__[0])"
    tool = Path(start(python, "-c", place).split()[-1]) / ".mim/tools/train.py"
    options = ("train_cfg.max_epochs=1", "train_dataloader.dataset.num_images=4")
    with TemporaryDirectory() as folder:
        cpu, clock = children_cpu(), time.perf_counter()
        config = TESTS / "clients/configs/synthetic.py"
        arguments = (config, "--work-dir", folder, "--no-validate")
        start(python, tool, *arguments, "--cfg-options", *options)
        return {"cpu": children_cpu() - cpu, "clock": time.perf_counter() - clock}


def rows(
    name: str, measure: Callable[[str | Path], Figures], peer: Path, repeats: int
) -> list[tuple[str, ...]]:
    """A row for the CPU and one for the clock: medians, and how the ratio spreads."""
    pairs = [(measure(sys.executable), measure(peer)) for _ in range(repeats)]
    table = []
    for kind, label in (("cpu", "CPU"), ("clock", "wall-clock")):
        ours, theirs = ([side[kind] for side in sides] for sides in zip(*pairs, strict=True))
        ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
        medians = (seconds(statistics.median(times)) for times in (ours, theirs))
        shown = (f"{x:.2f}" for x in (statistics.median(ratios), min(ratios), max(ratios)))
        table.append((f"{name}, {label}", *medians, *shown))
    return table


def main() -> None:
    """Parse the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    if find_spec("mmpretrain") is None:
        print("clients: mmpretrain is not installed here; `hatch run clients:bench` measures it")
        return
    peer = mmpretrain_python()
    table = [("", "ours", "MMEngine", "MMEngine/ours", "min", "max")]
    for model, name in NAMES.items():
        case = f"an iteration of {name}"
        table += rows(case, lambda python, model=model: iteration(python, model), peer, repeats)
    table += rows("tools/train.py, one iteration", first_iteration, peer, repeats)
    print_table("mmpretrain 1.2.0", table)


if __name__ == "__main__":
    main()
