"""MLflow 3, in an SQLite file and on a server; read back through its own client."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from backend_contract import BackendContract, PlainConfig, Recorded
from mlflow.entities import Run
from PIL import Image

from engine_visual.backends import BaseVisBackend, MLflowVisBackend


def runs(client: mlflow.MlflowClient, experiment: str) -> list[Run]:
    found = client.get_experiment_by_name(experiment)
    return [] if found is None else list(client.search_runs([found.experiment_id]))


def files(client: mlflow.MlflowClient, run: Run, folder: str = "") -> Iterator[str]:
    for info in client.list_artifacts(run.info.run_id, folder or None):
        if info.is_dir:
            yield from files(client, run, info.path)
        else:
            yield info.path


def recorded(client: mlflow.MlflowClient, run: Run, scratch: Path) -> Recorded:
    found = Recorded(config=str(run.data.params))
    for name in run.data.metrics:
        history = client.get_metric_history(run.info.run_id, name)
        found.scalars[name] = sorted((metric.step, metric.value) for metric in history)
    for path in files(client, run):
        if path.startswith("images/") and path.endswith(".png"):
            name, _, step, *_ = Path(path).name.split("+")
            local = client.download_artifacts(run.info.run_id, path, str(scratch))
            found.images[name, int(step)] = np.asarray(Image.open(local))
    return found


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


class TestMLflowFile(BackendContract):
    """The default: an SQLite file in ``save_dir``."""

    def client(self, folder: Path) -> mlflow.MlflowClient:
        return mlflow.MlflowClient(f"sqlite:///{(folder / 'mlflow.db').as_posix()}")

    def experiment(self, folder: Path) -> str:
        return "engine"

    def make(self, folder: Path, **kwargs: Any) -> MLflowVisBackend:
        return MLflowVisBackend(str(folder), **{"strict": True, **kwargs})

    def the_run(self, folder: Path) -> Run:
        (run,) = runs(self.client(folder), self.experiment(folder))
        return run

    def resumed(self, folder: Path, earlier: BaseVisBackend) -> MLflowVisBackend:
        return self.make(folder, run_id=self.the_run(folder).info.run_id)

    def group_of(self, backend: Any, folder: Path) -> dict[str, str]:
        info = backend.experiment.active_run().info
        group = self.client(folder).get_experiment(info.experiment_id).name
        return {"group": group, "name": info.run_name}

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        scratch = folder / "downloaded"
        scratch.mkdir(exist_ok=True)
        return recorded(self.client(folder), self.the_run(folder), scratch)

    def test_a_closed_run_is_finished(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalar("loss", 0.5)
        assert self.the_run(tmp_path).info.status == "RUNNING"
        backend.close()
        assert self.the_run(tmp_path).info.status == "FINISHED"
        assert mlflow.active_run() is None

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        name = self.experiment(tmp_path)
        backend = self.make(
            tmp_path, exp_name=name, run_name="first", tags={"size": "small"}, params={"lr": 0.1}
        )
        backend.add_scalar("loss", 0.5)
        backend.close()
        run = self.the_run(tmp_path)
        assert run.info.run_name == "first"
        assert run.data.tags["size"] == "small"
        assert run.data.params == {"lr": "0.1"}

    def test_some_keys_of_the_config_are_enough(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, tracked_config_keys={"model": None})
        backend.add_config(PlainConfig(seed=1, model={"depth": 50, "blocks": [{"width": 2}]}))
        backend.close()
        params = self.the_run(tmp_path).data.params
        assert params == {"model.depth": "50", "model.blocks.0.width": "2"}

    def test_files_of_the_work_dir_are_kept(self, tmp_path: Path) -> None:
        work_dir = tmp_path / "work"
        (work_dir / "logs").mkdir(parents=True)
        for name in ("logs/a.log", "b.json", "c.pth"):
            (work_dir / name).write_text("x")
        backend = self.make(tmp_path)
        backend.add_config(PlainConfig(work_dir=str(work_dir)))
        backend.close()
        found = set(files(self.client(tmp_path), self.the_run(tmp_path)))
        assert found == {"config.py", "logs/a.log", "b.json"}

    def test_a_store_in_the_work_dir_does_not_keep_itself(self, tmp_path: Path) -> None:
        (tmp_path / "b.json").write_text("x")
        backend = self.make(tmp_path)
        backend.add_config(PlainConfig(work_dir=str(tmp_path)))
        backend.close()
        backend.add_scalar("loss", 0.5)
        backend.close()
        found = set(files(self.client(tmp_path), self.the_run(tmp_path)))
        assert found == {"config.py", "b.json"}

    def test_the_run_of_somebody_else_stays_active(self, tmp_path: Path) -> None:
        earlier = self.make(tmp_path / "earlier")
        later = self.make(tmp_path)
        earlier.add_scalar("loss", 1.0)
        active = mlflow.active_run()
        assert active is not None
        later.add_scalar("loss", 0.5)
        later.close()
        still = mlflow.active_run()
        assert still is not None
        assert still.info.run_id == active.info.run_id
        earlier.close()
        assert mlflow.active_run() is None
        assert self.the_run(tmp_path).info.status == "FINISHED"


@pytest.fixture(scope="class")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of an `mlflow server` on the loopback, and its process."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{folder / 'server.db'}"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Uvicorn running on" in line:
                break
        assert process.poll() is None, "".join(said)
        # what it says of each request would fill the pipe
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}", process
        process.terminate()


class TestMLflowServer(TestMLflowFile):
    """A server; each test has an experiment of its own."""

    @pytest.fixture(autouse=True)
    def at_server(self, server: tuple[str, subprocess.Popen[str]]) -> None:
        self.address = server[0]

    def client(self, folder: Path) -> mlflow.MlflowClient:
        return mlflow.MlflowClient(self.address)

    def experiment(self, folder: Path) -> str:
        return str(folder)

    def make(self, folder: Path, **kwargs: Any) -> MLflowVisBackend:
        given = {"strict": True, "tracking_uri": self.address, "exp_name": str(folder), **kwargs}
        return MLflowVisBackend(str(folder), **given)


class TestMLflowServerThatStops:
    def test_the_training_goes_on(
        self,
        tmp_path: Path,
        server: tuple[str, subprocess.Popen[str]],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        address, process = server
        backend = MLflowVisBackend(str(tmp_path), tracking_uri=address)
        backend.add_scalar("loss", 0.5, step=1)
        assert not backend.misses.counts
        process.terminate()
        process.wait()
        with caplog.at_level(logging.WARNING, logger="engine_visual"):
            backend.add_scalar("loss", 0.4, step=2)
            backend.add_scalar("loss", 0.3, step=3)
            backend.close()
        assert "Connection refused" in caplog.text
        assert "missed 3 calls (2 of add_scalar, 1 of close)" in caplog.text
        mlflow.end_run()


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{(tmp_path / 'theirs.db').as_posix()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    backend = MLflowVisBackend(str(tmp_path / "ours"), strict=True)
    backend.add_scalar("loss", 0.5)
    backend.close()
    assert len(runs(mlflow.MlflowClient(address), "Default")) == 1
    assert not (tmp_path / "ours/mlflow.db").exists()
