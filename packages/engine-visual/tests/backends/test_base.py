from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest

from engine_logging import use_ranks
from engine_visual.backends import BaseVisBackend, TrackerError, force_init_env


class Flaky(BaseVisBackend):
    """A back-end as a library writes one for MMEngine."""

    def __init__(self, save_dir: str = "", *, strict: bool = False) -> None:
        super().__init__(save_dir, strict=strict)
        self.attempts = 0
        self.error: BaseException | None = None
        self.start_error: BaseException | None = None
        self.seen: list[str] = []

    def _init_env(self) -> None:
        self.attempts += 1
        if self.start_error is not None:
            raise self.start_error

    @property
    @force_init_env
    def experiment(self) -> Flaky:
        return self

    @force_init_env
    def add_scalar(self, name: str, value: Any, step: int = 0, **kwargs: Any) -> None:
        if self.error is not None:
            raise self.error
        self.seen.append(name)

    @force_init_env
    def add_scalars(
        self, scalar_dict: Any, step: int = 0, file_path: str | None = None, **kwargs: Any
    ) -> None:
        for name, value in scalar_dict.items():
            self.add_scalar(name, value, step)


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)


def test_the_run_is_made_when_it_is_needed() -> None:
    backend = Flaky()
    assert backend.attempts == 0
    backend.add_scalar("loss", 1.0)
    assert backend.experiment is backend
    assert backend.attempts == 1


def test_what_a_back_end_leaves_out_does_nothing() -> None:
    backend = Flaky()
    backend.add_config({})
    backend.add_image("a", None)  # type: ignore[arg-type] # it looks at nothing
    assert backend.attempts == 0


def test_an_error_is_missed_and_the_next_call_tried(caplog: pytest.LogCaptureFixture) -> None:
    backend = Flaky()
    backend.error = ConnectionError("no route to host")
    backend.add_scalar("a", 1)
    backend.add_scalar("b", 1)
    backend.error = None
    backend.add_scalar("c", 1)
    assert backend.seen == ["c"]
    assert len(caplog.records) == 1
    assert "no route to host" in caplog.text
    assert "strict=True" in caplog.text
    assert "Traceback" in caplog.text


def test_closing_says_what_was_missed_once(caplog: pytest.LogCaptureFixture) -> None:
    backend = Flaky()
    backend.error = ConnectionError("no route to host")
    backend.add_scalar("a", 1)
    backend.add_scalars({"a": 1, "b": 2})
    caplog.clear()
    backend.close()
    backend.close()
    (record,) = caplog.records
    assert record.getMessage() == (
        "Flaky missed 2 calls (1 of add_scalar, 1 of add_scalars); "
        "the first error was ConnectionError: no route to host"
    )


def test_a_run_that_does_not_start_is_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    backend = Flaky()
    backend.start_error = TimeoutError("no answer in 90 s")
    backend.add_scalar("a", 1)
    backend.add_scalar("b", 1)
    assert backend.attempts == 1
    assert len(caplog.records) == 1
    with pytest.raises(TrackerError, match="no answer in 90 s"):
        _ = backend.experiment


def test_a_tracker_that_exits_ends_no_training() -> None:
    backend = Flaky()
    backend.error = SystemExit(1)
    backend.add_scalar("a", 1)
    assert backend.misses.counts["add_scalar"] == 1


def test_an_interrupt_passes() -> None:
    backend = Flaky()
    backend.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        backend.add_scalar("a", 1)


def test_strict_raises_what_was_raised() -> None:
    backend = Flaky(strict=True)
    backend.error = ConnectionError("no route to host")
    with pytest.raises(ConnectionError, match="no route"):
        backend.add_scalars({"a": 1})


def test_a_slow_failure_is_followed_by_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    class Slow(Flaky):
        def add_scalar(self, name: str, value: Any, step: int = 0, **kwargs: Any) -> None:
            self.attempts += 1
            now[0] += 2.0
            raise TimeoutError("no answer in 2 s")

    backend = Slow()
    backend.add_scalar("a", 1)  # ends at 102, so the rest lasts until 142
    now[0] = 141.0
    backend.add_scalar("b", 1)
    assert backend.attempts == 1
    now[0] = 142.5
    backend.add_scalar("c", 1)
    assert backend.attempts == 2
    assert backend.misses.counts["add_scalar"] == 3


def test_a_slow_start_is_followed_by_none(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    class SlowToStart(Flaky):
        def _init_env(self) -> None:
            now[0] += 30.0

    backend = SlowToStart()
    backend.error = ValueError("a bad value")
    backend.add_scalar("a", 1)
    backend.error = None
    backend.add_scalar("b", 1)
    assert backend.seen == ["b"]


def test_ranks_may_come_from_a_function() -> None:
    backend = Flaky()
    use_ranks(rank=lambda: 3)
    try:
        backend.add_scalar("a", 1)
        use_ranks(rank=lambda: 0)
        backend.add_scalar("b", 1)
    finally:
        use_ranks()
    assert backend.seen == ["b"]


def test_another_process_makes_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    backend = Flaky()
    assert backend.experiment is backend
    assert backend.attempts == 0


def test_a_library_may_start_without_the_decorator() -> None:
    class Bare(Flaky):
        def add_scalar(self, name: str, value: Any, step: int = 0, **kwargs: Any) -> None:
            raise ValueError(name)

    backend = Bare()
    backend.add_scalar("a", 1)
    assert backend.misses.counts == {"add_scalar": 1}


def test_one_that_defines_no_run_cannot_be_made() -> None:
    class Unfinished(BaseVisBackend):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Unfinished("")  # type: ignore[abstract] # that is what is tested


def test_importing_the_back_ends_imports_no_platform() -> None:
    program = (
        "import sys, engine_visual.backends\n"
        "heavy = {'torch', 'matplotlib', 'tensorboard', 'wandb', 'mlflow', 'clearml', 'neptune',"
        " 'dvclive', 'aim', 'swanlab', 'trackio', 'pandas'}\n"
        "print(*heavy & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "\n"


def test_the_library_logs_and_adds_no_handler() -> None:
    code = "import logging, engine_visual; print(logging.getLogger('engine_visual').handlers)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
