"""Both sides of a comparison: a process with MMEngine, and one with ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

WORKER = Path(__file__).with_name("worker.py")


# MMEngine keeps names in sets: in the same order each time
_FIXED = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "PYTHONHASHSEED": "0"}
_FLOAT32 = 3e-6  # of a number, or of 1
_LATE = 10**6  # the number of the line that tells that a program took too long


class Side:
    """A process that runs programs on one ``mmengine``.

    Args:
        python: the interpreter.
        environment: its variables.
    """

    def __init__(self, python: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [python, "-W", "ignore", str(WORKER)],
            env={**environment, **_FIXED},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if "ORACLE_TRACE" in os.environ else subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C ends a search, which ends its sides
        )

    def ask(self, program: str, *, fork: bool) -> None:
        """Begin with a program."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"program": program, "fork": fork}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> list[Any]:
        """Return what it gives: the line and the value of each statement that gives one."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process has ended with {self._process.wait()}")
        found: list[Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.kill()  # taking a large interpreter down takes seconds
        self._process.wait()
        self._process.stdout.close()


class Difference(NamedTuple):
    """A statement of a program that gives two things."""

    program: str
    line: str
    theirs: str
    ours: str

    def __str__(self) -> str:
        begin = max(len(os.path.commonprefix([self.theirs, self.ours])) - 200, 0)
        gives, here = (text[begin : begin + 1000] for text in (self.theirs, self.ours))
        return f"\n{self.program}\n\n    {self.line}\ngives  {gives}\nhere   {here}"


class Pair:
    """Runs a program on both sides.

    Args:
        theirs: the side with MMEngine.
        ours: the other one.
    """

    def __init__(self, theirs: Side, ours: Side) -> None:
        self._sides = theirs, ours
        self.programs = 0

    @classmethod
    @contextmanager
    def started(cls, python: str, environment: dict[str, str]) -> Iterator[Pair]:
        """Both sides, alive until the block ends; what is given is MMEngine's."""
        theirs, ours = Side(python, environment), Side(sys.executable, dict(os.environ))
        try:
            yield cls(theirs, ours)
        finally:
            theirs.close()
            ours.close()

    def differences(self, program: str, *, fork: bool) -> Iterator[Difference]:
        """Yield what differs, statement by statement.

        Args:
            program: Python statements; the values of expressions among them are compared.
            fork: run it in a process of its own on either side.
        """
        self.programs += 1
        theirs, ours = self._answers(program, fork=fork)
        if any(_LATE in each for each in (theirs, ours)):  # or the machine was busy
            theirs, ours = self._answers(program, fork=fork)
        lines = ["the process ended", *program.split("\n")]
        for number in sorted({*theirs, *ours}):
            if _LATE in theirs and (number == _LATE or number not in theirs):
                return  # it never came that far
            left, right = (each.get(number, ["nothing"]) for each in (theirs, ours))
            if not same(left, right):
                if is_error(left) and not is_meaningful(left):
                    return  # what is refused there may be taken here
                shown = lines[number] if number < len(lines) else ""
                yield Difference(program, shown, json.dumps(left), json.dumps(right))

    def _answers(self, program: str, *, fork: bool) -> tuple[dict[int, Any], dict[int, Any]]:
        for side in self._sides:
            side.ask(program, fork=fork)
        theirs, ours = self._sides
        return dict(theirs.answer()), dict(ours.answer())


MEANINGFUL = {
    "ImportError",
    "IndexError",
    "KeyError",
    "NotImplementedError",
    "OSError",
    "RuntimeError",
}


def is_error(outcome: Any) -> bool:
    """Whether a statement has failed."""
    return isinstance(outcome, list) and outcome[:1] == ["error"]


def is_meaningful(outcome: Any) -> bool:
    """Whether somebody may wait for an error by its class."""
    return bool(MEANINGFUL.intersection(outcome)) and "RecursionError" not in outcome


def alike(theirs: Any, ours: Any, slack: float = 0.0) -> bool:
    """Whether values are equal; sums of float32 differ by the order in which they are made."""
    if theirs == ours:
        return True
    if not (isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours)):
        numbers = isinstance(theirs, float | int) and isinstance(ours, float | int)
        return bool(numbers and slack and abs(theirs - ours) <= slack * max(1.0, abs(theirs)))
    if "torch.float32" in theirs[1:2]:
        slack = _FLOAT32
    return all(alike(left, right, slack) for left, right in zip(theirs, ours, strict=True))


def same(theirs: Any, ours: Any) -> bool:
    """Whether two outcomes mean the same: an error of ours may be more precise."""
    if not is_error(theirs) or not is_error(ours):
        return alike(theirs, ours)
    return not is_meaningful(theirs) or theirs[1] in ours
