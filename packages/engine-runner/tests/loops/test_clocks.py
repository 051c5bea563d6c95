"""Two clocks: iterations, and optimizer steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from toy import QUIET, Line, Points, loader, without_validation

from engine_checkpoint import read_file
from engine_optim import AmpOptimWrapper, OptimWrapper, OptimWrapperDict
from engine_runner.hooks import Hook


class Steps(Hook):
    """Keeps, after each iteration, how many optimizer steps there were."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.stepped: list[bool] = []

    def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
        self.seen.append(runner.state.optimizer_steps)
        self.stepped.append(runner.state.has_stepped)


class TwoParts(Line):
    """Its weight is trained in every iteration but each third, its bias in every second."""

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, Tensor]:
        self.number = getattr(self, "number", -1) + 1
        loss = self(*self.data_preprocessor(data), mode="loss")["loss"]
        if self.number % 3:
            optim_wrapper["weight"].update_params(loss)
        elif self.number % 2:
            optim_wrapper["bias"].update_params(loss)
        return {"loss": loss.detach()}


def train(toy: Any, *, num_iters: int = 7, **options: Any) -> tuple[Any, Steps]:
    steps = Steps()
    runner = toy(
        **without_validation(),
        **{
            "train_cfg": {"by_epoch": False, "max_iters": num_iters},
            "default_hooks": QUIET,
            "custom_hooks": [steps],
            "train_dataloader": loader(Points(8)),
            **options,
        },
    )
    runner.train()
    return runner, steps


def sgd(**options: Any) -> dict[str, Any]:
    return {"optimizer": {"type": "SGD", "lr": 0.1}, **options}


@pytest.mark.parametrize("kind", ["OptimWrapper", "AmpOptimWrapper"])
def test_a_step_is_counted_when_a_window_ends(toy: Any, kind: str) -> None:
    runner, steps = train(toy, optim_wrapper=sgd(type=kind, accumulative_counts=3))
    assert steps.seen == [0, 0, 1, 1, 1, 2, 3]
    assert steps.stepped == [False, False, True, False, False, True, True]
    assert runner.state.optimizer_steps == 3


def test_without_accumulation_both_clocks_go_alike(toy: Any) -> None:
    _, steps = train(toy, optim_wrapper=sgd())
    assert steps.seen == [1, 2, 3, 4, 5, 6, 7]


def test_a_step_that_overflow_leaves_out_is_counted(toy: Any) -> None:
    model = Line()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wrapper = AmpOptimWrapper(optimizer=optimizer, dtype="float16", loss_scale=1e38)
    _, steps = train(toy, num_iters=2, model=model, optim_wrapper=wrapper)
    assert torch.equal(model.layer.weight.detach(), torch.full((1, 2), 0.5))  # nothing moved
    assert steps.seen == [1, 2]


def test_of_several_optimizers_any_moves_the_clock_by_one(toy: Any) -> None:
    model = TwoParts()
    parts = {"weight": model.layer.weight, "bias": model.layer.bias}
    wrapper = OptimWrapperDict(
        **{
            name: OptimWrapper(optimizer=torch.optim.SGD([part], lr=0.1))
            for name, part in parts.items()
        }
    )
    _, steps = train(toy, model=model, optim_wrapper=wrapper)
    assert steps.seen == [0, 1, 2, 3, 4, 5, 5]


class Plain:
    """An optimizer in a wrapper of somebody else's."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer

    def update_params(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def optim_context(self, model: Any) -> Any:
        return torch.enable_grad()

    def initialize_count_status(self, *args: Any) -> None: ...


def test_a_wrapper_that_counts_nothing_steps_in_each_iteration(toy: Any) -> None:
    model = Line()
    wrapper = Plain(torch.optim.SGD(model.parameters(), lr=0.1))
    _, steps = train(toy, num_iters=3, model=model, optim_wrapper=wrapper)
    assert steps.seen == [1, 2, 3]


def test_a_checkpoint_holds_both_and_an_older_one_is_reckoned(toy: Any, tmp_path: Path) -> None:
    options = {
        "optim_wrapper": sgd(accumulative_counts=2),
        "default_hooks": {**QUIET, "checkpoint": {"by_epoch": False, "interval": 5}},
    }
    train(toy, num_iters=9, work_dir=tmp_path / "whole", **options)
    file = tmp_path / "whole" / "iter_5.pth"
    saved = read_file(str(file))
    assert saved["train_state"] == {
        "epoch": 0,
        "iteration": 5,
        "batch_in_epoch": 5,
        "optimizer_steps": 2,
        "validated_at": 0,
        "global_batch_size": 2,
    }
    resume = {"load_from": str(file), "resume": True, **options}
    _, steps = train(toy, num_iters=9, **resume)
    assert steps.seen == [3, 3, 4, 5]
    del saved["train_state"]["optimizer_steps"]
    torch.save(saved, file)
    _, steps = train(toy, num_iters=9, **resume)
    assert steps.seen == [3, 3, 4, 5]
    del saved["train_state"]
    torch.save(saved, file)
    _, steps = train(toy, num_iters=9, **resume)
    assert steps.seen == [3, 3, 4, 5]


SCHEDULE = [
    {"type": "LinearLR", "by_epoch": False, "begin": 0, "end": 3, "start_factor": 0.1},
    {"type": "CosineAnnealingLR", "by_epoch": False, "begin": 3},
    {"type": "LinearMomentum", "by_epoch": False, "end": 6},
]


class Rates(Hook):
    """Keeps learning rate and momentum with which each optimizer step was made."""

    priority = "VERY_HIGH"

    def __init__(self) -> None:
        self.seen: list[tuple[float, float]] = []

    def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
        if runner.state.has_stepped:
            wrapper = runner.optim_wrapper
            self.seen.append((wrapper.get_lr()["lr"][0], wrapper.get_momentum()["momentum"][0]))


@pytest.mark.parametrize("limit", ["max_steps", "max_iters"])
def test_accumulating_by_the_clock_of_steps_is_training_with_large_batches(
    toy: Any, limit: str
) -> None:
    def run(counts: int, schedule: list[dict[str, Any]], cfg: dict[str, Any]) -> tuple[Any, Any]:
        rates = Rates()
        runner = toy(
            **without_validation(),
            train_dataloader=loader(Points(96), batch_size=12 // counts, shuffle=True),
            train_cfg={"by_epoch": False, **cfg},
            optim_wrapper={
                "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9},
                "accumulative_counts": counts,
            },
            param_scheduler=schedule,
            default_hooks={**QUIET, "param_scheduler": {"type": "ParamSchedulerHook"}},
            custom_hooks=[rates],
        )
        runner.train()
        return runner, rates.seen

    by_step = [{**each, "clock": "step"} for each in SCHEDULE]
    small = {"max_steps": 10} if limit == "max_steps" else {"max_iters": 40}
    accumulated, its_rates = run(4, by_step, small)
    large, rates = run(1, SCHEDULE, {"max_iters": 10})
    assert its_rates == rates
    assert len({*rates}) == 10
    assert (accumulated.iter, accumulated.state.optimizer_steps) == (40, 10)
    for name, weight in large.model.state_dict().items():
        torch.testing.assert_close(accumulated.model.state_dict()[name], weight)


def test_by_the_clock_of_iterations_schedules_run_ahead_of_the_steps_as_mmengines_do(
    toy: Any,
) -> None:
    runner, _ = train(
        toy,
        num_iters=4,
        optim_wrapper=sgd(accumulative_counts=2),
        param_scheduler={"type": "ExponentialLR", "gamma": 0.5, "by_epoch": False},
        default_hooks={**QUIET, "param_scheduler": {"type": "ParamSchedulerHook"}},
    )
    assert runner.optim_wrapper.get_lr()["lr"] == [0.1 / 8]  # after two steps


def test_a_schedule_in_epochs_becomes_one_in_steps(toy: Any) -> None:
    def ends(**options: Any) -> tuple[int, int]:
        runner = toy(
            **without_validation(),
            train_dataloader=loader(Points(12)),
            train_cfg={"by_epoch": True, "max_epochs": 4},
            optim_wrapper=sgd(accumulative_counts=options.pop("counts")),
            param_scheduler={"type": "StepLR", "step_size": 2, "clock": "step", **options},
        )
        runner.prepare_training()
        (scheduler,) = runner.param_schedulers
        assert not scheduler.by_epoch
        return scheduler.end, scheduler.step_size

    assert ends(counts=3, convert_to_iter_based=True) == (8, 4)
    assert ends(counts=3) == ends(counts=3, by_epoch=False) == (8, 2)
    assert ends(counts=5) == (5, 2)  # the last step is of a shorter window
    with pytest.raises(ValueError, match="6 batches is no whole number of steps of 4 batches"):
        ends(counts=4, convert_to_iter_based=True)
    with pytest.raises(ValueError, match="the StepLR counts either epochs or"):
        ends(counts=3, by_epoch=True)
    with pytest.raises(ValueError, match="clock is 'iteration' or 'step', got 'steps'"):
        ends(counts=3, clock="steps")


@pytest.mark.parametrize("counts", [1, 3])
def test_a_training_ends_with_its_last_step_also_after_a_resume(
    toy: Any, tmp_path: Path, counts: int
) -> None:
    def run(max_steps: int, then: int = counts, **options: Any) -> Any:
        runner, _ = train(
            toy,
            work_dir=tmp_path / f"work_{counts}",
            train_cfg={"by_epoch": False, "max_steps": max_steps},
            optim_wrapper=sgd(accumulative_counts=then),
            default_hooks={**QUIET, "checkpoint": {"by_epoch": False, "clock": "step"}},
            **options,
        )
        assert runner.iter == runner.max_iters
        assert runner.train_loop.max_steps == runner.state.optimizer_steps == max_steps
        return runner

    assert run(4).iter == 4 * counts
    assert run(6, resume=True).iter == 6 * counts
    assert run(6, resume=True).iter == 6 * counts  # nothing left to do
    assert run(10, 2, resume=True).iter >= 6 * counts + 4 * 2 - 1


def test_a_training_whose_optimizer_never_steps_ends_with_a_reason(toy: Any) -> None:
    class Idle(Line):
        def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, Tensor]:
            return {"loss": torch.zeros(())}

    with pytest.raises(RuntimeError, match="max_steps=1, and the optimizer made no step in 101"):
        train(toy, model=Idle(), train_cfg={"by_epoch": False, "max_steps": 1})


@pytest.mark.parametrize("cfg", [{"max_steps": None}, {"max_iters": 2, "max_steps": 2}])
def test_one_limit_is_needed(toy: Any, cfg: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either max_iters, batches, or max_steps"):
        train(toy, train_cfg={"by_epoch": False, **cfg})


def test_log_lines_and_checkpoints_can_count_steps(toy: Any, tmp_path: Path) -> None:
    runner, _ = train(
        toy,
        num_iters=14,
        optim_wrapper=sgd(accumulative_counts=3),
        log_level="INFO",
        default_hooks={
            "logger": {"interval": 2, "clock": "step"},
            "checkpoint": {"by_epoch": False, "interval": 2, "clock": "step"},
        },
    )
    saved = sorted(path.name for path in Path(runner.work_dir).glob("*.pth"))
    assert saved == ["iter_12.pth", "iter_14.pth", "iter_6.pth"]
    _, values, _ = runner.message_hub.get_scalar("train/optimizer_steps").since(0)
    assert values == [2, 4]
    text = Path(runner.log_dir, f"{runner.timestamp}.log").read_text("utf-8")
    lines = [line.split("Iter(train)")[1] for line in text.splitlines() if "Iter(train)" in line]
    assert [line.split("]")[0].strip() for line in lines] == ["[ 6/14", "[12/14"]
    assert "optimizer_steps: 4" in lines[1]


def test_a_clock_that_there_isnt_is_refused(toy: Any) -> None:
    with pytest.raises(ValueError, match="LoggerHook: clock is 'iteration' or 'step', got 'st'"):
        toy(default_hooks={"logger": {"clock": "st"}})
    with pytest.raises(ValueError, match="counts no epochs: add by_epoch=False"):
        toy(default_hooks={"checkpoint": {"clock": "step"}})
