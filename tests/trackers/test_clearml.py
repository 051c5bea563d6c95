"""ClearML, offline: the session's zip is read back."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from backend_contract import BackendContract, PlainConfig, Recorded
from PIL import Image

from engine_visual.backends import BaseVisBackend, ClearMLVisBackend


def sessions(name: str) -> list[zipfile.ZipFile]:
    """The offline sessions of the tasks of this name, the earlier first."""
    paths = Path(os.environ["CLEARML_CACHE_DIR"]).rglob("offline-*.zip")
    opened = [zipfile.ZipFile(path) for path in sorted(paths, key=os.path.getmtime)]
    return [file for file in opened if json.loads(file.read("task.json"))["name"] == name]


def name_of(folder: Path) -> str:
    return f"task-{zlib.crc32(bytes(folder))}"


class TestClearML(BackendContract):
    def make(self, folder: Path, **kwargs: Any) -> ClearMLVisBackend:
        quiet = {"task_name": name_of(folder), "auto_resource_monitoring": False}
        init_kwargs = quiet | kwargs.pop("init_kwargs", {})
        return ClearMLVisBackend(
            str(folder), **{"strict": True, "init_kwargs": init_kwargs, **kwargs}
        )

    def group_of(self, backend: Any, folder: Path) -> dict[str, str]:
        return {"group": backend.run.get_project_name(), "name": backend.run.name}

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        (session,) = sessions(name_of(folder))
        found = Recorded(config=session.read("task.json").decode())
        there = "metrics.jsonl" in session.namelist()  # only if something was reported
        lines = session.read("metrics.jsonl").decode().splitlines() if there else []
        for event in (event for line in lines for event in json.loads(line)):
            if event["type"] == "training_stats_scalar":
                title, series = event["metric"], event["variant"]
                name = series if title == series else f"{title}/{series}"
                found.scalars.setdefault(name, []).append((event["iter"], event["value"]))
            elif event["type"] == "training_debug_image":
                data = session.read("data" + event["url"].partition("/data")[2])
                png = Image.open(io.BytesIO(data))
                found.images[event["metric"], event["iter"]] = np.asarray(png)
        return found

    def test_a_resumed_run_goes_on(self, tmp_path: Path) -> None:
        """Offline it cannot: each session is a zip, imported as a task of its own."""
        for step in (1, 2):
            backend = self.make(tmp_path)
            backend.add_scalar("loss", 1 / step, step=step)
            backend.close()
        assert len(sessions(name_of(tmp_path))) == 2

    def test_what_is_added_after_a_close_belongs_to_the_run(self, tmp_path: Path) -> None:
        """Offline it cannot: it is a session of its own."""
        backend = self.make(tmp_path)
        for step in (1, 2):
            backend.add_scalar("loss", 1 / step, step=step)
            backend.close()
        assert len(sessions(name_of(tmp_path))) == 2

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"project_name": "birds", "tags": ["small"]})
        backend.add_scalar("loss", 0.5)
        backend.close()
        (session,) = sessions(name_of(tmp_path))
        task = json.loads(session.read("task.json"))
        assert task["tags"] == ["small"]

    def test_files_of_the_work_dir_are_kept(self, tmp_path: Path) -> None:
        (tmp_path / "work").mkdir()
        (tmp_path / "work/model.py").write_text("x")
        backend = self.make(tmp_path)
        backend.add_config(PlainConfig(work_dir=str(tmp_path / "work")))
        backend.close()
        (session,) = sessions(name_of(tmp_path))
        assert any(name.endswith("model.py") for name in session.namelist())
