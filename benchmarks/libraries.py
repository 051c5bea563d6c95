"""What trainings of OpenMMLab's libraries cost on MMEngine and on ours, and what they import.

`hatch run clients:bench-libraries` measures each config that the clients' tests train, or those
that are named: CPU seconds, one numeric thread, processes of either side in turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import children_cpu, print_table, seconds

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests/clients/library"))

if find_spec("cv2") is None:
    print("libraries: OpenCV is not here; `hatch run clients:bench-libraries` measures them")
    sys.exit()

from trainings import (  # noqa: E402 - of the tests
    CONFIGS,
    GROUPS,
    MMENGINE,
    TRAININGS,
    Side,
    Training,
    installed,
    lines,
)

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or every process would compile again
HEAD = ("", "ours", "MMEngine", "MMEngine/ours", "min", "max")


def imports(repeats: int) -> list[tuple[str, ...]]:
    """Rows for what a training imports, as modules and by name, in processes of its own."""
    modules = ("config", "dataset", "evaluator", "hooks", "model", "optim", "runner")
    names = ("Config", "BaseDataset", "BaseMetric", "Hook", "BaseModel", "OptimWrapper", "Runner")
    by_name = [f"from mmengine.{m} import {n}" for m, n in zip(modules, names, strict=True)]
    statements = {
        "the seven modules": "import " + ", ".join(f"mmengine.{each}" for each in modules),
        "a class of each": "; ".join(by_name),
    }
    ours, theirs = sides()
    table = []
    for what, statement in statements.items():
        code = f"import time, torch; t = time.process_time(); {statement}; " + (
            "print(time.process_time() - t)"
        )
        costs = [
            [float(side.python("-c", code, folder=HERE).split()[-1]) for side in (ours, theirs)]
            for _ in range(repeats + 1)
        ]
        table.append(row(f"{what}, after torch", costs[1:]))  # the first ones compile
    return table


def sides(group: str = "") -> tuple[Side, Side]:
    """The two mmengines, with the libraries of a group."""
    home = Path(sys.prefix, "clients")
    home.mkdir(exist_ok=True)
    library = (installed(home / group, GROUPS[group]),) if group else ()
    return Side(library), Side((installed(home / "mmengine", (MMENGINE,)), *library), True)


def row(name: str, pairs: list[list[float]]) -> tuple[str, ...]:
    """Medians of either side, and how the ratio spreads."""
    ratios = [theirs / ours for ours, theirs in pairs]
    medians = (seconds(statistics.median(side)) for side in zip(*pairs, strict=True))
    shown = (f"{x:.2f}" for x in (statistics.median(ratios), min(ratios), max(ratios)))
    return (name, *medians, *shown)


def training(case: Training, repeats: int) -> list[tuple[str, ...]]:
    """Rows for a config: CPU to the end of a short training, and of a further iteration."""
    starts, iterations = [], []
    with TemporaryDirectory() as name:
        folder = Path(name)
        case.data(folder)
        for _ in range(repeats):
            found = [start_and_iteration(side, case, folder) for side in sides(case.group)]
            starts.append([each[0] for each in found])
            iterations.append([each[1] for each in found])
    return [row(f"{case.config}, start", starts), row(f"{case.config}, iteration", iterations)]


def start_and_iteration(side: Side, case: Training, folder: Path) -> tuple[float, float]:
    """CPU seconds of a short training, and the slope from there to a longer one."""
    unit, lengths = ("max_iters", (2, 22)) if "iter" in case.checkpoint else ("max_epochs", (1, 5))
    found = []
    for length in lengths:
        options = (f"train_cfg.{unit}={length}", "train_cfg.val_interval=1000")
        options = (*options, "default_hooks.checkpoint.interval=1000")
        config = CONFIGS / f"{case.config}.py"
        before = children_cpu()
        arguments = (config, "--work-dir", folder / "work", "--cfg-options", *options)
        said = side.tool(case, "train", *arguments, folder=folder)
        found.append((children_cpu() - before, sum("(train)" in line for line in lines(said))))
    (short, few), (long, many) = found
    return short, (long - short) / (many - few)


def main() -> None:
    """Parse the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("configs", nargs="*", help="'imports', or a config; all without")
    given = parser.parse_args()
    if "imports" in given.configs or not given.configs:
        print_table("CPU seconds of imports", [HEAD, *imports(3 * given.repeats)])
    for case in TRAININGS:
        if case.config in given.configs or not given.configs:
            print_table(case.config, [HEAD, *training(case, given.repeats)])


if __name__ == "__main__":
    main()
