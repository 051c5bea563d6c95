"""What no checkpoint can hold is refused when it is put in; what comes later ends no training."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Line, Points, loader, without_validation

from engine_checkpoint import NotKeptError, read_file
from engine_optim import OptimWrapper
from engine_optim.scheduler import StepLR
from engine_runner import Hook


class Colour(enum.Enum):
    RED = 1


class Extra(Line):
    """Keeps more than weights."""

    def __init__(self, extra: Any) -> None:
        super().__init__()
        self.extra = extra

    def get_extra_state(self) -> Any:
        return self.extra

    def set_extra_state(self, state: Any) -> None:
        self.extra = state


class Steps(StepLR):
    """Keeps what isn't its own."""

    def __init__(self, *args: Any, extra: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra = extra


def train(toy: Any, **options: Any) -> Any:
    runner = toy(**without_validation(), **options)
    runner.train()
    return runner


def wrapper_with(extra: Any, model: Any) -> OptimWrapper:
    optimizer = torch.optim.SGD([{"params": [*model.parameters()], "extra": extra}], lr=0.1)
    return OptimWrapper(optimizer)


BAD = [lambda: None, Colour.RED, object(), open]


@pytest.mark.parametrize("bad", BAD)
def test_an_extra_state_is_refused_before_the_training_begins(toy: Any, bad: Any) -> None:
    place = (
        r"checkpoint\['state_dict'\]\['_extra_state'\]\['a'\]\[1\] is a .*a checkpoint can't|put"
    )
    runner = toy(**without_validation(), model=Extra({"a": [1, bad]}))
    with pytest.raises(NotKeptError, match=place):
        runner.train()
    assert runner.iter == 0


@pytest.mark.parametrize("bad", BAD)
def test_a_state_of_an_optimizer_is_refused_before_the_training_begins(toy: Any, bad: Any) -> None:
    model = Line()
    place = r"checkpoint\['optimizer'\]\['param_groups'\]\[0\]\['extra'\] is "
    with pytest.raises(NotKeptError, match=place):
        train(toy, model=model, optim_wrapper=wrapper_with(bad, model))


@pytest.mark.parametrize("bad", [Colour.RED, object(), [object()]])
def test_a_state_of_a_scheduler_is_refused_before_the_training_begins(toy: Any, bad: Any) -> None:
    place = r"checkpoint\['param_schedulers'\]\[0\]\['extra'\](\[0\])? is "
    with pytest.raises(NotKeptError, match=place):
        train(toy, param_scheduler={"type": Steps, "step_size": 1, "extra": bad})


@pytest.mark.parametrize("function", [lambda: None, open, [lambda: None], {"a": max}])
def test_functions_of_a_scheduler_are_left_out_and_come_from_the_config(
    toy: Any, function: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule = {"type": Steps, "step_size": 1, "extra": function, "end": 9}
    runner = train(toy, param_scheduler=schedule)
    (state,) = read_file(Path(runner.work_dir, "epoch_2.pth"))["param_schedulers"]
    assert "extra" not in state
    again = train(
        toy,
        param_scheduler=schedule,
        train_cfg={"by_epoch": True, "max_epochs": 3},
        resume=True,
    )
    assert type(again.param_schedulers[0].extra) is type(function)
    assert again.optim_wrapper.param_groups[0]["lr"] == pytest.approx(0.01 * 0.1**3)
    told = [line for line in capsys.readouterr().out.splitlines() if "['extra']" in line]
    assert len(told) == 2
    assert all("holds a function, which comes from the config" in line for line in told)


@pytest.mark.parametrize("metainfo", [["a", "b"], "coco", 3])
def test_what_is_known_of_a_data_set_need_be_no_mapping(toy: Any, metainfo: Any) -> None:
    runner = train(toy, train_dataloader=loader(Points(metainfo=metainfo)))
    found = read_file(Path(runner.work_dir, "epoch_2.pth"))
    assert found["meta"]["dataset_meta"] == metainfo


def test_everything_that_is_wrong_is_told_at_once(toy: Any) -> None:
    model = Extra({"a": open})
    with pytest.raises(NotKeptError) as told:
        train(
            toy,
            model=model,
            optim_wrapper=wrapper_with(open, model),
            param_scheduler={"type": Steps, "step_size": 1, "extra": object()},
        )
    assert str(told.value).count("\n") == 3


def test_what_isnt_saved_may_hold_anything(toy: Any) -> None:
    model = Line()
    saved = {"checkpoint": {"save_optimizer": False, "save_param_scheduler": False}}
    odd = {"optim_wrapper": wrapper_with(open, model), "model": model}
    odd["param_scheduler"] = {"type": Steps, "step_size": 1, "extra": open}
    assert train(toy, **odd, default_hooks=saved).iter == 24
    none = {"default_hooks": {"checkpoint": None}}
    assert train(toy, model=Extra(open), **none).iter == 24


def test_an_extra_state_that_needs_the_training_isnt_asked_for_twice(toy: Any) -> None:
    class Later(Extra):
        def get_extra_state(self) -> Any:
            return {"steps": self.steps}

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            self.steps = 1
            return super().forward(*args, **kwargs)

    runner = train(toy, model=Later(None))
    found = read_file(Path(runner.work_dir, "epoch_2.pth"))
    assert found["state_dict"]["_extra_state"] == {"steps": 1}
    longer = {"by_epoch": True, "max_epochs": 3}
    again = train(toy, model=Later(None), train_cfg=longer, resume=True)
    assert again.model.extra == {"steps": 1}  # as set_extra_state has got it


def test_what_appears_later_is_left_out_with_a_warning_and_ends_no_training(
    toy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    class Puts(Hook):
        def after_train_iter(self, runner: Any, *_: Any, **__: Any) -> None:
            runner.model.extra["later"] = open
            optimizer = runner.optim_wrapper.optimizer
            optimizer.param_groups[0]["later"] = [object()]
            optimizer.state[runner.model.layer.weight]["later"] = object()
            runner.param_schedulers[0].later = Colour.RED

    runner = train(
        toy,
        model=Extra({"now": 1}),
        param_scheduler={"type": "StepLR", "step_size": 1},
        custom_hooks=[Puts()],
    )
    found = read_file(Path(runner.work_dir, "epoch_2.pth"))
    assert found["state_dict"]["_extra_state"] == {"now": 1}
    assert "later" not in found["optimizer"]["param_groups"][0]
    assert "later" not in found["param_schedulers"][0]
    assert capsys.readouterr().out.count("left out of checkpoints: ") == 4


def test_facts_of_a_data_set_are_told_at_the_start_and_left_out(
    toy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    data = loader(Points(metainfo={"classes": ["a"], "colour": Colour.RED, "read": open}))
    runner = toy(**without_validation(), train_dataloader=data)
    runner.prepare_training()
    told = capsys.readouterr().out
    assert told.count("left out of checkpoints: checkpoint['meta']['dataset_meta']") == 2
    runner.train()
    found = read_file(Path(runner.work_dir, "epoch_2.pth"))
    assert found["meta"]["dataset_meta"] == {"classes": ["a"]}
    assert "left out" not in capsys.readouterr().out
