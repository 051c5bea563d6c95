"""Runs programs on whichever ``mmengine`` is found, and tells what each of their statements gives.

``python worker.py`` reads one JSON text a line from its input, ``{"program": ..., "fork": ...}``,
and writes for each a line with a list: the value of every expression statement and the class of
every error. It stays alive: importing costs seconds, a program milliseconds.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")  # MMEngine 0.10.7 can't do without
sys.modules.setdefault("torchvision", None)  # type: ignore[arg-type]  # as if it weren't there

SECONDS = 30  # that one program may take


class Late(BaseException):
    """A program takes too long: MMEngine looks for another sample without an end."""


def late(*_: Any) -> None:
    """End a program."""
    raise Late


def write(name: str, text: str) -> None:
    """Make a file of a program."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def plain(value: Any) -> Any:
    """Return a value with the keys of its dicts in order: files have them in one or another."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value, key=repr)}
    return type(value)(map(plain, value)) if type(value) in (list, tuple) else value


def run(program: str) -> list[Any]:
    """Return what the statements of a program give, in a folder of its own."""
    from canonical import canonical, error_of

    given: list[Any] = []
    names: dict[str, Any] = {"__name__": "program", "write": write, "plain": plain}
    folder = tempfile.mkdtemp()
    before = Path.cwd()
    os.chdir(folder)
    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        for statement in ast.parse(program).body:
            try:
                if isinstance(statement, ast.Expr):
                    code = compile(ast.Expression(statement.value), "<program>", "eval")
                    value = canonical(eval(code, names))
                    if value is not None:
                        given.append([statement.lineno, value])
                else:
                    exec(compile(ast.Module([statement], []), "<program>", "exec"), names)
            except (Exception, SystemExit) as error:
                if "ORACLE_TRACE" in os.environ:
                    traceback.print_exc()
                given.append([statement.lineno, error_of(error)])
    except Late as error:
        given.append([10**6, error_of(error)])
    finally:
        signal.alarm(0)
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)
    return given


def answer(program: str) -> str:
    """Return what a program gives, as JSON; what it prints is nobody's."""
    quiet = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(quiet):
        warnings.simplefilter("ignore")
        return json.dumps(run(program))


def forked(program: str) -> str:
    """Return what a program gives in a process of its own, which leaves nothing behind here."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(reading)
            before = set(sys.modules)
            given = answer(program)
            with os.fdopen(writing, "w") as pipe:
                pipe.write(json.dumps([given, sorted(set(sys.modules) - before)]))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if not text:
        return json.dumps([[0, ["ended", status]]])
    given, modules = json.loads(text)
    for name in modules:  # which the next program finds imported
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    return str(given)


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a program prints
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch

        import mmengine.runner
        import mmengine.visualization  # noqa: F401 - children find it imported
    torch.set_num_threads(1)
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write((forked if asked["fork"] else answer)(asked["program"]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
