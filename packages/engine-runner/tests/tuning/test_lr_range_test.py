"""The learning-rate range test against steps made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine_model import BaseModel
from engine_optim import OptimWrapper, OptimWrapperDict
from engine_registry import DATASETS, MODELS, OPTIM_WRAPPER_CONSTRUCTORS
from engine_runner.tuning import LRCurve, find_lr


@MODELS.register_module(name="tuning.Line", force=True)
class Line(BaseModel):
    """Least squares in four variables; the loss of a batch is known in closed form."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(4, 1)
        nn.init.zeros_(self.line.weight)
        nn.init.zeros_(self.line.bias)

    def forward(self, x: torch.Tensor, y: torch.Tensor, mode: str = "tensor") -> Any:
        found = self.line(x)[:, 0]
        return {"loss": ((found - y) ** 2).mean()} if mode == "loss" else found


@DATASETS.register_module(name="tuning.Samples", force=True)
def samples() -> list[dict[str, torch.Tensor]]:
    x = torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
    return [{"x": each, "y": each.sum()} for each in x]


def config(**changed: Any) -> dict[str, Any]:
    return {
        "model": {"type": "tuning.Line"},
        "train_dataloader": {
            "batch_size": 8,
            "dataset": {"type": "tuning.Samples"},
            "sampler": {"type": "DefaultSampler", "shuffle": False},
            "collate_fn": {"type": "default_collate"},
        },
        "train_cfg": {"by_epoch": True, "max_epochs": 1},
        "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.1}},
        "param_scheduler": {"type": "StepLR", "step_size": 1},
        "val_cfg": {},
        "work_dir": "never_made",
        "randomness": {"seed": 0},
        **changed,
    }


def by_hand(rates: list[float], accumulate: int = 1) -> list[float]:
    model, data = Line(), samples()
    batches = [
        {key: torch.stack([each[key] for each in data[i : i + 8]]) for key in ("x", "y")}
        for i in range(0, 64, 8)
    ]
    losses, place = [], 0
    for lr in rates:
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        window = []
        for _ in range(accumulate):
            loss = model(**batches[place % 8], mode="loss")["loss"]
            (loss / accumulate).backward()
            window.append(loss.item())
            place += 1
        optimizer.step()
        optimizer.zero_grad()
        losses.append(sum(window) / accumulate)
    return losses


@pytest.mark.parametrize("accumulate", [1, 2])
def test_each_step_has_its_rate_and_the_mean_loss_of_its_batches(
    accumulate: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    wrapper = {"optimizer": {"type": "SGD", "lr": 0.1}, "accumulative_counts": accumulate}
    given = config(optim_wrapper=wrapper)
    generator = torch.get_rng_state()
    curve = find_lr(given, min_lr=1e-4, max_lr=0.1, num_steps=20)
    assert torch.equal(torch.get_rng_state(), generator)
    assert curve.lrs == pytest.approx(np.geomspace(1e-4, 0.1, 20))
    assert curve.losses == pytest.approx(by_hand(curve.lrs, accumulate), rel=1e-4)
    assert curve.configured == {"optim_wrapper.optimizer.lr": 0.1}
    assert given == config(optim_wrapper=wrapper)
    assert not [*tmp_path.iterdir()]


def test_it_ends_where_the_loss_diverges() -> None:
    curve = find_lr(config(), min_lr=1e-3, max_lr=100.0, num_steps=60)
    assert len(curve.lrs) < 60
    assert curve.smoothed[-1] > 4 * min(curve.smoothed)
    assert curve.suggestion is not None
    assert curve.suggestion < curve.lrs[int(np.argmin(curve.smoothed))]
    assert curve.options() == {"optim_wrapper.optimizer.lr": curve.suggestion}


def test_parameter_groups_keep_their_proportion() -> None:
    wrapper = {
        "optimizer": {"type": "SGD", "lr": 0.1},
        "paramwise_cfg": {"custom_keys": {"line": {"lr_mult": 0.5}}},
    }
    halved = find_lr(config(optim_wrapper=wrapper), min_lr=2e-3, max_lr=0.2, num_steps=10)
    whole = find_lr(config(), min_lr=1e-3, max_lr=0.1, num_steps=10)
    assert halved.losses == pytest.approx(whole.losses)


@OPTIM_WRAPPER_CONSTRUCTORS.register_module(name="tuning.Two", force=True)
class Two:
    """An optimizer for the weight, and one for the bias."""

    def __init__(self, optim_wrapper_cfg: Any, paramwise_cfg: Any = None) -> None:
        self.cfg = optim_wrapper_cfg

    def __call__(self, model: Any) -> OptimWrapperDict:
        made = {}
        for name in ("weight", "bias"):
            lr = self.cfg[name]["optimizer"]["lr"]
            made[name] = OptimWrapper(torch.optim.SGD([getattr(model.line, name)], lr=lr))
        return OptimWrapperDict(**made)


class Both(Line):
    """A line whose parts have an optimizer each."""

    def train_step(self, data: Any, optim_wrapper: Any) -> Any:
        loss = self(**self.data_preprocessor(data, True), mode="loss")["loss"]
        loss.backward()
        for each in optim_wrapper.values():
            each.step()
            each.zero_grad()
        return {"loss_line": loss.detach()}


def two(**changed: Any) -> dict[str, Any]:
    MODELS.register_module(name="tuning.Both", module=Both, force=True)
    wrapper = {
        "constructor": "tuning.Two",
        "weight": {"optimizer": {"lr": 0.1}},
        "bias": {"optimizer": {"lr": 0.01}},
    }
    return config(model={"type": "tuning.Both"}, optim_wrapper=wrapper, **changed)


def test_several_optimizers_rise_together_or_one_alone() -> None:
    curve = find_lr(two(), min_lr=1e-3, max_lr=0.2, num_steps=20)
    options = curve.options()
    assert set(options) == {
        "optim_wrapper.weight.optimizer.lr",
        "optim_wrapper.bias.optimizer.lr",
    }
    weight, bias = options.values()
    assert weight == pytest.approx(10 * bias, rel=0.01)
    alone = find_lr(two(), min_lr=1e-3, max_lr=0.2, num_steps=20, optimizer="weight")
    assert [*alone.options()] == ["optim_wrapper.weight.optimizer.lr"]
    assert alone.losses != curve.losses
    with pytest.raises(ValueError, match="no optimizer is called 'scale'; there are weight, bias"):
        find_lr(two(), optimizer="scale")


@pytest.mark.parametrize("wrong", [{"min_lr": 0}, {"min_lr": 2, "max_lr": 1}, {"num_steps": 1}])
def test_limits_that_are_no_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"min_lr|num_steps"):
        find_lr(config(), **wrong)


def test_a_config_without_a_training_is_refused() -> None:
    with pytest.raises(ValueError, match="no train_cfg and no optim_wrapper"):
        find_lr(config(train_cfg=None, optim_wrapper=None))


def test_without_a_fall_there_is_no_suggestion(tmp_path: Path) -> None:
    flat = LRCurve(lrs=[10.0**i for i in range(-10, 2)], losses=[1.0] * 12, configured={"a": 1.0})
    assert flat.suggestion is None and "does not fall" in flat.reason
    with pytest.raises(ValueError, match="does not fall"):
        flat.options()
    flat.plot(tmp_path / "flat.png")
    assert (tmp_path / "flat.png").read_bytes().startswith(b"\x89PNG")


def test_the_noise_of_the_first_batches_is_not_taken_for_a_fall() -> None:
    """Of many curves, with a fall by 5 around 0.03, and with none; the noise is 1."""
    lrs = np.geomspace(1e-6, 1.0, 60)
    fall = -5 / (1 + np.exp(-5 * np.log10(lrs / 0.03)))
    right = wrong = 0
    for seed in range(50):
        flat = 8 + np.random.default_rng(seed).normal(0, 1, 60)
        curve = LRCurve(lrs=[*lrs], losses=[*(flat + fall)], configured={"a": 1.0})
        right += curve.suggestion is not None and 5e-3 < curve.suggestion < 0.5
        wrong += LRCurve(lrs=[*lrs], losses=[*flat], configured={"a": 1.0}).suggestion is not None
    assert right >= 45 and wrong <= 4
