"""The parts of a step are timed for any model, and nothing of that is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Line, Points, loader, without_validation

from engine_runner.hooks import Hook, StepTimesHook

NAMES = ("wait", "transfer", "forward", "backward", "optimizer", "hooks")
TIMED = {"timer": {"type": "StepTimesHook"}, "logger": {"interval": 4}}


class Work(Hook):
    """A hook that takes long."""

    def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
        big = torch.rand(200, 200)
        for _ in range(40):
            big = big @ big / big.norm()


def text_of(runner: Any) -> str:
    return Path(runner.log_dir, f"{runner.timestamp}.log").read_text("utf-8")


@pytest.mark.parametrize(
    "cfg", [{"by_epoch": True, "max_epochs": 2}, {"by_epoch": False, "max_iters": 12}]
)
def test_the_parts_make_up_the_iteration(toy: Any, cfg: Any) -> None:
    runner = toy(
        train_dataloader=loader(Points(12)),
        train_cfg={**cfg, "val_interval": 1 if cfg["by_epoch"] else 5},
        default_hooks=TIMED,
        custom_hooks=[Work()],
        log_level="INFO",
    )
    runner.train()
    scalars = runner.message_hub.log_scalars
    values = {name: scalars[f"train/{name}_time"].data[0] for name in NAMES}
    assert {len(each) for each in values.values()} == {12}
    assert all((each > 0).all() for each in values.values())
    whole = sum(each.sum() for each in values.values())
    # What the machine does in between belongs to no part.
    assert 0.1 < whole / scalars["train/time"].data[0].sum() < 1.5
    text = text_of(runner)
    assert "hooks_time: " in text and "eta: " in text and " data_time: " in text
    assert text.count("was not the model's own: hooks took it") == 1
    assert "(data " in text and ", hooks " in text


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_of_it(toy: Any, fails: bool) -> None:
    class Fails(Hook):
        def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
            assert "call_hook" in vars(runner) and "step" in vars(runner.optim_wrapper)
            if fails:
                raise KeyError("of a hook")

    runner = toy(**without_validation(), default_hooks=TIMED, custom_hooks=[Fails()])
    runner.prepare_training()
    before = {*vars(runner.optim_wrapper), "_num_steps"}
    if fails:
        with pytest.raises(KeyError):
            runner.train()
    else:
        runner.train()
    assert "call_hook" not in vars(runner)
    assert vars(runner.optim_wrapper).keys() <= before
    preprocessor = runner.model.data_preprocessor
    assert not preprocessor._forward_hooks and not preprocessor._forward_pre_hooks


def test_a_train_step_of_ones_own_is_timed_too(toy: Any) -> None:
    class Own(Line):
        def train_step(self, data: Any, optim_wrapper: Any) -> Any:
            x, y = self.data_preprocessor(data, True)
            loss = (self.layer(x) - y).square().mean()
            optim_wrapper.zero_grad()
            optim_wrapper.backward(loss)
            optim_wrapper.step()
            return {"loss": loss.detach()}

    runner = toy(**without_validation(), model=Own(), default_hooks=TIMED)
    runner.train()
    scalars = runner.message_hub.log_scalars
    assert all((scalars[f"train/{name}_time"].data[0] > 0).all() for name in NAMES)


def test_weights_and_random_numbers_are_those_of_a_training_without(toy: Any) -> None:
    def weights(**hooks: Any) -> Any:
        runner = toy(**without_validation(), default_hooks=hooks)
        runner.train()
        return runner.model.layer.weight

    assert torch.equal(weights(**TIMED), weights())


def test_a_usual_training_says_how_long_it_waited_for_data(toy: Any, tmp_path: Path) -> None:
    def said(report_after: float) -> list[str]:
        hooks = {"timer": {"report_after": report_after}}
        folder = tmp_path / str(report_after)
        runner = toy(**without_validation(), work_dir=folder, default_hooks=hooks, log_level="INFO")
        runner.train()
        lines = text_of(runner).splitlines()
        assert runner.train_loop._waits is None
        return [line for line in lines if "of the time" in line]

    (line,) = said(0.0)
    assert "s) the model waited for data: " in line
    assert said(60.0) == []


def test_it_is_a_timer() -> None:
    assert StepTimesHook().report_after == 0.0
