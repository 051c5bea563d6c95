"""The average of the weights: kept, evaluated, saved, resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from toy import QUIET, Count, Line, Points, loader, without_validation

from engine_checkpoint import WrongModelError
from engine_model import ExponentialMovingAverage
from engine_registry import MODEL_WRAPPERS
from engine_runner.hooks import EMAHook, Hook

MOMENTUM = 0.1


class Normed(Line):
    """With statistics, which are buffers, and a tied weight."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(2)
        self.same = self.norm.weight

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        return super().forward(self.norm(x) * self.same, y, mode)


class Weights(Hook):
    """Keeps the weights after each iteration, and those that each validation saw."""

    priority = "LOWEST"

    def __init__(self) -> None:
        self.trained: list[dict[str, Tensor]] = []
        self.validated: list[dict[str, Tensor]] = []

    def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
        self.trained.append(copied(runner.model))

    def before_val_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if batch_idx == 0:
            self.validated.append(copied(runner.model))


def copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(a: Any, b: Any) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def runner_with(toy: Any, ema: EMAHook, *hooks: Hook, **options: Any) -> Any:
    arguments: dict[str, Any] = {
        "model": Normed(),
        "train_dataloader": loader(Points(8)),
        "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}},
        "default_hooks": {**QUIET, "checkpoint": {"interval": 1}},
        **options,
    }
    return toy(**arguments, custom_hooks=[ema, *hooks])


def expected(trained: list[dict[str, Tensor]], name: str) -> Tensor:
    """The moving average by its definition: the first value, then a tenth of each."""
    average = trained[0][name].double()
    for weights in trained[1:]:
        average = (1 - MOMENTUM) * average + MOMENTUM * weights[name].double()
    return average.float()


def test_validation_sees_the_average_and_training_goes_on_with_the_weights(toy: Any) -> None:
    weights, plain = Weights(), Weights()
    runner_with(toy, EMAHook(momentum=MOMENTUM), weights).train()
    toy(
        model=Normed(),
        train_dataloader=loader(Points(8)),
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}},
        default_hooks=QUIET,
        custom_hooks=[plain],
    ).train()
    assert len(weights.trained) == 8
    assert all(same(a, b) for a, b in zip(weights.trained, plain.trained, strict=True))
    for seen, upto in zip(weights.validated, (4, 8), strict=True):
        for name in ("layer.weight", "layer.bias", "norm.weight", "same"):
            torch.testing.assert_close(seen[name], expected(weights.trained[:upto], name))
        for name in ("norm.running_mean", "norm.running_var", "norm.num_batches_tracked"):
            assert torch.equal(seen[name], weights.trained[upto - 1][name])
    assert same(copied(runner_with(toy, EMAHook()).model), copied(Normed()))


def test_a_checkpoints_weights_are_the_average(toy: Any, tmp_path: Path) -> None:
    weights, ema = Weights(), EMAHook(momentum=MOMENTUM)
    runner = runner_with(toy, ema, weights)
    runner.train()
    found = torch.load(Path(runner.work_dir, "epoch_2.pth"), weights_only=True)
    assert same(found["state_dict"], weights.validated[-1])
    inside = {f"module.{name}": value for name, value in weights.trained[-1].items()}
    assert same(found["ema_state_dict"], {"steps": torch.tensor(8), **inside})
    assert same(copied(runner.model), weights.trained[-1])


@pytest.mark.parametrize("options", [{}, {"update_buffers": True}, {"interval": 3}])
def test_a_resume_goes_on_to_the_bit(toy: Any, tmp_path: Path, options: dict[str, Any]) -> None:
    hooks = []
    for folder, stop in (("whole", None), ("broken", 1), ("broken", None)):
        ema = EMAHook(momentum=MOMENTUM, **options)
        runner = runner_with(
            toy,
            ema,
            work_dir=tmp_path / folder,
            resume=folder == "broken",
            train_cfg={"by_epoch": True, "max_epochs": stop or 3},
        )
        runner.train()
        hooks.append((runner, ema))
    (whole, its), _, (resumed, other) = hooks
    assert resumed.iter == 12
    assert same(copied(whole.model), copied(resumed.model))
    assert same(copied(its.ema_model), copied(other.ema_model))


def test_training_from_the_file_of_another_begins_with_its_average(
    toy: Any, tmp_path: Path
) -> None:
    first = runner_with(toy, EMAHook(momentum=MOMENTUM))
    first.train()
    file = Path(first.work_dir, "epoch_2.pth")
    averages = torch.load(file, weights_only=True)["state_dict"]
    weights, ema = Weights(), EMAHook(momentum=MOMENTUM)
    second = runner_with(
        toy,
        ema,
        weights,
        work_dir=tmp_path / "other",
        load_from=str(file),
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.0}},
    )
    second.train()
    assert torch.equal(weights.trained[0]["layer.weight"], averages["layer.weight"])
    assert torch.equal(ema.ema_model.module.layer.weight, averages["layer.weight"])
    assert int(ema.ema_model.steps) == 8


def test_a_checkpoint_without_an_average_begins_one(toy: Any, tmp_path: Path) -> None:
    plain = toy(model=Normed(), train_dataloader=loader(Points(8)), work_dir=tmp_path / "plain")
    plain.train()
    weights, ema = Weights(), EMAHook(momentum=MOMENTUM)
    runner = runner_with(
        toy,
        ema,
        weights,
        load_from=str(tmp_path / "plain" / "epoch_2.pth"),
        resume=True,
        train_cfg={"by_epoch": True, "max_epochs": 3},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.01}},
    )
    runner.train()
    assert int(ema.ema_model.steps) == 4
    average = expected(weights.trained, "layer.weight")
    torch.testing.assert_close(ema.ema_model.module.layer.weight, average)


def test_what_doesnt_fit_is_an_error_if_it_is_to_be(toy: Any, tmp_path: Path) -> None:
    toy(work_dir=tmp_path / "plain", train_dataloader=loader(Points(8))).train()
    options = {
        "load_from": str(tmp_path / "plain" / "epoch_2.pth"),
        "work_dir": tmp_path / "other",
    }
    runner_with(toy, EMAHook(), **options).train()
    with pytest.raises(WrongModelError, match=r"norm\.weight"):
        runner_with(toy, EMAHook(strict_load=True), **options).train()


def test_testing_a_checkpoint_is_testing_the_average(toy: Any, tmp_path: Path) -> None:
    weights = Weights()
    first = runner_with(toy, EMAHook(momentum=MOMENTUM), weights)
    first.train()
    last = weights.validated[-1]
    first.val()
    assert same(weights.validated[-1], last)  # of the same process
    assert same(copied(first.model), weights.trained[-1])
    other = Weights()
    load_from = str(Path(first.work_dir, "epoch_2.pth"))
    runner_with(toy, EMAHook(), other, load_from=load_from).val()
    assert same(other.validated[0], last)


class Fails(Count):
    """Fails at the second validation."""

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        if not self.scores:
            raise ArithmeticError("no numbers today")
        return super().compute_metrics(results)


def test_a_validation_that_fails_leaves_the_trained_weights(toy: Any) -> None:
    weights = Weights()
    runner = runner_with(toy, EMAHook(momentum=MOMENTUM), weights, val_evaluator=Fails([1.0]))
    with pytest.raises(ArithmeticError, match="no numbers today"):
        runner.train()
    assert len(weights.validated) == 2
    assert same(copied(runner.model), weights.trained[-1])
    assert not same(copied(runner.model), weights.validated[-1])


@pytest.mark.parametrize(
    ("begin", "first"), [({"begin_iter": 3}, 2), ({"begin_epoch": 2}, 4), ({"begin_epoch": 1}, 0)]
)
def test_the_average_begins_when_it_is_told(toy: Any, begin: dict[str, int], first: int) -> None:
    weights, ema = Weights(), EMAHook(momentum=MOMENTUM, **begin)
    runner = runner_with(toy, ema, weights)
    runner.train()
    assert int(ema.ema_model.steps) == 8 - first
    average = expected(weights.trained[first:], "layer.weight")
    torch.testing.assert_close(ema.ema_model.module.layer.weight, average)
    if first == 4:  # nothing was averaged yet: validated and saved are the weights
        assert same(weights.validated[0], weights.trained[3])
        found = torch.load(Path(runner.work_dir, "epoch_1.pth"), weights_only=True)
        assert same(found["state_dict"], weights.trained[3])
        assert int(found["ema_state_dict"]["steps"]) == 0


@pytest.mark.parametrize("clock", ["iteration", "step"])
def test_it_counts_iterations_or_optimizer_steps(toy: Any, clock: str) -> None:
    weights, ema = Weights(), EMAHook(momentum=MOMENTUM, clock=clock)
    wrapper = {"optimizer": {"type": "SGD", "lr": 0.1}, "accumulative_counts": 2}
    runner_with(toy, ema, weights, optim_wrapper=wrapper).train()
    moved = weights.trained if clock == "iteration" else weights.trained[1::2]
    assert int(ema.ema_model.steps) == len(moved)
    average = expected(moved, "layer.weight")
    torch.testing.assert_close(ema.ema_model.module.layer.weight, average)


def test_saving_during_a_validation_saves_the_same(toy: Any, tmp_path: Path) -> None:
    class Save(Hook):
        def before_val_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
            meta = {"epoch": runner.epoch, "iter": runner.iter}
            runner.save_checkpoint(runner.work_dir, f"during_{runner.epoch}.pth", meta=meta)

    weights = Weights()
    runner = runner_with(toy, EMAHook(momentum=MOMENTUM), weights, Save())
    runner.train()
    during, after = (
        torch.load(Path(runner.work_dir, name), weights_only=True)
        for name in ("during_2.pth", "epoch_2.pth")
    )
    assert same(during["state_dict"], after["state_dict"])
    assert same(during["ema_state_dict"], after["ema_state_dict"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"begin_iter": -1}, "begin_iter must not be negative"),
        ({"begin_iter": 1, "begin_epoch": 1}, "not both"),
        ({"clock": "hour"}, "'iteration' or 'step'"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EMAHook(**options)


def test_a_beginning_after_the_end_is_refused(toy: Any) -> None:
    runner = runner_with(toy, EMAHook(begin_iter=100), **without_validation())
    with pytest.raises(ValueError, match="begin_iter is 100, and the training ends at 8"):
        runner.train()


class LateState(nn.Module):
    """Has an extra state as soon as it has seen a batch, which its average never does."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.seen = nn.Linear(1, 1), 0

    def forward(self, x: Any) -> Any:
        self.seen += 1
        return self.layer(x)

    def get_extra_state(self) -> Any:
        if not self.seen:
            raise RuntimeError("nothing was seen yet")
        return {"seen": self.seen}

    def set_extra_state(self, state: Any) -> None:
        self.seen = state["seen"]


def test_an_extra_state_that_comes_late_is_the_trained_models() -> None:
    model = LateState()
    model(torch.ones(1, 1))
    hook = EMAHook()
    hook.src_model = model
    hook.ema_model = ExponentialMovingAverage(LateState())
    hook._has_begun = True
    checkpoint = {"state_dict": model.state_dict()}
    hook.before_save_checkpoint(None, checkpoint)  # type: ignore[arg-type]  # it isn't asked
    assert checkpoint["state_dict"]["_extra_state"] == {"seen": 1}
    assert checkpoint["ema_state_dict"]["module._extra_state"] == {"seen": 1}


class Holds:
    """A wrapper that is no module, as tests of libraries have it."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["module"], name)


def test_the_average_is_of_the_model_within_a_wrapper_that_is_no_module(toy: Any) -> None:
    runner = runner_with(toy, EMAHook(momentum=MOMENTUM))
    inner = runner.model
    MODEL_WRAPPERS.register_module(module=Holds)
    try:
        runner.model = Holds(inner)
        (hook,) = [hook for hook in runner.hooks if isinstance(hook, EMAHook)]
        hook.before_run(runner)
    finally:
        del MODEL_WRAPPERS.module_dict["Holds"]
    assert hook.src_model is inner
    assert same(hook.ema_model.module.state_dict(), inner.state_dict())
