"""What trainings of OpenMMLab's libraries cost on MMEngine and on ours, and what they import.

`hatch run clients:bench-libraries` measures each config that the clients' tests train, or those
that are named: CPU seconds, one numeric thread. Short trainings of either side run in turn; what an
iteration costs is told by two long ones that take turns of ten iterations, so that what else the
machine does falls on both alike. Repeats are best even: who is started first has other memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
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
)

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or every process would compile again
IN_TURN = HERE / "trainers/in_turn.py"
MARK, ITERATIONS = "CPU seconds of a turn:", 10  # as there
NEVER = 100_000
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


def iterations(case: Training, repeats: int, turns: int) -> tuple[str, ...]:
    """A row for what an iteration costs, of so many pairs of trainings."""
    pairs = []
    with TemporaryDirectory() as name:
        case.data(Path(name))
        for number in range(repeats):
            work_dir, swapped = Path(name, str(number)), bool(number % 2)
            pairs += in_turn(sides(case.group), case, work_dir, turns=turns, swapped=swapped)
    return row(f"{case.config}, iteration", pairs)


def starts(case: Training, repeats: int) -> tuple[str, ...]:
    """A row for what a short training costs, from nothing to its end."""
    with TemporaryDirectory() as name:
        case.data(Path(name))
        pairs = [
            [start(side, case, Path(name)) for side in sides(case.group)]
            for _ in range(repeats + 1)
        ]
    return row(f"{case.config}, start", pairs[1:])  # the first ones compile


def start(side: Side, case: Training, folder: Path) -> float:
    """CPU seconds of a training of one epoch, or of two iterations."""
    length = {f"train_cfg.{unit(case)}": 2 if unit(case) == "max_iters" else 1}
    before = children_cpu()
    side.tool(case, "train", *arguments(case, folder / "work", length), folder=folder)
    return children_cpu() - before


def unit(case: Training) -> str:
    """What the length of its training counts."""
    return "max_iters" if "iter" in case.checkpoint else "max_epochs"


def arguments(case: Training, work_dir: Path, options: dict[str, object]) -> list[str | Path]:
    """The command line of a training that isn't interrupted by a validation or a checkpoint."""
    rare = {"train_cfg.val_interval": NEVER, "default_hooks.checkpoint.interval": NEVER}
    given = [f"{key}={value}" for key, value in {**rare, **options}.items()]
    return [CONFIGS / f"{case.config}.py", "--work-dir", work_dir, "--cfg-options", *given]


def in_turn(
    both: tuple[Side, Side], case: Training, work_dir: Path, *, turns: int, swapped: bool
) -> list[list[float]]:
    """CPU seconds of an iteration by turns: two trainings, of which one waits for the other.

    Which one is started first makes some percent, by the memory that it gets: ``swapped``.
    """
    work_dir.mkdir()
    options = {
        f"train_cfg.{unit(case)}": NEVER,
        "default_hooks.logger.interval": ITERATIONS,
        # what workers use wouldn't be counted
        "train_dataloader.num_workers": 0,
        "train_dataloader.persistent_workers": False,
    }
    with ExitStack() as stack:
        processes = []
        for number, side in enumerate(both[::-1] if swapped else both):
            words = arguments(case, work_dir / str(number), options)
            command = [sys.executable, "-W", "ignore", IN_TURN, side.tool_file(case, "train")]
            process = subprocess.Popen(
                [*map(str, command), *map(str, words)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=side.environment(),
                cwd=work_dir.parent,
            )
            stack.enter_context(process)  # which closes its input, and so ends it
            turn(process)  # the first one warms up
            processes.append(process)
        found = []
        for number in range(turns):
            order = (0, 1) if number % 2 else (1, 0)
            costs = {side: turn(processes[side], "go") for side in order}
            found.append([costs[int(swapped)], costs[int(not swapped)]])
        return found


def turn(process: subprocess.Popen[str], word: str = "") -> float:
    """Let a training take its turn; the CPU seconds of an iteration of it."""
    assert process.stdin is not None and process.stdout is not None
    if word:
        print(word, file=process.stdin, flush=True)
    said = []
    for line in process.stdout:
        if line.startswith(MARK):
            return float(line.removeprefix(MARK)) / ITERATIONS
        said.append(line)
    raise RuntimeError("".join(said[-60:]) or "it ended without a word")


def main() -> None:
    """Parse the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--turns", type=int, default=8, help="of ten iterations, each repeat")
    parser.add_argument("--no-starts", action="store_true", help="measure iterations alone")
    parser.add_argument("configs", nargs="*", help="'imports', or a config; all without")
    given = parser.parse_args()
    if "imports" in given.configs or not given.configs:
        print_table("CPU seconds of imports", [HEAD, *imports(3 * given.repeats)])
    for case in TRAININGS:
        if case.config in given.configs or not given.configs:
            table = [HEAD, iterations(case, given.repeats, given.turns)]
            if not given.no_starts:
                table.append(starts(case, given.repeats))
            print_table(case.config, table)


if __name__ == "__main__":
    main()
