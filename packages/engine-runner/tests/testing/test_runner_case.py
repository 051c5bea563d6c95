"""A test case with all that a small training needs."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

from engine_registry import DATASETS
from engine_runner.testing import RunnerTestCase

SEEN: dict[str, Any] = {}


class Case(RunnerTestCase):
    """Trains in each of the two ways."""

    def epochs(self) -> None:
        runner = self.build_runner(self.epoch_based_cfg)
        runner.train()
        runner.test()
        SEEN.update(work_dir=Path(runner.work_dir), iter=runner.iter, epoch=runner.epoch)
        SEEN["saved"] = sorted(path.name for path in Path(runner.work_dir).glob("*.pth"))

    def iterations(self) -> None:
        runner = self.build_runner(self.iter_based_cfg)
        runner.train()
        SEEN.update(work_dir=Path(runner.work_dir), iter=runner.iter)
        SEEN["saved"] = sorted(path.name for path in Path(runner.work_dir).glob("*.pth"))

    def environment(self) -> None:
        self.setup_dist_env()
        first = os.environ["MASTER_PORT"]
        self.setup_dist_env()
        SEEN["ports"] = int(os.environ["MASTER_PORT"]) - int(first)
        SEEN["names"] = {self.experiment_name, self.experiment_name}


def run(name: str) -> None:
    SEEN.clear()
    result = unittest.TestResult()
    Case(name).run(result)
    assert result.wasSuccessful(), result.failures + result.errors


def test_it_trains_by_epochs() -> None:
    run("epochs")
    assert (SEEN["iter"], SEEN["epoch"]) == (8, 2)
    assert SEEN["saved"] == ["epoch_1.pth", "epoch_2.pth"]


def test_it_trains_by_iterations() -> None:
    run("iterations")
    assert SEEN["iter"] == 12
    assert SEEN["saved"] == ["iter_12.pth"]


def test_nothing_is_left_behind() -> None:
    before = dict(os.environ)
    run("epochs")
    assert not SEEN["work_dir"].exists()
    run("environment")
    assert SEEN["ports"] == 1
    assert len(SEEN["names"]) == 2
    assert dict(os.environ) == before
    assert "ToyDataset" not in DATASETS


def test_a_data_set_of_the_same_name_comes_back() -> None:
    class ToyDataset: ...

    DATASETS.register_module(module=ToyDataset)
    try:
        run("environment")
        assert DATASETS.get("ToyDataset") is ToyDataset
    finally:
        DATASETS.module_dict.pop("ToyDataset")


def test_no_test_runner_is_needed() -> None:
    code = "import sys; sys.modules['pytest'] = None; import engine_runner.testing"
    subprocess.run([sys.executable, "-c", code], check=True)
