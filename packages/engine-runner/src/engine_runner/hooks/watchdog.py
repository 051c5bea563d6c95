"""Watchdog: a thread that ends a job whose training stands still."""

from __future__ import annotations

import faulthandler
import json
import os
import platform
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from logging import Logger
from multiprocessing import active_children
from pathlib import Path
from typing import Any, Final

from engine_dist.collective_watch import standing
from engine_runner.hooks.exit_codes import STOOD_STILL
from engine_runner.hooks.hang_diagnosis import Report, diagnose

__all__ = ["Pulse", "Watchdog"]

_GRACE_S: Final = 5.0  # how long the others are waited for, beside their own intervals
_LOGGING_S: Final = 2.0  # the training may hang with the lock of the log
_POLL_S: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """What a training shows of itself.

    Attributes:
        beats: grows as long as it goes on.
        stage: what it does.
        iteration: batches that were trained on.
        limit_s: how long it may stand still now.
    """

    beats: int
    stage: str
    iteration: int
    limit_s: float


class Watchdog(threading.Thread):
    """Ends the job, on all ranks, when this process or another has stood still for too long.

    Each process judges itself, and tells all others through the store. All write their stacks into
    ``rank_N.txt``, wait for each other's reports, and leave with `STOOD_STILL`.

    Args:
        pulse: the pulse of this process.
        store: one of torch.distributed, that all ranks see.
        prefix: of the keys there, which this job has for itself.
        folder: where the stacks go; it is made, and removed by `close` if nothing has happened.
        lock_s: how long this thread may find the interpreter locked; C code does the rest then.
        rank: of this process.
        world_size: how many there are.
        interval_s: between two looks.
        logger: told which rank it was.
    """

    def __init__(
        self,
        pulse: Callable[[], Pulse],
        store: Any,  # c10d's stores have no common type that says what they can do
        prefix: str,
        *,
        folder: Path,
        lock_s: float,
        rank: int,
        world_size: int,
        interval_s: float,
        logger: Logger,
    ) -> None:
        super().__init__(name="engine-hang-doctor", daemon=True)
        self._pulse = pulse
        self._store = store
        self._prefix = prefix
        self._folder = folder
        self._rank, self._world_size = rank, world_size
        self._lock_s, self._interval_s = lock_s, interval_s
        self._logger = logger
        self._end = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"rank_{rank}.txt"
        self._file = self._path.open("w", encoding="utf-8")

    def run(self) -> None:
        """Look, again and again."""
        seen, since = (-1, -1), time.monotonic()
        self._arm()
        while not self._end.wait(self._interval_s):
            self._arm()
            pulse, now = self._pulse(), time.monotonic()
            count = (pulse.beats, standing().number)
            if count != seen:
                seen, since = count, now
            has_hung = now - since >= pulse.limit_s
            if has_hung:
                self._tell("hang", str(self._rank))
            if has_hung or self._was_told("hang"):
                self._end_job(now - since)

    def _arm(self) -> None:
        faulthandler.dump_traceback_later(self._lock_s, file=self._file, exit=True)

    def close(self, error: BaseException | None = None) -> None:
        """Stop looking; the others are told if it is because of ``error``."""
        self._end.set()
        if self.is_alive():
            self.join(_GRACE_S)
        faulthandler.cancel_dump_traceback_later()
        if error is not None:
            self._tell(f"left/{self._rank}", type(error).__name__)
            self._count("answered")
        self._file.close()
        with suppress(OSError):  # what another rank has written stays, and so does its folder
            self._path.unlink()
            self._folder.rmdir()

    def _end_job(self, still_s: float) -> None:
        faulthandler.cancel_dump_traceback_later()
        try:
            report = self._write_stacks(still_s)
            self._tell(f"report/{self._rank}", json.dumps(asdict(report)))
            self._count("answered")
            self._wait_for(lambda: self._count("answered", 0) >= self._world_size)
            if self._is_first():
                reports = {**self._reports(), self._rank: report}
                self._conclude(reports)
                self._tell("done", "")
                # It may be this process that keeps the store: the others leave first.
                self._wait_for(lambda: self._count("bye", 0) >= len(reports) - 1)
            else:
                self._wait_for(lambda: self._was_told("done"))
                self._count("bye")
            for worker in active_children():  # of the loaders: they may hang as well
                worker.kill()
        finally:
            os._exit(STOOD_STILL)

    def _write_stacks(self, still_s: float) -> Report:
        pulse, calls = self._pulse(), standing()
        report = Report(
            beats=pulse.beats,
            num_collectives=calls.number,
            still_s=round(still_s, 3),
            stage=pulse.stage,
            iteration=pulse.iteration,
            collective=calls.last,
            is_waiting=calls.is_inside,
        )
        head = f"rank {self._rank} of {self._world_size}, {platform.node()}, process {os.getpid()}"
        self._file.write(f"{head}\n{report}\n\n")
        self._file.flush()
        faulthandler.dump_traceback(self._file, all_threads=True)
        os.fsync(self._file.fileno())
        return report

    def _is_first(self) -> bool:
        """Whether no rank before this one has answered: the first one asks all, and concludes."""
        return not any(self._was_told(f"report/{rank}") for rank in range(self._rank))

    def _reports(self) -> dict[int, Report]:
        """The reports of all ranks, as far as they came in time."""
        told = {rank: self._told(f"report/{rank}") for rank in range(self._world_size)}
        return {rank: Report(**json.loads(text)) for rank, text in told.items() if text}

    def _conclude(self, reports: dict[int, Report]) -> None:
        """Say which rank it was: in the folder, and in the log."""
        ranks = range(self._world_size)
        left = {rank: text for rank in ranks if (text := self._told(f"left/{rank}"))}
        found = diagnose(reports, left, self._world_size)
        lines = [found, "", *(f"rank {rank}: {report}" for rank, report in reports.items())]
        lines += ["", "Every rank's Python stacks are in rank_N.txt."]
        with (
            suppress(FileExistsError),  # by a rank that knew more: the store is gone since
            (self._folder / "README.txt").open("x", encoding="utf-8") as file,
        ):
            file.write("\n".join(lines) + "\n")
        saying = threading.Thread(target=self._say, args=(found,), daemon=True)
        saying.start()
        saying.join(_LOGGING_S)

    def _say(self, found: str) -> None:
        self._logger.error(
            "%s. The job ends with exit code %d; the stacks of all ranks are in %s",
            *(found, STOOD_STILL, self._folder),
        )

    def _wait_for(self, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _GRACE_S + 2 * self._interval_s
        while not is_done() and time.monotonic() < deadline:
            time.sleep(_POLL_S)

    # The process that keeps the store may be gone: each is on its own then.

    def _tell(self, key: str, text: str) -> None:
        with suppress(RuntimeError):
            self._store.set(f"{self._prefix}/{key}", text)

    def _count(self, key: str, more: int = 1) -> int:
        """Count under a key, of which all ranks ask one number and not a key of each rank."""
        with suppress(RuntimeError):
            return int(self._store.add(f"{self._prefix}/{key}", more))
        return 0

    def _was_told(self, key: str) -> bool:
        with suppress(RuntimeError):
            return bool(self._store.check([f"{self._prefix}/{key}"]))
        return False

    def _told(self, key: str) -> str:
        with suppress(RuntimeError):
            if self._was_told(key):
                return str(self._store.get(f"{self._prefix}/{key}").decode())
        return ""
