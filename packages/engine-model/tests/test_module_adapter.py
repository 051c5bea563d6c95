"""Plain modules: what they are called with, their losses and predictions, the names of weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_checkpoint import get_state_dict, load_state_dict
from engine_model import ExponentialMovingAverage, PlainModel
from engine_optim import OptimWrapper, build_optim_wrapper

X, Y = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]), torch.tensor([0, 1, 1])


class Two(nn.Module):
    """Takes two named inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        found: Tensor = self.layer(a + b)
        return found


def net() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


@pytest.mark.parametrize(
    "batch",
    [
        (X, Y),
        [[*X], [*Y]],
        [[*X], Y.tolist()],
        {"image": X, "label": Y},
        {"x": X, "target": Y},
    ],
)
def test_a_batch_of_input_and_target_reaches_module_and_loss(batch: Any) -> None:
    module = nn.Linear(2, 2)
    model = PlainModel(module, nn.functional.cross_entropy)
    step = model.train_step(batch, OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.0)))
    expected = nn.functional.cross_entropy(module(X), Y)
    assert float(step["loss"]) == pytest.approx(float(expected.detach()))
    rows = model.eval().val_step(batch)
    assert len(rows) == 3
    assert torch.equal(torch.stack(rows), module(X))


@pytest.mark.parametrize("batch", [(X,), [[*X]], {"image": X}])
def test_a_prediction_needs_no_target(batch: Any) -> None:
    module = nn.Linear(2, 2)
    model = PlainModel(module, nn.functional.cross_entropy).eval()
    assert torch.equal(torch.stack(model.test_step(batch)), module(X))


def test_further_keys_of_a_dict_are_keyword_arguments() -> None:
    model = PlainModel(Two(), {"type": "torch.nn.CrossEntropyLoss"}, target="kind")
    found = model(a=X, b=X, kind=Y, mode="loss")["loss"].detach()
    assert float(found) == pytest.approx(
        float(nn.functional.cross_entropy(model.module(X, X), Y).detach())
    )


def test_a_loss_may_give_several_and_have_weights() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
            return {"loss_a": output.mean() * self.scale, "loss_b": output.sum()}

    model = PlainModel(net(), Both())
    assert set(model(X, Y, mode="loss")) == {"loss_a", "loss_b"}
    assert "loss.scale" in model.state_dict()
    assert any(each is model.loss.scale for each in model.parameters())
    again = PlainModel(net(), Both())
    assert again.load_state_dict(model.state_dict()).missing_keys == []


def test_settings_for_parameters_reach_those_of_the_loss() -> None:
    model = PlainModel(net(), nn.Linear(2, 1))
    cfg = {"optimizer": {"type": "SGD", "lr": 1.0}, "paramwise_cfg": {"bias_lr_mult": 2.0}}
    groups = build_optim_wrapper(model, cfg).optimizer.param_groups
    assert {id(each) for group in groups for each in group["params"]} == {
        id(each) for each in model.parameters()
    }


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (torch.tensor(2.0), {"loss": 2.0}),
        ({"loss_cls": torch.tensor(1.0), "loss_box": torch.tensor(2.0)}, None),
        ({"cls": torch.tensor(1.0), "box": torch.tensor(2.0)}, {"loss_cls": 1.0, "loss_box": 2.0}),
        ({"loss": torch.tensor(3.0), "logits": torch.ones(2, 2)}, {"loss": 3.0}),
    ],
)
def test_a_module_may_give_its_losses_itself(output: Any, expected: Any) -> None:
    class Gives(nn.Module):
        def forward(self, *inputs: Any) -> Any:
            return output

    found = PlainModel(Gives())(X, mode="loss")
    assert {k: float(v) for k, v in found.items()} == (
        expected or {k: float(v) for k, v in output.items()}
    )


def test_a_list_of_dicts_is_handed_over_whole() -> None:
    class Counts(nn.Module):
        def forward(self, samples: list[dict[str, Any]]) -> Any:
            assert isinstance(samples, list)
            if self.training:
                return {"loss_n": torch.tensor(float(len(samples)))}
            return [{"found": sample["image"]} for sample in samples]

    model = PlainModel(Counts())
    batch = [{"image": 1}, {"image": 2}]
    assert model._run_forward(batch, mode="loss")["loss_n"] == 2
    assert model.eval().val_step(batch) == [{"found": 1}, {"found": 2}]


def test_rows_of_a_dict_leave_out_what_has_none() -> None:
    class Gives(nn.Module):
        def forward(self, x: Tensor) -> dict[str, Any]:
            return {"logits": x, "hidden": x + 1, "loss": torch.tensor(1.0), "name": "a"}

    rows = PlainModel(Gives())._run_forward([X], mode="predict")
    assert [set(row) for row in rows] == [{"logits", "hidden"}] * 3
    assert torch.equal(rows[1]["hidden"], X[1] + 1)


def test_weights_are_called_as_in_the_module() -> None:
    module = net()
    model = PlainModel(module, nn.functional.cross_entropy)
    assert set(model.state_dict()) == set(module.state_dict()) == set(get_state_dict(model))
    other = net()
    other.load_state_dict(model.state_dict())
    assert load_state_dict(model, net().state_dict(), strict=True).missing == []
    report = load_state_dict(model, {"0.weight": torch.ones(4, 2), "9.bias": torch.ones(1)})
    assert report.unexpected == ["9.bias"]
    assert "0.bias" in report.missing


def test_an_average_of_it_is_called_so_too() -> None:
    model = PlainModel(net(), nn.functional.cross_entropy)
    average = ExponentialMovingAverage(model)
    average.update_parameters(model)
    names = {f"module.{name}" for name in model.state_dict()}
    assert set(average.state_dict()) == names | {"steps"}
    average.load_state_dict(average.state_dict())


def test_init_weights_leaves_the_module_alone() -> None:
    class Pretrained(nn.Module):
        def init_weights(self) -> None:
            raise AssertionError

    PlainModel(Pretrained()).init_weights()


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda: PlainModel(3), TypeError, "module must be"),  # type: ignore[arg-type]
        (lambda: PlainModel(net(), 3), TypeError, "loss must be"),  # type: ignore[arg-type]
        (lambda: PlainModel(net())(X, mode="loss"), TypeError, "give the runner a loss"),
        (lambda: PlainModel(net(), nn.MSELoss())(X, mode="loss"), KeyError, "got 1 parts"),
        (lambda: PlainModel(net(), nn.MSELoss())(a=X, b=Y), KeyError, "has no target"),
        (lambda: PlainModel(net(), nn.MSELoss(), "c")(a=X, b=Y), KeyError, "called c"),
    ],
)
def test_what_can_not_work_says_what_would(act: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        act()
