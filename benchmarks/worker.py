"""A process that times statements for `measure.Side`; runs in any interpreter, needs nothing.

One JSON object a line in: ``{"setup", "statement", "number"}``; one a line out: ``{"seconds"}``
of CPU for one execution of the statement, or ``{"error"}``. A setup runs once; its names are
kept for later requests with the same setup.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import traceback

WARM_UP_S = 0.02


def time_once(run, number: int) -> float:
    """CPU seconds of ``number`` executions, with the garbage collector off."""
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        run(number)
        return time.process_time() - start
    finally:
        gc.enable()


def enough(run) -> int:
    """How many executions take at least ``WARM_UP_S`` of CPU."""
    number = 1
    while time_once(run, number) < WARM_UP_S:
        number *= 2
    return number


def compile_statement(setup: str, statement: str):
    """Return a function that runs ``statement`` n times among the names that ``setup`` made."""
    names: dict[str, object] = {}
    exec(compile(setup, "<setup>", "exec"), names)
    body = "\n".join("        " + line for line in statement.splitlines())
    source = f"def run(n):\n    for _ in range(n):\n{body}\n"
    exec(compile(source, "<statement>", "exec"), names)
    return names["run"]


def main() -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a statement prints must not mix with the answers
    known = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = request["setup"], request["statement"]
        try:
            if key not in known:
                run = compile_statement(*key)
                known[key] = run, request["number"] or enough(run)
            run, number = known[key]
            answer = {"seconds": time_once(run, number) / number}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
