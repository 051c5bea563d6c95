"""Ending a training that doesn't get better."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from toy import QUIET, Count, Points, loader

from engine_runner.hooks import EarlyStoppingHook


def trained(toy: Any, scores: Iterable[float], hook: EarlyStoppingHook, **options: Any) -> Any:
    """A runner that has trained, at most for twelve epochs, one iteration each."""
    arguments: dict[str, Any] = {
        "train_dataloader": loader(Points(2)),
        "train_cfg": {"by_epoch": True, "max_epochs": 12},
        "val_evaluator": Count(list(scores)),
        "default_hooks": QUIET,
        **options,
    }
    runner = toy(**arguments, custom_hooks=[hook])
    runner.train()
    return runner


# What MMEngine 0.10.7 does with the same numbers: epochs trained, best score, wait count.
@pytest.mark.parametrize(
    ("scores", "options", "epochs", "best", "wait"),
    [
        ([0.5, 0.6, 0.61, 0.62, 0.9, *[0.9] * 7], {}, 10, 0.9, 5),
        ([0.5] * 12, {"patience": 2}, 3, 0.5, 2),
        ([0.5, 0.7, 0.7, 0.8, 0.9], {"stopping_threshold": 0.7}, 4, 0.8, 1),
        ([0.5, math.nan, 0.7], {}, 2, 0.5, 0),
        ([0.5, math.inf, 0.7], {}, 2, 0.5, 0),
        ([0.5, 0.4, 0.2, 0.2, 0.2, 0.2], {"rule": "less", "patience": 2}, 5, 0.2, 2),
        ([1, 0.95, 0.9, 0.85, 0.8, 0.8, 0.8], {"rule": "less", "patience": 2}, 7, 0.8, 2),
        (
            [1, 0.95, 0.9, 0.85, 0.8],
            {"rule": "less", "patience": 2, "min_delta": -0.1, "stopping_threshold": 0.9},
            *(4, 0.85, 0),
        ),
    ],
)
def test_it_stops_when_mmengine_does(
    toy: Any, scores: list[float], options: dict[str, Any], epochs: int, best: float, wait: int
) -> None:
    hook = EarlyStoppingHook("accuracy", **options)
    runner = trained(toy, scores, hook)
    assert runner.epoch == epochs
    assert (hook.best_score, hook.wait_count) == (best, wait)


def test_without_a_least_improvement_standing_still_is_none(toy: Any) -> None:
    hook = EarlyStoppingHook("accuracy", min_delta=0.0, patience=2)
    assert trained(toy, [0.5, 0.6, 0.6, 0.6], hook).epoch == 4


def test_nan_is_no_improvement_where_it_doesnt_end_the_training(toy: Any) -> None:
    hook = EarlyStoppingHook("accuracy", check_finite=False, patience=3)
    runner = trained(toy, [0.5, *[math.nan] * 11], hook)
    assert (runner.epoch, hook.best_score) == (4, 0.5)


def test_it_says_why_and_that_a_rise_was_too_small(
    toy: Any, caplog: pytest.LogCaptureFixture
) -> None:
    runner = toy(
        train_dataloader=loader(Points(2)),
        val_evaluator=Count([0.5, *[0.59] * 8]),
        train_cfg={"by_epoch": True, "max_epochs": 9},
        custom_hooks=[EarlyStoppingHook("accuracy", patience=1)],
        default_hooks=QUIET,
        log_level="INFO",
    )
    runner.logger.addHandler(caplog.handler)
    with caplog.at_level(logging.INFO):
        runner.train()
    reason = "accuracy did not improve by min_delta=0.1 in the last 1 validations"
    assert f"{reason}; it is compared with 0.5" in caplog.text


def test_a_resume_goes_on_counting(toy: Any, tmp_path: Path) -> None:
    scores = [0.1, 0.9, 0.9, 0.9, 0.9, 0.9]
    hooks = {**QUIET, "checkpoint": {"interval": 1}}
    options = {"default_hooks": hooks, "work_dir": tmp_path / "broken"}
    first = EarlyStoppingHook("accuracy", patience=4)
    trained(toy, scores, first, **options, train_cfg={"by_epoch": True, "max_epochs": 4})
    # A checkpoint is written before the validation of its epoch, which is made once more.
    second = EarlyStoppingHook("accuracy", patience=4)
    runner = trained(toy, scores[3:], second, **options, resume=True)
    assert (second.best_score, second.wait_count) == (0.9, 4)
    assert runner.epoch == 6


def test_starting_from_weights_is_no_resume(toy: Any, tmp_path: Path) -> None:
    options = {"default_hooks": {**QUIET, "checkpoint": {"interval": 1}}}
    first = trained(toy, [0.9] * 12, EarlyStoppingHook("accuracy", patience=3), **options)
    hook = EarlyStoppingHook("accuracy", patience=3)
    file = str(Path(first.work_dir, "epoch_4.pth"))
    second = trained(toy, [0.5] * 12, hook, load_from=file, work_dir=tmp_path / "other")
    assert (second.epoch, hook.best_score) == (4, 0.5)


@pytest.mark.parametrize("strict", [False, True])
def test_a_number_that_isnt_there_is_told_with_those_that_are(
    toy: Any, caplog: pytest.LogCaptureFixture, strict: bool
) -> None:
    runner = toy(
        custom_hooks=[EarlyStoppingHook("mAP", strict=strict)],
        default_hooks=QUIET,
    )
    runner.logger.addHandler(caplog.handler)
    message = "no 'mAP' to stop by, but accuracy, count"
    if strict:
        with pytest.raises(KeyError, match=message):
            runner.train()
    else:
        runner.train()
        assert message in caplog.text
        assert runner.epoch == 2


def test_what_is_no_number_is_refused(toy: Any) -> None:
    class Text(Count):
        def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
            return {"accuracy": "good"}

    with pytest.raises(TypeError, match="'accuracy' must be a number to compare, got 'good'"):
        trained(toy, [], EarlyStoppingHook("accuracy"), val_evaluator=Text())


def test_wrong_rules_are_refused() -> None:
    with pytest.raises(ValueError, match="'greater' or 'less', got 'best'"):
        EarlyStoppingHook("accuracy", rule="best")
    with pytest.raises(ValueError, match="can't be told from its name"):
        EarlyStoppingHook("score")
    assert EarlyStoppingHook("val_loss").rule == "less"


def test_a_loop_that_cant_be_stopped_is_refused(toy: Any) -> None:
    class Stubborn:
        max_epochs = max_iters = 1

    runner = toy(custom_hooks=[EarlyStoppingHook("accuracy")], default_hooks=QUIET)
    runner._train_loop = Stubborn()
    with pytest.raises(TypeError, match="Stubborn has no such attribute"):
        runner.call_hook("before_run")


@pytest.mark.parametrize(
    ("options", "scores"),
    [
        ({"patience": 2}, [0.5] * 20),
        ({"stopping_threshold": 0.7}, [0.5, 0.6, 0.8, 0.5, 0.5, 0.5]),
        ({}, [0.5, 0.6, math.nan, 0.5, 0.5, 0.5]),
    ],
)
def test_a_training_that_has_ended_early_stays_over_until_more_is_asked_for(
    toy: Any, tmp_path: Path, options: dict[str, Any], scores: list[float]
) -> None:
    by_iteration = {
        "train_cfg": {"by_epoch": False, "max_iters": 12, "val_interval": 1},
        "default_hooks": {**QUIET, "checkpoint": {"interval": 5, "by_epoch": False}},
        "work_dir": str(tmp_path),
    }

    def train(**more: Any) -> int:
        hook = EarlyStoppingHook("accuracy", rule="greater", **{**options, **more})
        resumes = bool([*tmp_path.glob("*.pth")])
        runner = trained(toy, scores, hook, **by_iteration, resume=resumes)
        return int(runner.iter)

    assert train() == train() == train() == 3
    assert [each.name for each in tmp_path.glob("*.pth")] == ["iter_3.pth"]
    assert train(patience=20, stopping_threshold=None, check_finite=False) == 12
