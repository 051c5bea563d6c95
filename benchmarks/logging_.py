"""Scalars and their history, ours against MMEngine's; tensors are on the CPU."""

from __future__ import annotations

import argparse
import subprocess
import sys

from measure import Case, compare, import_cpu, print_table, seconds
from peer import mmengine_python

OURS = "from engine_logging import HistoryBuffer, MessageHub, MMLogger\n"
THEIRS = "from mmengine.logging import HistoryBuffer, MessageHub, MMLogger\n"
FILLED = """
import numpy as np
buffer = HistoryBuffer(np.zeros({length}), np.ones({length}, dtype=int), max_length=2_000_000)
"""
HUB = """
import torch
hub = MessageHub.get_instance("bench")
keys = [f"loss_{number}" for number in range(20)]
loss = (torch.ones(3, requires_grad=True) * 0.5).sum()
"""
# MMEngine's grows with every call, and so does its time: a new hub for each round.
ROUND = "MessageHub._instance_dict.clear()\nhub = MessageHub.get_instance('bench')\n"
STATE = """
import pickle
hub = MessageHub.get_instance("state")
for number in range(20000):
    hub.update_scalar("loss", 0.5)
"""
SILENT = """
logger = MMLogger.get_instance("bench", log_level="ERROR")
logger.setLevel("ERROR")
"""


def case(
    name: str, statement: str, more: str, target: float | None = None, number: int | None = None
) -> Case:
    """The same statement on both sides."""
    ours, theirs = (OURS + more, statement), (THEIRS + more, statement)
    return Case(name=name, ours=ours, theirs=theirs, target=target, number=number)


CASES = [
    *(
        case(
            f"HistoryBuffer.update at length {length:,}",
            "buffer.update(0.5)",
            FILLED.format(length=length),
            200 if length == 1_000_000 else None,
            number=100,
        )
        for length in (1_000, 100_000, 1_000_000)
    ),
    case(
        "20 MessageHub.update_scalar with tensors, new hub",
        ROUND + "for key in keys: hub.update_scalar(key, loss)",
        HUB,
    ),
    case(
        "20 MessageHub.update_scalar with tensors",
        "for key in keys: hub.update_scalar(key, loss)",
        HUB,
        5,
        number=100,
    ),
    case(
        "mean of the latest 10 at length 1,000,000",
        "buffer.mean(10)",
        FILLED.format(length=1_000_000),
    ),
    case("max of the latest 10", "buffer.max(10)", FILLED.format(length=1_000)),
    case("mean of all at length 1,000,000", "buffer.mean()", FILLED.format(length=1_000_000)),
    case("state_dict after 20,000 updates", "hub.state_dict()", STATE, number=20),
    case("a message below the level", "logger.info('x')", SILENT),
]


def sizes() -> None:
    """Print how many bytes a hub's pickled state has after so many updates of one scalar."""
    rows = [("updates", "ours", "theirs")]
    code = (
        "import pickle\nhub = MessageHub.get_instance('s')\n"
        "for _ in range({n}): hub.update_scalar('loss', 0.5)\n"
        "print(len(pickle.dumps(hub.state_dict())))"
    )
    for number in (1_000, 10_000, 50_000):
        found = [
            last_line(python, names + code.format(n=number))
            for python, names in ((sys.executable, OURS), (str(mmengine_python()), THEIRS))
        ]
        rows.append((f"{number:,}", *(f"{int(each):,} B" for each in found)))
    print_table("Size of a message hub's state", rows)


def last_line(python: str, code: str) -> str:
    """What a fresh interpreter prints last."""
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def imports() -> None:
    """Print the CPU time of an import over numpy's."""
    ours = import_cpu(sys.executable, "import engine_logging", "import numpy")
    theirs = import_cpu(mmengine_python(), "import mmengine.logging", "import numpy")
    print_table(
        "Import over numpy (CPU)",
        [
            ("", "ours", "theirs", "theirs/ours", "target"),
            ("import", seconds(ours), seconds(theirs), f"{theirs / ours:.0f}", "ours <= 60 ms"),
        ],
    )


def main() -> None:
    """Print the three tables."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    compare("Logging", CASES, peer=mmengine_python())
    sizes()
    imports()


if __name__ == "__main__":
    main()
