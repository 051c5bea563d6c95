"""The judge of hostile inputs: runs each in a process of its own, and tells what it tried to do.

Started as a program, it imports what the cases need, and answers one line of JSON for each line
it reads. Every case runs in a fork with little memory and little time, under an audit hook that
Python itself calls before it opens, imports, compiles or runs anything.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SECONDS = 5  # of processor time
MEMORY = 500 * 2**20
_HANG_S = 60
_LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    | {each for each in sys.path if each.endswith("-packages")}
    | {str(FOLDER.parents[2] / "packages"), sys.base_prefix}
)
# What this project and its libraries import when they come to need it; inputs name none of them.
_OURS = frozenset(
    """
    _bisect _blake2 _bz2 _compat_pickle _compression _csv _datetime _hashlib _heapq _lzma _opcode
    _pickle _posixsubprocess _random _sha2 _sha512 _socket _strptime _struct argparse array ast
    base64 binascii bisect bz2 calendar click cmath collections contextlib copy csv dataclasses
    datetime difflib dis email encodings engine_checkpoint engine_config engine_dataset engine_dist
    engine_evaluator engine_fileio engine_logging engine_model engine_optim
    engine_registry engine_runner engine_structures engine_visual enum fnmatch functools gettext
    glob hashlib heapq hmac importlib inspect ipaddress itertools json linecache locale logging
    lzma math mimetypes numbers numpy opcode operator pathlib pickle platform posixpath quopri
    random re rich safetensors secrets select selectors shutil socket string struct tempfile
    textwrap threading token tokenize torch traceback types typing unicodedata urllib uuid
    warnings yaml zipfile zlib
    """.split()  # noqa: SIM905 - too many for a list
)
_FORBIDDEN = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork",
              "pty.", "socket.", "ctypes.", "urllib.", "os.remove", "os.rename", "os.rmdir",
              "os.kill", "os.chmod", "os.symlink", "os.link", "shutil.", "webbrowser.",
              "code.", "ftplib.", "http.", "smtplib.", "sqlite3.", "tempfile.")  # fmt: skip


class Watch:
    """Takes down what a case tried that it may not.

    Args:
        folders: what it may read besides Python and this project.
        names: modules that the input names.
        follows: links in these folders may lead to other regular files.
    """

    def __init__(self, folders: list[str], names: list[str], *, follows: bool) -> None:
        self.follows = follows
        self.folders = (*map(os.path.realpath, folders), *_LIBRARIES)
        self.names = tuple(names)
        self.seen: list[str] = []
        self.on = False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        self.on = False  # what looking at it does is not the case's doing
        try:
            if self.is_wrong(event, args):
                self.seen.append(f"{event} {args!r:.200}")
        finally:
            self.on = True

    def is_wrong(self, event: str, args: tuple[Any, ...]) -> bool:
        """Whether an event is none that reading a file has."""
        if event == "open":
            return isinstance(args[0], str | bytes) and not self.may_open(os.fsdecode(args[0]))
        if event in ("os.listdir", "os.scandir"):
            return not self.may_open(os.fsdecode(args[0] or "."))
        if event == "import":
            name = str(args[0])
            named = any(name == each or name.startswith(f"{each}.") for each in self.names)
            return named or name.split(".")[0] not in _OURS
        if event == "compile":
            return not _is_parse()
        if event == "exec":
            name = str(getattr(args[0], "co_filename", "<"))
            return not (name.startswith((*_LIBRARIES, "<frozen")) or _is_parse())
        return event.startswith(_FORBIDDEN)

    def may_open(self, path: str) -> bool:
        """Whether a path is of the case, or of Python's own; of some cases a link may lead out."""
        if self.follows and os.path.abspath(path).startswith(self.folders):  # noqa: PTH100 - links stay
            return True
        if path.startswith("/dev/null/"):  # where nothing can be: what Python calls a text there
            return True
        return os.path.realpath(path).startswith(self.folders)


def import_all_of(*packages: str) -> None:
    """Import all modules of ``packages``: it isn't a case's doing to be the first to need one."""
    for name in packages:
        for module in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
            importlib.import_module(module.name)


def _is_parse() -> bool:
    """Whether `compile` was called to make a syntax tree, or by a library for its own use."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None:
        return False
    name = frame.f_code.co_filename
    if name.endswith(f"{os.sep}ast.py") and frame.f_code.co_name == "parse":
        return True
    return name.startswith("<frozen importlib") or name.endswith(
        (f"{os.sep}dataclasses.py", f"collections{os.sep}__init__.py")
    )


def another_round() -> None:
    """Give a case its time anew: what follows is another thing that a user does."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (min(spent + SECONDS, hard), hard))


def judged(case: dict[str, Any], run: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    """Run one case in a fork, and return what became of it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run(case, run, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    _, status, used = os.wait4(child, 0)
    found: dict[str, Any] = json.loads(told) if told else {"answer": "nothing", "seen": []}
    if os.WIFSIGNALED(status):
        found["answer"] = f"died: {signal.Signals(os.WTERMSIG(status)).name}"
    elif os.WEXITSTATUS(status):
        found["answer"] = f"ended by itself: {os.WEXITSTATUS(status)}"
    return found | {"seconds": used.ru_utime + used.ru_stime}


def _run(case: dict[str, Any], run: Callable[[dict[str, Any]], str], writer: int) -> None:
    """What the fork does."""
    watch = Watch(case.get("folders", []), case.get("names", []), follows=bool(case.get("follows")))
    sys.addaudithook(watch)
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    with Path("/proc/self/statm").open(encoding="ascii") as pages:
        own = int(pages.read().split()[0]) * resource.getpagesize()
    memory = MEMORY + (own if case.get("is_large") else 0)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, 4 * SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(_HANG_S)
    os.chdir(case.get("folder", "/"))
    started = time.process_time()
    watch.on = True
    try:
        answer = run(case)
    except Exception as error:
        answer = f"raw {type(error).__name__}: {error!s:.300}"
    watch.on = False
    found = {"answer": answer, "seen": watch.seen, "took": time.process_time() - started}
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(json.dumps(found).encode())
    os._exit(0)


def main() -> None:
    """Answer the cases on the standard input, with the function named on the command line."""
    sys.path.insert(0, str(FOLDER))
    module, _, name = sys.argv[1].partition(":")
    run = getattr(importlib.import_module(module), name)
    import_all_of("engine_config", "engine_registry", "engine_fileio", "engine_logging")
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        answers.write(json.dumps(judged(json.loads(line), run)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
