"""Runner after runner in one process: files close when a run is over, and open when written to."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import pytest
from toy import without_validation

from engine_logging import MessageHub, MMLogger
from engine_visual import Visualizer


def open_files() -> list[str]:
    links = [*Path("/proc/self/fd").iterdir()]
    return sorted(str(link.readlink()) for link in links if link.exists())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists a process's open files so")
def test_a_run_that_is_over_leaves_no_open_file_and_no_names(toy: Any, tmp_path: Path) -> None:
    def run(number: int) -> None:
        runner = toy(**without_validation(), work_dir=str(tmp_path / str(number)))
        runner.train()

    run(0)
    before = open_files()
    for number in range(1, 8):
        run(number)
    assert open_files() == before
    assert not [each for each in before if str(tmp_path) in each]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists a process's open files so")
def test_ten_thousand_iterations_in_300_runners_leave_files_and_memory_flat(tmp_path: Path) -> None:
    from toy import toy_runner

    iterations, seen = 0, []
    for number in range(300):
        hook = {"interval": 3} if number % 10 == 0 else None
        runner = toy_runner(
            tmp_path / str(number),
            **without_validation(),
            train_cfg={"by_epoch": True, "max_epochs": 3},
            default_hooks={"checkpoint": hook},
        )
        runner.train()
        iterations += runner.iter
        del runner
        if number % 50 == 49:
            gc.collect()
            seen.append((len(open_files()), memory_mb()))
    assert iterations == 10_800
    assert len({files for files, _ in seen}) == 1
    assert seen[-1][1] - seen[0][1] < 4.0, seen


def memory_mb() -> float:
    """What this process has in memory."""
    import resource  # Windows has none

    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def test_the_names_of_runners_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    from toy import toy_runner

    for number in range(6):
        toy_runner(tmp_path / str(number), **without_validation()).train()
        gc.collect()
    for kind in (MessageHub, MMLogger, Visualizer):
        assert len(kind._instance_dict) <= 2


def test_what_is_logged_after_a_run_goes_into_its_files(toy: Any) -> None:
    runner = toy(**without_validation(), log_level="INFO")
    runner.train()
    runner.logger.info("one more line")
    runner.visualizer.add_scalar("more", 1.0, 7)
    runner.logger.release()
    log = Path(runner.log_dir, f"{runner.timestamp}.log").read_text("utf-8")
    assert log.endswith("one more line\n")
    assert "Saving checkpoint at 2 epochs" in log
    scalars = Path(runner.log_dir, "vis_data", "scalars.json").read_text("utf-8")
    assert scalars.splitlines()[-1] == '{"more": 1.0, "step": 7}'


def test_runs_that_begin_in_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    from toy import toy_runner

    runners = [toy_runner(tmp_path, **without_validation()) for _ in range(4)]
    for each in runners:
        each.logger.close()
    assert len({each.log_dir for each in runners}) == 4
    assert all(Path(each.log_dir).name == each.timestamp for each in runners)
