"""SwanLab, local and offline: the run's file is read back through its own store and records."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from backend_contract import PICTURE, BackendContract, Recorded
from PIL import Image
from swanlab.proto.swanlab.record.v1.record_pb2 import Record
from swanlab.sdk.internal.core_python.store import DataStoreReader

from engine_visual.backends import BaseVisBackend, SwanLabVisBackend


def records(path: Path) -> list[Record]:
    reader, found = DataStoreReader(), []
    reader.open(path)
    for frame in reader:
        found.append(Record())
        found[-1].ParseFromString(frame)
    reader.close()
    return found


def runs(folder: Path) -> dict[str, list[Path]]:
    """The files of each run by its id; a resumed run has several, in folders of their own."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("run-*/run-*.swanlab")):
        found.setdefault(path.stem, []).append(path)
    return found


class TestSwanLabOffline(BackendContract):
    mode = "offline"

    def make(self, folder: Path, **kwargs: Any) -> SwanLabVisBackend:
        init_kwargs = {"mode": self.mode} | kwargs.pop("init_kwargs", {})
        return SwanLabVisBackend(
            str(folder), **{"strict": True, "init_kwargs": init_kwargs, **kwargs}
        )

    def resumed(self, folder: Path, earlier: BaseVisBackend) -> SwanLabVisBackend:
        (name,) = runs(folder)
        return self.make(folder, init_kwargs={"id": name.removeprefix("run-"), "resume": "allow"})

    def group_of(self, backend: Any, folder: Path) -> dict[str, str]:
        (path,) = folder.glob("run-*/run-*.swanlab")
        backend.close()
        start = next(each.start for each in records(path) if each.HasField("start"))
        return {"group": start.group, "name": start.name}

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        (paths,) = runs(folder).values()
        found = Recorded()
        for path in paths:
            for record in records(path):
                kind = record.WhichOneof(record.DESCRIPTOR.oneofs[0].name)
                if kind == "scalar":
                    scalar = record.scalar
                    point = (scalar.step, scalar.value.number)
                    found.scalars.setdefault(scalar.key, []).append(point)
                elif kind == "media":
                    (item,) = record.media.value.items
                    png = path.parent / "media/image" / item.filename
                    found.images[record.media.key, record.media.step] = np.asarray(Image.open(png))
            config = path.parent / "files/config.yaml"
            found.config += config.read_text() if config.exists() else ""
        for points in found.scalars.values():
            points.sort()
        return found

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"project": "birds", "name": "first"})
        backend.add_scalar("loss", 0.5)
        backend.close()
        ((path,),) = runs(tmp_path).values()
        start = next(r.start for r in records(path) if r.HasField("start"))
        assert (start.project, start.name) == ("birds", "first")


class TestSwanLabLocal(TestSwanLabOffline):
    mode = "local"

    def test_the_dashboard_has_the_run_and_its_charts(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"name": "first"})
        backend.add_scalars({"loss": 0.5, "val/acc": 0.7}, step=1)
        backend.add_image("pictures", PICTURE, step=1)
        backend.close()
        with closing(sqlite3.connect(tmp_path / "runs.swanlab")) as database:
            assert database.execute("SELECT name FROM experiment").fetchall() == [("first",)]
            charts = {name for (name,) in database.execute("SELECT name FROM tag")}
        assert charts == {"loss", "val/acc", "pictures"}
