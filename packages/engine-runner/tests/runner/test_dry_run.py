"""A rehearsal: what it reports, what it finds, and that nothing of it stays."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Line

from engine_logging import MessageHub
from engine_model import BaseModel
from engine_runner import Runner
from engine_runner.hooks import Hook

TESTED: dict[str, Any] = {"test_cfg": {}}


def test_everything_is_run_a_little(toy: Callable[..., Any]) -> None:
    from toy import Count, Points, loader

    runner = toy(test_cfg={}, test_dataloader=loader(Points(5)), test_evaluator=Count())
    report = runner.dry_run()
    assert report.is_ready, report
    assert [each.what for each in report.rehearsed] == [
        *("build", "train", "checkpoint", "val", "test")
    ]
    text = str(report)
    assert "Line: 3 parameters, 3 of them trained" in text
    assert "batch[0]: (2, 2) float32" in text
    assert "3 weights, read back" not in text
    assert "2 weights, read back" in text
    assert "count 4" in text
    assert text.endswith("nothing is wrong")


def test_nothing_of_it_stays(toy: Callable[..., Any], tmp_path: Path) -> None:
    model_class = type(toy(work_dir=tmp_path / "other").model)
    calls: list[str] = []

    class Notes(Hook):
        def before_train(self, runner: Any) -> None:
            calls.append(runner.work_dir)

    runner = toy(model=model_class(), custom_hooks=[Notes()])
    before = {key: value.clone() for key, value in runner.model.state_dict().items()}
    files = sorted(tmp_path.rglob("*"))
    state = torch.get_rng_state()
    runner.dry_run()
    assert sorted(tmp_path.rglob("*")) == files
    assert torch.equal(torch.get_rng_state(), state)
    assert MessageHub.get_current_instance() is runner.message_hub
    assert (runner.iter, runner.epoch) == (0, 0)
    after = runner.model.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())
    runner.train()
    assert calls[-1] == runner.work_dir
    assert len(calls) == 2
    assert runner.epoch == 2


def test_a_run_that_takes_a_name_which_is_free_again_keeps_what_has_it(tmp_path: Path) -> None:
    names = ["", "another"]
    while names[0] != names[1]:  # until two begin in one second
        first = Runner(Line(), str(tmp_path / "first"))
        MessageHub._instance_dict.pop(first.experiment_name)  # as after a dry run
        second = Runner(Line(), str(tmp_path / "second"))
        names = [first.experiment_name, second.experiment_name]
    del first
    gc.collect()
    third = Runner(Line(), str(tmp_path))
    assert MessageHub.get_instance(second.experiment_name) is second.message_hub
    for each in (second, third):
        each.logger.close()


def test_a_training_after_it_is_the_same_as_one_without(toy: Callable[..., Any]) -> None:
    rehearsed, plain = toy(), toy()
    rehearsed.set_randomness(seed=3)
    rehearsed.dry_run()
    rehearsed.train()
    plain.set_randomness(seed=3)
    plain.train()
    assert torch.equal(rehearsed.model.layer.weight, plain.model.layer.weight)


def test_all_that_fails_is_found(toy: Callable[..., Any]) -> None:
    class Breaks(BaseModel):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(1))

        def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
            if mode == "loss":
                raise ValueError("no such loss")
            raise ValueError("no prediction")

    report = toy(model=Breaks()).dry_run()
    assert not report.is_ready
    assert report.problems[0] == "train: ValueError: no such loss"
    assert "val: ValueError: no prediction" in report.problems
    assert str(report).endswith("problems: 2")


def test_what_a_config_says_wrong_is_told_first(toy: Callable[..., Any]) -> None:
    hook = {"type": "EmptyCacheHook", "befor_epoch": True}
    cfg = {"optim_wrapper": {"type": "OptimWrapper", "clip_grd": 3, "optimizer": {"type": "SGD"}}}
    report = toy(cfg=cfg).dry_run()
    assert any("clip_grd" in problem for problem in report.problems), report
    with pytest.raises(TypeError, match="befor_epoch"):
        toy(custom_hooks=[hook])


def test_iterations_are_rehearsed_as_epochs_are(toy: Callable[..., Any]) -> None:
    runner = toy(
        train_cfg={"by_epoch": False, "max_iters": 1000, "val_interval": 100, "val_begin": 900},
        param_scheduler=[
            {"type": "LinearLR", "by_epoch": False, "start_factor": 0.1, "end": 500},
            {"type": "PolyLR", "by_epoch": False, "begin": 500, "power": 0.9},
        ],
    )
    report = runner.dry_run(num_batches=3)
    assert report.is_ready, report
    train = next(each for each in report.rehearsed if each.what == "train")
    assert train.details[-1].count(",") == 2
