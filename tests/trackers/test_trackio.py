"""Trackio, read back from its SQLite file through its own storage."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from backend_contract import BackendContract, PlainConfig, Recorded
from PIL import Image
from trackio import TRACKIO_DIR, SQLiteStorage

from engine_visual.backends import BaseVisBackend, TrackioVisBackend


def name_of(folder: Path) -> str:
    return f"run-{zlib.crc32(bytes(folder))}"


class TestTrackio(BackendContract):
    def make(self, folder: Path, **kwargs: Any) -> TrackioVisBackend:
        quiet = {"auto_log_cpu": False, "auto_log_gpu": False, "name": name_of(folder)}
        init_kwargs = quiet | kwargs.pop("init_kwargs", {})
        return TrackioVisBackend(
            str(folder), **{"strict": True, "init_kwargs": init_kwargs, **kwargs}
        )

    def resumed(self, folder: Path, earlier: BaseVisBackend) -> TrackioVisBackend:
        return self.make(folder, init_kwargs={"resume": "must"})

    def group_of(self, backend: Any, folder: Path) -> dict[str, str]:
        return {"group": backend.run.group, "name": backend.run.name}

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        found, run = Recorded(), name_of(folder)
        for row in SQLiteStorage.get_logs("engine", run):
            for name, value in row.items():
                if name == "config.py":
                    continue
                if isinstance(value, dict):
                    png = TRACKIO_DIR / "media" / value["file_path"]
                    picture = Image.open(png).convert("RGB")
                    found.images[name, row["step"]] = np.asarray(picture)
                elif name not in ("step", "timestamp"):
                    found.scalars.setdefault(name, []).append((row["step"], value))
        found.config = str(SQLiteStorage.get_run_config("engine", run))
        return found

    def test_a_config_is_kept_when_the_run_goes_on(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_config(PlainConfig(seed=1234))
        for step in (1, 2):
            backend.add_scalar("loss", 1 / step, step=step)
            backend.close()
        assert "1234" in self.read(tmp_path, backend).config

    def test_a_config_that_comes_late_is_kept_as_text(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalar("loss", 0.5, step=1)
        backend.add_config(PlainConfig(seed=1234))
        backend.close()
        assert "seed = 1234" in str(SQLiteStorage.get_logs("engine", name_of(tmp_path)))

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"project": "birds"})
        backend.add_scalar("loss", 0.5)
        backend.close()
        assert SQLiteStorage.get_runs("birds") == [name_of(tmp_path)]
