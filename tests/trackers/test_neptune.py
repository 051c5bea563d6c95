"""Neptune 1.14, offline: its operations are read back through its own queue."""

from __future__ import annotations

import base64
import io
import logging
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from backend_contract import BackendContract, Recorded
from neptune.core.components.queue.disk_queue import DiskQueue
from neptune.internal.operation import AssignString, LogFloats, LogImages, Operation
from PIL import Image

from engine_visual.backends import BaseVisBackend, NeptuneVisBackend


def operations(folder: Path) -> list[list[Operation]]:
    """Those of each run, the earlier run first."""
    found = []
    paths = (folder / ".neptune/offline").glob("run__*")
    for path in sorted(paths, key=lambda path: path.stat().st_ctime_ns):
        queue: DiskQueue[Operation] = DiskQueue(
            data_path=path,
            to_dict=lambda operation: operation.to_dict(),
            from_dict=Operation.from_dict,
            lock=threading.RLock(),
        )
        found.append([])
        while (element := queue.get()) is not None:
            found[-1].append(element.obj)
        queue.close()
    return found


class TestNeptune(BackendContract):
    def make(self, folder: Path, **kwargs: Any) -> NeptuneVisBackend:
        quiet = {"capture_hardware_metrics": False, "capture_stdout": False}
        quiet["capture_stderr"] = False
        init_kwargs = quiet | kwargs.pop("init_kwargs", {})
        return NeptuneVisBackend(
            str(folder), **{"strict": True, "init_kwargs": init_kwargs, **kwargs}
        )

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        (run,) = operations(folder)
        found = Recorded()
        for operation in run:
            name = "/".join(operation.path)
            if isinstance(operation, LogFloats):
                points = [(int(v.step), v.value) for v in operation.values]
                found.scalars.setdefault(name, []).extend(points)
            elif isinstance(operation, LogImages):
                for value in operation.values:
                    png = io.BytesIO(base64.b64decode(value.value.data))
                    found.images[name, int(value.step)] = np.asarray(Image.open(png))
            elif name.startswith("config/"):
                found.config += f"{name} = {getattr(operation, 'value', None)}\n"
        return found

    def test_a_resumed_run_goes_on(self, tmp_path: Path) -> None:
        """Offline it cannot: each run stands for itself, as both do here."""
        for step in (1, 2):
            backend = self.make(tmp_path)
            backend.add_scalar("loss", 1 / step, step=step)
            backend.close()
        assert len(operations(tmp_path)) == 2

    def test_what_is_added_after_a_close_belongs_to_the_run(self, tmp_path: Path) -> None:
        """Offline it cannot: it is a run of its own."""
        backend = self.make(tmp_path)
        for step in (1, 2):
            backend.add_scalar("loss", 1 / step, step=step)
            backend.close()
        assert len(operations(tmp_path)) == 2

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"name": "first"})
        backend.add_scalar("loss", 0.5)
        backend.close()
        (run,) = operations(tmp_path)
        strings = {"/".join(o.path): o.value for o in run if isinstance(o, AssignString)}
        assert strings["sys/name"] == "first"

    def test_it_says_that_the_service_closed(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        backend = self.make(tmp_path)
        with caplog.at_level(logging.WARNING, logger="engine_visual"):
            backend.add_scalar("loss", 0.5)
        backend.close()
        assert "Neptune's hosted service closed in March 2026" in caplog.text
