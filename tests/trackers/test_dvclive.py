"""DVCLive, in a plain folder and in a DVC repository; read back through DVC."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from backend_contract import BackendContract, PlainConfig, Recorded
from dvc.repo import Repo
from dvclive.serialize import load_yaml
from dvclive.utils import parse_tsv
from PIL import Image

from engine_visual.backends import BaseVisBackend, DVCLiveVisBackend


class TestDVCLiveAlone(BackendContract):
    """No repository: the files are all there is."""

    def make(self, folder: Path, **kwargs: Any) -> DVCLiveVisBackend:
        return DVCLiveVisBackend(str(self.live(folder)), **{"strict": True, **kwargs})

    def live(self, folder: Path) -> Path:
        return folder

    def resumed(self, folder: Path, earlier: BaseVisBackend) -> DVCLiveVisBackend:
        return self.make(folder, init_kwargs={"resume": True})

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        folder, found = self.live(folder), Recorded()
        for path in (folder / "plots/metrics").rglob("*.tsv"):
            name = path.relative_to(folder / "plots/metrics").with_suffix("").as_posix()
            lines = parse_tsv(path)
            found.scalars[name] = [(int(line["step"]), float(line[path.stem])) for line in lines]
        for path in (folder / "plots/images").rglob("*.png"):
            name = path.parent.relative_to(folder / "plots/images").as_posix()
            found.images[name, int(path.stem)] = np.asarray(Image.open(path))
        if (folder / "params.yaml").exists():
            found.config = str(load_yaml(folder / "params.yaml"))
        return found

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"dir": str(tmp_path / "live"), "report": "md"})
        backend.add_scalar("loss", 0.5)
        backend.close()
        assert (tmp_path / "live/report.md").exists()

    def test_the_latest_numbers_are_summed_up(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalars({"loss": 0.5, "val/acc": 1}, step=1)
        backend.add_scalar("loss", 0.25, step=2)
        backend.close()
        summary = json.loads((self.live(tmp_path) / "metrics.json").read_text())
        assert summary == {"loss": 0.25, "val": {"acc": 1}, "step": 2}

    def test_files_of_others_in_the_folder_stay(self, tmp_path: Path) -> None:
        self.live(tmp_path).mkdir(exist_ok=True)
        (self.live(tmp_path) / "scalars.json").write_text("{}")
        backend = self.make(tmp_path)
        backend.add_scalar("loss", 0.5)
        backend.close()
        assert (self.live(tmp_path) / "scalars.json").exists()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a commit, under Git and DVC; the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("print('training')\n")
    (tmp_path / ".gitignore").write_text("/working_directory\n")
    for command in (
        ["git", "init", "--quiet"],
        [sys.executable, "-m", "dvc", "init", "--quiet"],
        ["git", "add", "--all"],
        ["git", "commit", "--quiet", "--message", "begin"],
    ):
        subprocess.run(command, check=True, cwd=tmp_path)
    return tmp_path


class TestDVCLiveInARepository(TestDVCLiveAlone):
    """Git and DVC: the run is an experiment."""

    @pytest.fixture(autouse=True)
    def in_repository(self, repository: Path) -> None:
        """Every test's folder is one."""

    def live(self, folder: Path) -> Path:
        return folder / "live"  # DVC takes no repository's root

    def test_the_run_is_an_experiment(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"exp_name": "first"})
        backend.add_config(PlainConfig(seed=1234))
        backend.add_scalar("loss", 0.5, step=3)
        backend.close()
        with Repo(str(tmp_path)) as repo:
            (names,) = repo.experiments.ls().values()
            assert [name for name, _ in names] == ["first"]
            shown = repo.metrics.show()[""]["data"]
            assert shown["live/metrics.json"]["data"] == {"loss": 0.5, "step": 3}

    def test_files_of_the_work_dir_are_kept_by_dvc(self, tmp_path: Path) -> None:
        (tmp_path / "work").mkdir()
        (tmp_path / "work/result.json").write_text("{}")
        backend = self.make(tmp_path)
        backend.add_config(PlainConfig(work_dir=str(tmp_path / "work")))
        backend.close()
        assert (tmp_path / "work/result.json.dvc").exists()
