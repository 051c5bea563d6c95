"""A sweep whose study is in PostgreSQL: two machines, of which one dies, and a dashboard."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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
        wait_for(lambda: is_open(port))
        yield f"postgresql+psycopg://sweep@127.0.0.1:{port}/postgres"
        server.send_signal(signal.SIGINT)  # SIGTERM waits for its clients, of which this is one


def wait_for(there: Callable[[], object], timeout_s: float = 120) -> None:
    until = time.monotonic() + timeout_s
    while not there():
        assert time.monotonic() < until
        time.sleep(0.1)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_two_machines_share_a_study_though_one_dies(postgresql: str, tmp_path: Path) -> None:
    """Each is a process group; one is killed by SIGKILL, in the middle of a trial."""
    for path in SWEEPS.glob("*.py"):
        shutil.copy(path, tmp_path)
    options = ["--storage", postgresql, "--study", "shared", "--work-dir", "shared"]
    options += ["--trials", "4", "--heartbeat", "1", "--cfg-options", "model.pause_s=0.1"]
    machines = [start_sweep(tmp_path, tmp_path / f"{each}.log", options) for each in range(2)]
    wait_for(lambda: [*tmp_path.glob("shared/trial_*/epoch_1.pth")])
    os.killpg(machines[0].pid, signal.SIGKILL)
    assert machines[0].wait() == -signal.SIGKILL
    machines[0] = start_sweep(tmp_path, tmp_path / "2.log", options)  # one that takes its place
    codes = [machine.wait(timeout=300) for machine in machines]
    assert codes == [0, 0], [path.read_text() for path in tmp_path.glob("*.log")]
    storage = optuna.storages.RDBStorage(postgresql)
    study = optuna.load_study(study_name="shared", storage=storage)
    done = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    storage.engine.dispose()
    assert len(done) == len({trial.params["optim_wrapper.optimizer.lr"] for trial in done}) == 4
    assert all([*trial.intermediate_values] == [1, 2, 3, 4] for trial in done)
    assert [each["study_name"] for each in shown_by_dashboard(postgresql)] == ["shared"]


def start_sweep(folder: Path, log: Path, options: list[str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "engine_runner", "sweep", "slopes_config.py", *options],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=file,
            stderr=file,
            process_group=0,
        )


def shown_by_dashboard(storage: str) -> list[dict[str, object]]:
    pytest.importorskip("optuna_dashboard", reason="needs optuna-dashboard")
    port = free_port()
    code = "from optuna_dashboard._cli import main; main()"
    command = [sys.executable, "-c", code, storage, "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as dashboard:
        try:
            wait_for(lambda: is_open(port))
            with urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30) as answer:
                studies: list[dict[str, object]] = json.load(answer)["study_summaries"]
        except URLError as error:
            raise AssertionError("the dashboard doesn't answer") from error
        finally:
            dashboard.terminate()
    return studies
