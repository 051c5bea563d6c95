"""Weights & Biases, offline: the run's file is read back, frame by frame and record by record."""

from __future__ import annotations

import json
import logging
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import wandb
from backend_contract import BackendContract, PlainConfig, Recorded
from PIL import Image
from wandb.proto.wandb_internal_pb2 import Record

from engine_visual.backends import BaseVisBackend, WandbVisBackend

BLOCK, HEADER = 32768, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def frames(data: bytes) -> Iterator[bytes]:
    """The payloads of a log in LevelDB's format, after the seven bytes that name the format."""
    assert data[:4] == b":W&B"
    at, parts = HEADER, b""
    while at < len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        checksum, length, kind = struct.unpack_from("<IHB", data, at)
        payload = data[at + HEADER : at + HEADER + length]
        assert zlib.crc32(payload, zlib.crc32(bytes([kind]))) == checksum
        at += HEADER + length
        parts = payload if kind in (FULL, FIRST) else parts + payload
        if kind in (FULL, LAST):
            yield parts


def written(folder: Path) -> list[Path]:
    """The files of a run, the earlier first; one that is resumed has several.

    ``finish`` may return before the platform's own process has written the end of the file.
    """
    wandb.teardown()  # waits for that process
    paths = folder.glob("wandb/offline-run-*/run-*.wandb")
    return sorted(paths, key=lambda path: path.parent.stat().st_ctime_ns)


def records(folder: Path) -> list[Record]:
    """All records of a run."""
    found = []
    for path in written(folder):
        for frame in frames(path.read_bytes()):
            found.append(Record())
            found[-1].ParseFromString(frame)
    return found


def rows(folder: Path) -> list[dict[str, Any]]:
    """The rows of the history."""
    found = []
    for record in records(folder):
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            found.append({"/".join(i.nested_key) or i.key: json.loads(i.value_json) for i in items})
    return found


class TestWandb(BackendContract):
    def make(self, folder: Path, **kwargs: Any) -> WandbVisBackend:
        return WandbVisBackend(str(folder), **{"strict": True, **kwargs})

    def resumed(self, folder: Path, earlier: BaseVisBackend) -> WandbVisBackend:
        (first,) = written(folder)
        name = first.stem.removeprefix("run-")
        return self.make(folder, init_kwargs={"id": name, "resume": "allow"})

    def group_of(self, backend: Any, folder: Path) -> dict[str, str]:
        return {"group": backend.run.group, "name": backend.run.name}

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        found = Recorded()
        for row in rows(folder):
            step = row.pop("step")
            if row.get("pictures/_type") == "image-file":
                (path,) = folder.glob(f"wandb/offline-run-*/files/{row['pictures/path']}")
                found.images["pictures", step] = np.asarray(Image.open(path))
                continue
            for name, value in row.items():
                if not name.startswith("_"):
                    found.scalars.setdefault(name, []).append((step, value))
        for record in records(folder):
            if record.WhichOneof("record_type") == "config":
                found.config += str(record.config)
        return found

    def test_the_run_is_one_though_it_is_resumed(self, tmp_path: Path) -> None:
        self.test_a_resumed_run_goes_on(tmp_path)
        ids = {r.run.run_id for r in records(tmp_path) if r.WhichOneof("record_type") == "run"}
        assert len(ids) == 1

    def test_a_step_may_fall(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalar("loss", 0.5, step=1000)
        backend.add_scalar("acc", 0.7, step=1)  # by epoch
        backend.close()
        assert self.read(tmp_path, backend).scalars == {"loss": [(1000, 0.5)], "acc": [(1, 0.7)]}

    def test_init_arguments_reach_the_platform(self, tmp_path: Path) -> None:
        backend = self.make(
            tmp_path, init_kwargs={"project": "birds", "name": "first", "tags": ["small"]}
        )
        backend.add_scalar("loss", 0.5)
        backend.close()
        run = next(r.run for r in records(tmp_path) if r.WhichOneof("record_type") == "run")
        assert (run.project, run.display_name, list(run.tags)) == ("birds", "first", ["small"])

    @pytest.mark.parametrize(
        "cfg", [{"acc": "max"}, [{"name": "acc", "summary": "max"}]], ids=["dict", "list"]
    )
    def test_definitions_of_metrics_reach_the_platform(self, tmp_path: Path, cfg: Any) -> None:
        backend = self.make(tmp_path, define_metric_cfg=cfg)
        backend.add_scalar("acc", 0.5)
        backend.close()
        metrics = [r.metric for r in records(tmp_path) if r.WhichOneof("record_type") == "metric"]
        assert any(m.name == "acc" and m.summary.max for m in metrics)
        assert any(m.glob_name == "*" and m.step_metric == "step" for m in metrics)

    def test_a_definition_of_another_kind_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="define_metric_cfg must be a dict"):
            self.make(tmp_path, define_metric_cfg="acc")

    def test_rows_are_merged_without_a_commit(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, commit=False)
        backend.add_scalar("loss", 0.5, step=1)
        backend.add_scalar("acc", 0.7, step=1)
        backend.close()
        (row,) = rows(tmp_path)
        assert (row["loss"], row["acc"]) == (0.5, 0.7)

    def test_the_code_goes_with_the_config(self, tmp_path: Path) -> None:
        Path("train.py").write_text("print('training')\n")
        backend = self.make(tmp_path, log_code_name="the-code")
        backend.add_config(PlainConfig(seed=1))
        backend.close()
        artifacts = [
            r.artifact if r.WhichOneof("record_type") == "artifact" else r.request.log_artifact
            for r in records(tmp_path)
        ]
        assert any("the-code" in str(artifact) for artifact in artifacts)

    def test_a_model_is_watched(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path, watch_kwargs={"log": "all", "log_freq": 1})
        model = torch.nn.Linear(2, 1)
        backend.add_graph(model, [])
        model(torch.ones(1, 2)).sum().backward()
        backend.add_scalar("loss", 0.5, step=1)
        backend.close()
        assert any("gradients/weight/bins" in row for row in rows(tmp_path))

    def test_a_service_that_is_gone_ends_no_training(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        backend = self.make(tmp_path, strict=False, init_kwargs={"mode": "no such mode"})
        with caplog.at_level(logging.WARNING, logger="engine_visual"):
            backend.add_scalar("loss", 0.5)
            backend.add_scalar("loss", 0.5)
            backend.close()
        assert "missed 2 calls (2 of add_scalar)" in caplog.text
