"""`LoggerHook`: when there are lines, where logs go, and what a NaN loss does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Line, Points, Stream, loader, without_validation

from engine_runner.hooks import LoggerHook, NonFiniteLossError


def lines(runner: Any, mode: str) -> list[str]:
    """Where a mode's log lines stand: ``[1][ 5/12]`` and the like."""
    (file,) = Path(runner.log_dir).glob("*.log")
    return re.findall(rf"\({mode}\) +(\S*(?:\[ *\d+(?:/\d+)?\]))  ", file.read_text("utf-8"))


def train(toy: Any, *, iters: bool = False, size: int = 23, **hook: Any) -> Any:
    cfg = {"by_epoch": False, "max_iters": 24} if iters else {"by_epoch": True, "max_epochs": 1}
    runner = toy(
        log_level="INFO",
        train_dataloader=loader(Points(size)),
        train_cfg=cfg,
        default_hooks={"logger": hook, "checkpoint": None},
    )
    runner.train()
    return runner


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"interval": 5}, [5, 10]),
        ({"interval": 5, "ignore_last": False}, [5, 10, 12]),
        ({"interval": 20}, [12]),
        ({"interval": 12}, [12]),
        ({"interval": 11}, [11]),
    ],
)
def test_there_is_a_line_every_few_iterations_of_an_epoch(
    toy: Any, options: Any, expected: list[int]
) -> None:
    found = lines(train(toy, **options), "train")
    assert found == [f"[1][{number:>2}/12]" for number in expected]


def test_iterations_are_counted_over_the_whole_training(toy: Any) -> None:
    assert lines(train(toy, iters=True, interval=10), "train") == ["[10/24]", "[20/24]"]


def test_a_validation_has_lines_and_a_last_one_with_its_numbers(toy: Any) -> None:
    assert lines(train(toy, interval=2), "val") == ["[1][2/3]", "[1][3/3]"]


def test_the_name_of_the_experiment_is_repeated(toy: Any) -> None:
    runner = train(toy, interval=2, interval_exp_name=4)
    (file,) = Path(runner.log_dir).glob("*.log")
    assert file.read_text("utf-8").count(f"Exp name: {runner.experiment_name}") == 3


def test_what_is_drawn_stands_in_a_file_by_step(toy: Any) -> None:
    runner = train(toy, interval=5)
    file = Path(runner.log_dir, "vis_data", "scalars.json")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [row["step"] for row in rows] == [5, 10, 1]
    assert {"lr", "loss", "acc", "time", "data_time", "epoch", "iter"} < set(rows[0])
    assert rows[2]["accuracy"] == 1.0


def test_a_validation_of_an_iteration_based_training_is_drawn_over_iterations(toy: Any) -> None:
    runner = toy(train_cfg={"by_epoch": False, "max_iters": 4, "val_interval": 2})
    runner.train()
    file = Path(runner.log_dir, "vis_data", "scalars.json")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [row["step"] for row in rows if "accuracy" in row] == [2, 4]


def test_the_numbers_of_a_test_stand_in_a_file(toy: Any) -> None:
    runner = toy(
        test_dataloader=loader(Points(5)),
        test_cfg={},
        test_evaluator=toy().val_evaluator.metrics[0],
    )
    metrics = runner.test()
    assert metrics == {"accuracy": 1.0, "count": 5}
    found = json.loads(Path(runner.log_dir, f"{runner.timestamp}.json").read_text("utf-8"))
    assert {"accuracy", "count", "time", "data_time"} == set(found)


def test_validation_data_need_no_length(toy: Any) -> None:
    runner = toy(
        log_level="INFO",
        val_dataloader=loader(Stream(5), sampler=None),
        train_cfg={"max_epochs": 1, "by_epoch": True},
    )
    runner.train()
    assert lines(runner, "val") == ["[1][3/3]"]


@pytest.mark.parametrize("keep_local", [True, False])
def test_logs_are_copied_with_their_folders(toy: Any, tmp_path: Path, keep_local: bool) -> None:
    runner = train(toy, out_dir=str(tmp_path / "out"), keep_local=keep_local)
    target = tmp_path / "out" / "work"
    copied = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    stamp = runner.timestamp
    assert {f"{stamp}.log", f"vis_data/{stamp}.json", "vis_data/scalars.json"} <= copied
    for name in copied:
        assert Path(runner.log_dir, name).exists() is keep_local


def test_only_files_of_the_suffixes_are_copied(toy: Any, tmp_path: Path) -> None:
    train(toy, out_dir=str(tmp_path / "out"), out_suffix=".log")
    assert {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()} == {".log"}


class Breaks(Line):
    """Its losses are NaN from the seventh iteration on."""

    count = 0

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        found = super().forward(*args, **kwargs)
        self.count += 1
        if isinstance(found, dict) and self.count >= 7:
            found["loss"] = found["loss"] * torch.nan
        return found


@pytest.mark.parametrize("hierarchy", [True, False])
def test_a_nan_loss_ends_the_training_with_its_name_and_first_iteration(
    toy: Any, hierarchy: bool
) -> None:
    runner = toy(
        model=Breaks(), log_processor={"log_with_hierarchy": hierarchy}, **without_validation()
    )
    with pytest.raises(
        NonFiniteLossError, match=r"'(train/)?loss' is NaN since iteration 7 \(now 22"
    ):
        runner.train()
    (file,) = Path(runner.log_dir).glob("*.log")
    assert "loss' was NaN in iteration 7, but not in all" in file.read_text("utf-8")


class Skips(Line):
    """Its loss is NaN in the seventh iteration, whose step it leaves out as a loss scaler does."""

    count = 0

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, torch.Tensor]:
        self.count += 1
        if self.count == 7:
            return {"loss": torch.tensor(torch.nan)}
        return super().train_step(data, optim_wrapper)


def test_a_loss_that_is_nan_now_and_then_is_warned_of(toy: Any) -> None:
    runner = toy(model=Skips(), **without_validation())
    runner.train()
    assert runner.iter == 24
    (file,) = Path(runner.log_dir).glob("*.log")
    assert file.read_text("utf-8").count("was NaN in iteration 7, but not in all") == 1


def test_a_nan_loss_can_be_gone_over(toy: Any) -> None:
    runner = toy(
        model=Breaks(),
        default_hooks={"logger": {"stop_at_nan": False}},
        **without_validation(),
    )
    runner.train()
    (file,) = Path(runner.log_dir).glob("*.log")
    assert "is NaN since iteration 7" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interval": 0}, "interval must be a positive int, got 0"),
        ({"interval_exp_name": 1.5}, "interval_exp_name must be a positive int, got 1.5"),
        ({"backend_args": {}, "file_client_args": {}}, "former name of backend_args"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LoggerHook(**options)
