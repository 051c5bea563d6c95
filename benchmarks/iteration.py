"""What a trainer costs an iteration, above the plain loop that does the same.

CPU time on one thread, on a model of a few microseconds. Each trainer is measured in turn with
the plain loop in one process, as the slope between a short and a long training, so that starting
up does not count.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measure import Side, print_table
from peer import mmengine_python, trainers_python

HERE = Path(__file__).parent / "trainers"
SHORT, LONG = 500, 4500


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """A trainer: its file, how it is called, and the interpreter that has it."""

    name: str
    file: str
    call: str
    python: Callable[[], str | Path]
    target_us: float | None = None


TRAINERS = (
    Trainer(
        name="Engine, default hooks",
        file="engine",
        call="train({n})",
        python=lambda: sys.executable,
        target_us=30,
    ),
    Trainer(
        name="Engine, hooks off",
        file="engine",
        call="train({n}, hooks=False)",
        python=lambda: sys.executable,
        target_us=8,
    ),
    Trainer(
        name="MMEngine, default hooks", file="engine", call="train({n})", python=mmengine_python
    ),
    Trainer(
        name="MMEngine, hooks off",
        file="engine",
        call="train({n}, hooks=False)",
        python=mmengine_python,
    ),
    Trainer(name="Lightning, default", file="lightning", call="train({n})", python=trainers_python),
    Trainer(
        name="Lightning, bare",
        file="lightning",
        call="train({n}, bare=True)",
        python=trainers_python,
    ),
    Trainer(name="Fabric", file="lightning", call="fabric({n})", python=trainers_python),
    Trainer(name="Accelerate", file="accelerate", call="train({n})", python=trainers_python),
    Trainer(name="Ignite", file="ignite", call="train({n})", python=trainers_python),
)


def slope_us(side: Side, setup: str, call: str) -> float:
    """Microseconds of CPU an iteration."""
    short, long = (side.time(setup, call.format(n=n), 1) for n in (SHORT, LONG))
    return (long - short) / (LONG - SHORT) * 1e6


def measure(trainer: Trainer, repeats: int) -> tuple[list[float], list[float]]:
    """Microseconds an iteration of the plain loop, and what the trainer adds, in each round."""
    setup = "\n".join(
        (HERE / f"{name}.py").read_text(encoding="utf-8") for name in ("plain", trainer.file)
    )
    plains, added = [], []
    with Side(trainer.python(), quiet=True) as side:
        for number in range(repeats + 1):
            plain = slope_us(side, setup, "plain({n})")
            whole = slope_us(side, setup, trainer.call)
            if number:  # the first round warms up
                plains.append(plain)
                added.append(whole - plain)
    return plains, added


def overheads(names: list[str], repeats: int) -> None:
    """Print what each trainer adds."""
    rows = [("us of CPU an iteration", "plain loop", "added", "min", "max", "target")]
    for trainer in TRAINERS:
        if names and not any(name.lower() in trainer.name.lower() for name in names):
            continue
        plains, added = measure(trainer, repeats)
        figures = (statistics.median(plains), statistics.median(added), min(added), max(added))
        target = "" if trainer.target_us is None else f"<= {trainer.target_us:g}"
        rows.append((trainer.name, *(f"{figure:.1f}" for figure in figures), target))
    print_table("The cost of an iteration", rows)


FEATURES = {
    "lines": "a log line every ten, into a file, as JSON and on the terminal: all default hooks",
    "scheduler": "a learning rate that changes in each iteration",
    "clipping": "clipping of the gradients' norm",
    "ema": "an exponential moving average of the weights",
    "accumulation": "a step after every fourth loss",
    "amp": "bfloat16 on the CPU",
}


def features(repeats: int) -> None:
    """Print what each option of a training costs, above a loop by hand that does the same."""
    setup = "\n".join(
        (HERE / f"{name}.py").read_text(encoding="utf-8")
        for name in ("plain", "engine", "features")
    )
    rows = [("us of CPU an iteration", "by hand", "added", "min", "max")]
    with Side(sys.executable, quiet=True) as side:
        for name, what in FEATURES.items():
            hands, added = [], []
            for number in range(repeats + 1):
                hand = slope_us(side, setup, f"BY_HAND[{name!r}]({{n}})")
                whole = slope_us(side, setup, f"BY_RUNNER[{name!r}]({{n}})")
                if number:  # the first round warms up
                    hands.append(hand)
                    added.append(whole - hand)
            figures = (statistics.median(hands), statistics.median(added), min(added), max(added))
            rows.append((what, *(f"{figure:.1f}" for figure in figures)))
    print_table("What options add to a loop by hand that has them, too", rows)


def flatness() -> None:
    """Print what loop and default hooks cost alone: early and late, with few and many groups."""
    setup = "\n".join(
        (HERE / f"{name}.py").read_text(encoding="utf-8") for name in ("plain", "engine", "flat")
    )
    rows = [("us of CPU an iteration, loop and default hooks alone", "added")]
    with Side(sys.executable, quiet=True) as side:
        side.time(setup, "alone(1000)", 1)
        for what, long, groups in (
            ("iterations 1,000 to 10,000", 10_000, 1),
            ("iterations 1,000 to 1,000,000", 1_000_000, 1),
            ("1,000 to 10,000, 10 parameter groups", 10_000, 10),
            ("1,000 to 10,000, 100 parameter groups", 10_000, 100),
        ):
            short = side.time(setup, f"alone(1000, {groups})", 1)
            whole = side.time(setup, f"alone({long}, {groups})", 1)
            rows.append((what, f"{(whole - short) / (long - 1000) * 1e6:.1f}"))
    print_table("Flat in the length of a training", rows)


def sizes() -> None:
    """Print how large a checkpoint is early and late."""
    script = "\n".join(
        (HERE / f"{name}.py").read_text(encoding="utf-8") for name in ("plain", "engine", "flat")
    )
    script += "\nimport sys\nprint(alone(1_000), alone(100_000), file=sys.stderr)\n"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    small, large = run.stderr.split()[-2:]
    rows = [("bytes of a checkpoint", ""), ("after 1,000 iterations", small)]
    print_table("Checkpoints don't grow", [*rows, ("after 100,000 iterations", large)])


def main() -> None:
    """Parse the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help='part of a name, or "options"')
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    if args.names != ["options"]:
        overheads(args.names, args.repeats)
    if not args.names or "options" in args.names:
        features(args.repeats)
    if not args.names:
        flatness()
        sizes()


if __name__ == "__main__":
    main()
