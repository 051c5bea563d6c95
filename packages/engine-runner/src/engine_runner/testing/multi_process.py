"""A test in several processes."""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
import traceback
import unittest
from collections.abc import Callable
from enum import Enum
from functools import wraps
from multiprocessing.connection import Connection
from pathlib import Path
from types import MethodType
from typing import Any, ClassVar

__all__ = ["MultiProcessTestCase"]


class MultiProcessTestCase(unittest.TestCase):
    """Runs each of its tests in ``world_size`` processes at once, and fails if one of them fails.

    Call `prepare_subprocess` at the end of ``setUp``. In a test ``self.rank`` tells the processes
    apart, and ``self.file_name`` is a file that they may meet at
    (``init_method=f"file://{self.file_name}"``).

    Attributes:
        rank: number of the process; ``MAIN_PROCESS_RANK`` where the others are waited for.
        start_method: how processes start; by default "fork" where there is one. With "spawn" the
            test's module must be importable.
    """

    MAIN_PROCESS_RANK: ClassVar[int] = -1
    TEST_ERROR_EXIT_CODE: ClassVar[int] = 10
    start_method: ClassVar[str] = "spawn" if sys.platform == "win32" else "fork"

    class Event(Enum):
        """What the main process may ask of another."""

        GET_TRACEBACK = 1

    def __init__(self, method_name: str = "runTest", methodName: str = "runTest") -> None:
        name = method_name if methodName == "runTest" else methodName
        super().__init__(name)
        self.rank = self.MAIN_PROCESS_RANK
        self.file_name = ""
        self.processes: list[Any] = []
        self._pipes: list[Connection] = []
        test = getattr(self, name, None)
        if test is not None:
            setattr(self, name, MethodType(self.join_or_run(test.__func__), self))

    @property
    def world_size(self) -> int:
        """How many processes; override it."""
        return 2

    @property
    def timeout(self) -> int:
        """Seconds after which processes that still run are ended, and the test has failed."""
        return 100

    @property
    def is_master(self) -> bool:
        """Whether this is the first of the processes."""
        return self.rank == 0

    def setUp(self) -> None:
        """Make a file to meet at."""
        super().setUp()
        self.rank = self.MAIN_PROCESS_RANK
        self.processes, self._pipes = [], []
        folder = tempfile.TemporaryDirectory(prefix="engine-test-")
        self.addCleanup(folder.cleanup)
        self.file_name = str(Path(folder.name) / "rendezvous")

    def tearDown(self) -> None:
        """End what is left of the processes."""
        super().tearDown()
        for process in self.processes:
            if process.is_alive():
                process.kill()
                process.join()
        for pipe in self._pipes:
            pipe.close()
        self.processes, self._pipes = [], []

    def join_or_run(self, fn: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return a test that waits for the processes, and in one of them is ``fn``."""

        @wraps(fn)
        def run(case: MultiProcessTestCase) -> None:
            if case.rank == case.MAIN_PROCESS_RANK:
                case._join()
            else:
                fn(case)

        return run

    def prepare_subprocess(self) -> None:
        """Start the processes."""
        self._start_processes(self.start_method)

    def _spawn_processes(self) -> None:
        """Start the processes by "spawn", as tests of MMEngine's do in ``setUp``."""
        self._start_processes("spawn")

    def _start_processes(self, start_method: str) -> None:
        context: Any = multiprocessing.get_context(start_method)
        for rank in range(self.world_size):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_run,
                args=(type(self), self._testMethodName, theirs),
                kwargs={"rank": rank, "file_name": self.file_name},
                name=f"rank {rank}",
            )
            process.start()
            theirs.close()
            self.processes.append(process)
            self._pipes.append(ours)

    def run_test(self, test_name: str, parent_pipe: Any) -> None:
        """Run a test in one of the processes, and tell the main one what went wrong.

        Raises:
            SystemExit: it failed, or was skipped.
        """
        try:
            getattr(self, test_name)()
        except unittest.SkipTest as skip:
            parent_pipe.send(("skipped", str(skip)))
        except Exception:
            parent_pipe.send(("failed", traceback.format_exc()))
            parent_pipe.close()
            sys.exit(self.TEST_ERROR_EXIT_CODE)
        parent_pipe.close()

    def _join(self) -> None:
        """Wait for all, and fail if one has.

        The first failure ends the others, which may wait for the one that failed.
        """
        if not self.processes:
            raise RuntimeError("no processes were started: call self.prepare_subprocess() in setUp")
        deadline = time.monotonic() + self.timeout
        waiting = dict(enumerate(self.processes))
        while waiting:
            left = deadline - time.monotonic()
            sentinels = [process.sentinel for process in waiting.values()]
            if left <= 0 or not multiprocessing.connection.wait(sentinels, left):
                self.fail(f"ranks {[*waiting]} did not end within {self.timeout} s")
            for rank, process in [*waiting.items()]:
                if not process.is_alive():
                    self._check(rank, process)
                    del waiting[rank]

    def _check(self, rank: int, process: Any) -> None:
        process.join()
        kind, text = self._told(rank)
        if kind == "skipped":
            self.skipTest(text)
        if kind == "failed" or process.exitcode != 0:
            why = text or "it ended before it could say why"
            self.fail(f"rank {rank} failed with exit code {process.exitcode}:\n{why}")

    def _told(self, rank: int) -> tuple[str, str]:
        pipe = self._pipes[rank]
        try:
            if pipe.poll():
                kind, text = pipe.recv()
                return str(kind), str(text)
        except (EOFError, OSError):
            pass  # it said nothing
        return "", ""


def _run(
    case: type[MultiProcessTestCase], name: str, pipe: Connection, *, rank: int, file_name: str
) -> None:
    """Run a test as one of the processes; importable, for processes that are spawned."""
    test = case(name)
    test.rank = rank
    test.file_name = file_name
    test.run_test(name, pipe)
