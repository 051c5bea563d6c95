"""Aim 3.29, read back through its own queries, which need the index made first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import aim
import numpy as np
from backend_contract import BackendContract, Recorded

from engine_visual.backends import AimVisBackend, BaseVisBackend


def repository(folder: Path) -> aim.Repo:
    command = [str(Path(sys.executable).with_name("aim")), "storage", "--repo", str(folder)]
    subprocess.run([*command, "reindex", "--yes"], check=True, capture_output=True)
    return aim.Repo(str(folder))


def points(sequence: Any) -> list[tuple[int, Any]]:
    steps, (values, *_) = sequence.data.items_list()
    return list(zip(steps, values, strict=True))


class TestAim(BackendContract):
    def make(self, folder: Path, **kwargs: Any) -> AimVisBackend:
        quiet = {"system_tracking_interval": None, "capture_terminal_logs": False}
        init_kwargs = quiet | kwargs.pop("init_kwargs", {})
        return AimVisBackend(str(folder), **{"strict": True, "init_kwargs": init_kwargs, **kwargs})

    def resumed(self, folder: Path, earlier: BaseVisBackend) -> AimVisBackend:
        (run,) = repository(folder).iter_runs()
        return self.make(folder, init_kwargs={"run_hash": run.hash})

    def group_of(self, backend: Any, folder: Path) -> dict[str, str]:
        return {"group": backend.run.experiment}

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        repo, found = repository(folder), Recorded()
        (run,) = repo.iter_runs()
        for metrics in repo.query_metrics("True", report_mode=0).iter_runs():
            for metric in metrics:
                found.scalars[metric.name] = points(metric)
        for sequences in repo.query_images("True", report_mode=0).iter_runs():
            for sequence in sequences:
                for step, image in points(sequence):
                    found.images[sequence.name, step] = np.asarray(image.to_pil_image())
        found.config = str(run.get("hparams", {}))
        return found

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, init_kwargs={"experiment": "birds"})
        backend.add_scalar("loss", 0.5)
        backend.close()
        (run,) = repository(tmp_path).iter_runs()
        assert run.experiment == "birds"
