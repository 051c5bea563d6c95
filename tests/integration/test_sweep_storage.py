"""A sweep whose study is in PostgreSQL, with two workers, and the dashboard that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import optuna
import pytest

SWEEPS = Path(__file__).parents[2] / "packages/engine-sweep/tests/library"
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # Debian's place, not on PATH
pytestmark = pytest.mark.skipif(
    not BINARIES and shutil.which("initdb") is None,
    reason="needs a PostgreSQL server: apt-get install postgresql",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[str]:
    """The address of a database on the loopback, by a server that refuses to run as root."""
    pytest.importorskip("psycopg", reason="needs psycopg[binary]")
    found = shutil.which("initdb")
    binaries = Path(found).parent if found else BINARIES[-1]
    user = "postgres" if os.name == "posix" and os.geteuid() == 0 else None
    data, port = tmp_path / "data", free_port()
    data.mkdir()
    for folder in (data, *data.parents) if user else ():
        if folder.is_relative_to(tmp_path.parents[1]):
            folder.chmod(0o711)
    if user:
        shutil.chown(data, user)
    init = [binaries / "initdb", "-D", data, "-U", "sweep", "--auth", "trust", "--no-sync"]
    subprocess.run(init, user=user, check=True, capture_output=True, cwd="/")
    serve = [binaries / "postgres", "-D", data, "-p", str(port), "-k", data, "-c", "fsync=off"]
    with subprocess.Popen(
        serve, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        wait_for_port(port)
        yield f"postgresql+psycopg://sweep@127.0.0.1:{port}/postgres"
        server.send_signal(signal.SIGINT)  # SIGTERM waits for its clients, of which this is one


def wait_for_port(port: int, timeout_s: float = 60) -> None:
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")


def test_two_workers_share_a_study_and_a_dashboard_shows_it(
    postgresql: str, tmp_path: Path
) -> None:
    for path in SWEEPS.glob("*.py"):
        shutil.copy(path, tmp_path)
    options = (
        "--storage",
        postgresql,
        "--study",
        "shared",
        "--work-dir",
        "shared",
        "--trials",
        "4",
    )
    command = [sys.executable, "-m", "engine_runner", "sweep", "slopes_config.py", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    workers = [
        subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [worker.communicate(timeout=300)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    study = optuna.load_study(study_name="shared", storage=postgresql)
    done = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    assert len(done) == len({trial.params["optim_wrapper.optimizer.lr"] for trial in done}) == 4
    assert [each["study_name"] for each in shown_by_dashboard(postgresql)] == ["shared"]


def shown_by_dashboard(storage: str) -> list[dict[str, object]]:
    pytest.importorskip("optuna_dashboard", reason="needs optuna-dashboard")
    port = free_port()
    code = "from optuna_dashboard._cli import main; main()"
    command = [sys.executable, "-c", code, storage, "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as dashboard:
        try:
            wait_for_port(port)
            with urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30) as answer:
                studies: list[dict[str, object]] = json.load(answer)["study_summaries"]
        except URLError as error:
            raise AssertionError("the dashboard doesn't answer") from error
        finally:
            dashboard.terminate()
    return studies
