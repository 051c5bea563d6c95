"""A resumed training has the rates that its config says, as one that was never stopped."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from toy import Points, loader, without_validation

from engine_checkpoint import read_file


def rates(toy: Any, folder: Any, *, epochs: int, schedule: Any, **more: Any) -> list[float]:
    """The learning rate of every iteration that one run has made."""
    by_epoch = more.pop("by_epoch", True)
    cfg = {"max_epochs": epochs} if by_epoch else {"max_iters": epochs * 4}
    runner = toy(
        **{**without_validation(), **more.pop("validation", {})},
        work_dir=str(folder),
        train_dataloader=loader(Points(8)),
        train_cfg={"by_epoch": by_epoch, **cfg},
        param_scheduler=schedule,
        default_hooks={"checkpoint": {"interval": 1 if by_epoch else 4, "by_epoch": by_epoch}},
        log_level="ERROR",
        **more,
    )
    runner.train()
    return [float(x) for x in runner.message_hub.get_scalar("train/lr").data[0]]


SCHEDULES: dict[str, dict[str, Any]] = {
    "step": {"type": "StepLR", "step_size": 2},
    "multi-step": {"type": "MultiStepLR", "milestones": [1, 3]},
    "exponential": {"type": "ExponentialLR", "gamma": 0.5},
    "linear": {"type": "LinearLR", "start_factor": 0.1},
    "constant": {"type": "ConstantLR", "factor": 0.1},
    "poly": {"type": "PolyLR", "power": 2.0},
    "cosine": {"type": "CosineAnnealingLR"},
    "one cycle": {"type": "OneCycleLR", "eta_max": 1.0},
    "restarts": {"type": "CosineRestartLR", "periods": [1, 4], "restart_weights": [1, 0.5]},
}


@pytest.mark.parametrize("way", ["epochs", "iterations", "converted"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_more_epochs_than_at_first_are_those_of_a_longer_training(
    toy: Any, tmp_path: Any, name: str, way: str
) -> None:
    schedule = dict(SCHEDULES[name])
    if way == "iterations":
        schedule["by_epoch"] = False
    if way == "converted":
        schedule |= {"by_epoch": True, "convert_to_iter_based": True}
    whole = rates(toy, tmp_path / "whole", epochs=5, schedule=schedule)
    rates(toy, tmp_path / "parts", epochs=2, schedule=schedule)
    parts = rates(toy, tmp_path / "parts", epochs=5, schedule=schedule, resume=True)
    assert parts[8:] == pytest.approx(whole[8:], rel=1e-9)


def test_a_warmup_and_what_follows_it_are_replayed_together(toy: Any, tmp_path: Any) -> None:
    def schedule(end: int) -> list[dict[str, Any]]:
        warmup = {"type": "LinearLR", "start_factor": 0.1, "by_epoch": False, "end": 6}
        return [warmup, {"type": "CosineAnnealingLR", "T_max": end, "by_epoch": True}]

    whole = rates(toy, tmp_path / "whole", epochs=4, schedule=schedule(4))
    rates(toy, tmp_path / "parts", epochs=2, schedule=schedule(9))
    parts = rates(toy, tmp_path / "parts", epochs=4, schedule=schedule(4), resume=True)
    assert parts[8:] == pytest.approx(whole[8:], rel=1e-9)


def test_what_differs_from_the_checkpoint_is_said(
    toy: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rates(toy, tmp_path / "w", epochs=2, schedule={"type": "MultiStepLR", "milestones": [1]})
    other = {"type": "MultiStepLR", "milestones": [3], "gamma": 0.5}
    runner = toy(
        **without_validation(),
        work_dir=str(tmp_path / "w"),
        train_dataloader=loader(Points(8)),
        train_cfg={"by_epoch": True, "max_epochs": 4},
        param_scheduler=other,
        resume=True,
    )
    runner.train()
    told = capsys.readouterr().out
    assert "param_scheduler 1, MultiStepLR: milestones is {3: 1} and was {1: 1}" in told
    assert "gamma is 0.5 and was 0.1 in the checkpoint" in told
    assert "end is 4 and was 2 in the checkpoint" in told
    assert "lr goes on with [0.01], and was [0.001] in the checkpoint" in told
    found = runner.message_hub.get_scalar("train/lr").data[0].tolist()
    assert found[8:] == pytest.approx([0.01] * 4 + [0.005] * 4)


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ([SCHEDULES["step"]], None, "the config has none: learning rates stay as they were"),
        (None, [SCHEDULES["step"]], "states of 0 schedulers, and there are 1"),
        ([SCHEDULES["step"], SCHEDULES["poly"]], [SCHEDULES["step"]], "of 2 schedulers, .* are 1"),
    ],
)
def test_another_number_of_schedulers_goes_on_by_place_with_a_word(
    toy: Any, tmp_path: Any, then: Any, now: Any, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rates(toy, tmp_path / "w", epochs=2, schedule=then)
    runner = toy(
        **without_validation(),
        work_dir=str(tmp_path / "w"),
        train_dataloader=loader(Points(8)),
        train_cfg={"by_epoch": True, "max_epochs": 4},
        param_scheduler=now,
        resume=True,
    )
    runner.train()
    assert runner.epoch == 4
    assert __import__("re").search(told, capsys.readouterr().out)


def test_a_schedule_that_says_the_same_goes_on_to_the_bit(toy: Any, tmp_path: Any) -> None:
    schedule = {"type": "CosineAnnealingLR", "T_max": 7, "end": 9}
    whole = rates(toy, tmp_path / "whole", epochs=4, schedule=schedule)
    rates(toy, tmp_path / "parts", epochs=2, schedule=schedule)
    assert rates(toy, tmp_path / "parts", epochs=4, schedule=schedule, resume=True) == whole


@pytest.mark.parametrize("name", ["Adam", "AdamW", "NAdam"])
def test_momentum_of_adam_is_scheduled_after_mmengine_has_put_it_beside_betas(
    toy: Any, tmp_path: Any, name: str
) -> None:
    def make(**more: Any) -> Any:
        return toy(
            **without_validation(),
            work_dir=str(tmp_path / "w"),
            train_dataloader=loader(Points(8)),
            optim_wrapper={"optimizer": {"type": name, "lr": 0.01}},
            param_scheduler={"type": "ExponentialMomentum", "gamma": 0.5, "end": 9},
            **more,
        )

    make(train_cfg={"by_epoch": True, "max_epochs": 1}).train()
    file = tmp_path / "w" / "epoch_1.pth"
    (group,) = read_file(file)["optimizer"]["param_groups"]
    assert group["momentum"] == group["betas"][0]
    runner = make(train_cfg={"by_epoch": True, "max_epochs": 3}, resume=True)
    runner.train()
    betas = runner.optim_wrapper.param_groups[0]["betas"]
    assert betas[0] == pytest.approx(0.9 * 0.5**3)


@pytest.mark.parametrize("by_epoch", [True, False])
def test_a_plateau_is_seen_in_a_training_by_iterations_too(
    toy: Any, tmp_path: Any, by_epoch: bool
) -> None:
    from toy import Count

    schedule = {"type": "ReduceOnPlateauLR", "monitor": "accuracy", "patience": 0, "factor": 0.5}
    validation = {
        "val_dataloader": loader(Points(5)),
        "val_cfg": {},
        "val_evaluator": {"type": Count},
    }
    found = (
        rates(
            toy,
            tmp_path / "w",
            epochs=4,
            schedule={**schedule, "begin": 2 if by_epoch else 8},
            by_epoch=by_epoch,
            validation=validation,
            **{},
        )
        if by_epoch
        else None
    )
    if found is None:
        runner = toy(
            work_dir=str(tmp_path / "w"),
            train_dataloader=loader(Points(8)),
            train_cfg={"by_epoch": False, "max_iters": 16, "val_interval": 4},
            param_scheduler={**schedule, "begin": 8},
            **validation,
        )
        runner.train()
        found = runner.message_hub.get_scalar("train/lr").data[0].tolist()
    # Of the first validation that counts, after epoch 2, the number is the best; then it stays.
    assert found == pytest.approx([0.01] * 12 + [0.005] * 4)


def test_an_optimizers_state_is_not_changed_by_schedulers_made_after_it(
    toy: Any, tmp_path: Any
) -> None:
    schedule = {"type": "LinearLR", "start_factor": 0.1, "end": 9}
    rates(toy, tmp_path / "w", epochs=2, schedule=schedule)
    saved = read_file(tmp_path / "w" / "epoch_2.pth")["optimizer"]["param_groups"][0]["lr"]
    runner = toy(
        **without_validation(),
        work_dir=str(tmp_path / "other"),
        train_dataloader=loader(Points(8)),
        train_cfg={"by_epoch": True, "max_epochs": 2},
        param_scheduler=schedule,
    )
    runner.resume(str(tmp_path / "w" / "epoch_2.pth"))
    assert runner.optim_wrapper.param_groups[0]["lr"] == saved
    assert torch.is_tensor(next(runner.model.parameters()))


COSINE = {"type": "CosineAnnealingLR", "T_max": 6}
MILESTONES = {"type": "MultiStepLR", "milestones": [1]}
WARMUP = {"type": "LinearLR", "start_factor": 0.1, "end": 3}
OF_MOMENTUM = {
    "cosine": {"type": "CosineAnnealingMomentum", "T_max": 4, "eta_min": 0.5},
    "milestones": {"type": "MultiStepMomentum", "milestones": [1], "gamma": 0.5},
    "linear": {"type": "LinearMomentum", "start_factor": 0.5, "end": 5},
}


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW"])
@pytest.mark.parametrize(
    ("then", "now"),
    [
        ([OF_MOMENTUM["cosine"]], [COSINE]),
        ([MILESTONES], [OF_MOMENTUM["milestones"], MILESTONES]),
        ([OF_MOMENTUM["linear"], MILESTONES], [MILESTONES]),
        ([MILESTONES, OF_MOMENTUM["linear"]], [OF_MOMENTUM["linear"], MILESTONES]),
        ([WARMUP, COSINE], [COSINE]),
        ([COSINE], [WARMUP, COSINE]),
        ([SCHEDULES["step"], OF_MOMENTUM["cosine"]], [SCHEDULES["exponential"]]),
        ([{**SCHEDULES["step"], "gamma": 0.5, "end": 9}], [{**SCHEDULES["exponential"], "end": 9}]),
    ],
)
def test_after_any_change_of_schedulers_every_setting_is_that_of_the_config(
    toy: Any, tmp_path: Any, optimizer: str, then: Any, now: Any
) -> None:
    def settings(folder: str, epochs: int, schedule: Any, **more: Any) -> list[float]:
        arguments = {"momentum": 0.9} if optimizer == "SGD" else {}
        runner = toy(
            **without_validation(),
            work_dir=str(tmp_path / folder),
            train_dataloader=loader(Points(8)),
            train_cfg={"by_epoch": True, "max_epochs": epochs},
            optim_wrapper={"optimizer": {"type": optimizer, "lr": 0.1, **arguments}},
            param_scheduler=schedule,
            log_level="ERROR",
            **more,
        )
        runner.train()
        group = runner.optim_wrapper.param_groups[0]
        return [group["lr"], group["betas"][0] if "betas" in group else group["momentum"]]

    whole = settings("whole", 3, now)
    settings("parts", 2, then)
    assert settings("parts", 3, now, resume=True) == pytest.approx(whole, rel=1e-9)
