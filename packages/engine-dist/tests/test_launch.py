"""Starting processes, and joining those that others started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import dist_checks
import pytest
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

import engine_dist


@pytest.mark.parametrize("start_method", ["spawn", "fork", "forkserver"])
def test_results_come_back_by_rank(start_method: str) -> None:
    if start_method == "fork" and os.name == "nt":
        pytest.skip("Windows has no fork")
    found = engine_dist.launch(
        dist_checks.rank_and_argument, 2, ("x",), backend="gloo", start_method=start_method
    )
    assert found == [(0, "x"), (1, "x")]


def test_forks_of_a_server_have_the_environment_of_who_launches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server keeps the one that was there when it began."""
    for value in ("first", "second", None):
        if value is None:
            monkeypatch.delenv("ENGINE_TEST_VALUE")
        else:
            monkeypatch.setenv("ENGINE_TEST_VALUE", value)
        found = engine_dist.launch(
            dist_checks.environment, 2, backend="gloo", start_method="forkserver"
        )
        assert found == [("0", value), ("1", value)]


def test_signals_are_answered_as_before() -> None:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    engine_dist.launch(dist_checks.rank_and_argument, 1, ("x",), backend="gloo")
    assert [signal.getsignal(number) for number in numbers] == before


def test_a_failure_in_one_process_ends_all_and_is_shown() -> None:
    with pytest.raises(ChildFailedError, match="the data of rank 1"):
        engine_dist.launch(dist_checks.fail_on_one, 2)


def test_ctrl_c_ends_all_processes() -> None:
    if os.name == "nt":
        pytest.skip("Windows sends Ctrl-C to a console, not to a process")
    command = [sys.executable, dist_checks.__file__, "interrupted"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as program:
        try:
            assert program.stdout is not None
            said = ""
            for line in iter(program.stdout.readline, ""):
                said += line  # torch 2.9 prints in between what gloo connects
                if said.count("up\n") == 2:
                    break
            assert "[Gloo]" in said or said == "up\nup\n"
            program.send_signal(signal.SIGINT)
            rest, _ = program.communicate(timeout=60)  # returns when the last process has ended
        finally:
            program.kill()
    own = [line for line in rest.splitlines() if line and "[Gloo]" not in line]
    assert own == ["interrupted"]


def test_a_free_port_can_be_listened_on() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", engine_dist.free_port()))


def test_mpirun_starts_a_group() -> None:
    mpirun = shutil.which("mpirun")
    if mpirun is None:
        pytest.skip("mpirun is not installed (Debian: openmpi-bin)")
    program = Path(dist_checks.__file__)
    command = [mpirun, "--allow-run-as-root", "--oversubscribe", "-np", "2", sys.executable]
    result = subprocess.run(
        [*command, str(program), "same_after_mpirun"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.stdout.count("met [0, 1]") == 2, result.stderr


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one of \('torch', .*got 'horovod'"):
        engine_dist.init_dist("pytorch", init_backend="horovod")


def test_a_back_end_that_torch_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(engine_dist.LauncherError, match="no MPI back-end"):
        engine_dist.init_dist("pytorch", backend="mpi")


@pytest.mark.parametrize(("world_size", "expected"), [(256, None), (257, "1")])
def test_in_a_large_group_gloo_connects_processes_when_they_talk(
    world_size: int, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        environment.setattr(os, "environ", {**os.environ})  # which init_dist changes
        for name, value in {"RANK": 1, "WORLD_SIZE": world_size, "LOCAL_RANK": 1}.items():
            environment.setitem(os.environ, name, str(value))
        environment.setitem(os.environ, "MASTER_ADDR", "127.0.0.1")
        environment.setitem(os.environ, "MASTER_PORT", str(engine_dist.free_port()))
        environment.delitem(os.environ, "TORCH_GLOO_LAZY_INIT", raising=False)
        with pytest.raises(engine_dist.LauncherError, match="could not meet the others"):
            engine_dist.init_dist("pytorch", backend="gloo", timeout=1)
        assert os.environ.get("TORCH_GLOO_LAZY_INIT") == expected
