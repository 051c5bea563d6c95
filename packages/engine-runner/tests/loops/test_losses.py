"""Losses of an evaluation; those beside predictions have the numbers of mmengine 0.10.7."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from toy import QUIET, Count, Line, Points, loader

from engine_structures import BaseDataElement


class Judges(Line):
    """Predicts an element for each sample, and what ``last`` makes of their number."""

    def __init__(self, last: Callable[[int], Any]) -> None:
        super().__init__()
        self.last = last

    def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
        if mode == "loss":
            return super().forward(x, y, mode)
        return [*(BaseDataElement(p=1) for _ in x), self.last(len(x))]


def evaluated(toy: Any, mode: str, last: Callable[[int], Any]) -> dict[str, Any]:
    parts = {
        f"{mode}_dataloader": loader(Points(23)),
        f"{mode}_cfg": {},
        f"{mode}_evaluator": Count(),
    }
    found: dict[str, Any] = getattr(toy(model=Judges(last), default_hooks=QUIET, **parts), mode)()
    return {key: value for key, value in found.items() if key != "accuracy"}


def test_losses_are_averaged_over_iterations_and_summed(toy: Any) -> None:
    def last(size: int) -> Any:
        loss = {
            "loss_a": torch.tensor(float(size)),
            "loss_b": [torch.tensor(1.0), torch.tensor(2.0)],
            "acc": torch.tensor(0.5),
        }
        return BaseDataElement(loss=loss)

    found = evaluated(toy, "val", last)
    assert found == pytest.approx(
        {"count": 23, "loss_a": 23 / 12, "loss_b": 1.5, "acc": 0.5, "val_loss": 23 / 12 + 1.5}
    )


def test_a_tests_sum_is_called_after_it(toy: Any) -> None:
    found = evaluated(toy, "test", lambda size: BaseDataElement(loss={"loss": torch.tensor(2.0)}))
    assert found == {"count": 23, "loss": 2.0, "test_loss": 2.0}


@pytest.mark.parametrize(
    "last",
    [
        lambda size: BaseDataElement(loss={"loss": torch.tensor(1.0)}, other=1),
        lambda size: {"loss": {"loss": torch.tensor(1.0)}},
    ],
)
def test_other_predictions_are_no_losses(toy: Any, last: Any) -> None:
    assert evaluated(toy, "val", last) == {"count": 23}


def test_losses_without_names_are_refused(toy: Any) -> None:
    with pytest.raises(TypeError, match=r"a dict of losses by name, got tensor\(1\.\)"):
        evaluated(toy, "val", lambda size: BaseDataElement(loss=torch.tensor(1.0)))


class Batchwise(Line):
    """Its loss is what the first feature of the batch's samples has as its mean."""

    num_forwards = 0

    def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
        self.num_forwards += 1
        assert not (self.training or torch.is_grad_enabled())
        if mode == "loss":
            loss = x[:, 0].mean()
            return {"loss_a": loss, "loss_b": [loss, 2 * loss], "size": torch.tensor(1.0)}
        return super().forward(x, y, mode)


@pytest.mark.parametrize("mode", ["val", "test"])
def test_losses_are_asked_for_and_weighted_with_samples(toy: Any, mode: str) -> None:
    data = loader(Points(5), batch_size=4)  # the last batch has one sample
    parts = {f"{mode}_dataloader": data, f"{mode}_cfg": {"loss": True}}
    model = Batchwise()
    runner = toy(
        model=model, default_hooks=QUIET, **parts, **{f"{mode}_evaluator": [{"type": Count}]}
    )
    mean = sum(index / 5 for index in range(5)) / 5
    assert getattr(runner, mode)() == pytest.approx(
        {
            "accuracy": 1.0,
            "count": 5,
            f"{mode}_loss": 4 * mean,
            f"{mode}_loss_a": mean,
            f"{mode}_loss_b": 3 * mean,
            f"{mode}_size": 1.0,
        }
    )
    assert model.num_forwards == 4


def test_without_an_evaluator_there_are_losses_alone(toy: Any) -> None:
    model = Batchwise()
    runner = toy(model=model, default_hooks=QUIET, val_cfg={"loss": True}, val_evaluator=None)
    assert [*runner.val()] == ["val_loss", "val_loss_a", "val_loss_b", "val_size"]
    assert model.num_forwards == 3
    assert runner.val_evaluator is None


def test_one_pass_may_give_both(toy: Any) -> None:
    class Both(Batchwise):
        def loss_and_predict(self, data: Any) -> Any:
            self.num_forwards += 1
            return {"loss": torch.tensor(3.0)}, [*data[0]]

    model = Both()
    found = toy(model=model, default_hooks=QUIET, val_cfg={"loss": True}).val()
    assert found == {"accuracy": 1.0, "count": 5, "val_loss": 3.0}
    assert model.num_forwards == 3


def test_losses_beside_predictions_give_way_to_those_asked_for(toy: Any) -> None:
    model = Judges(lambda size: BaseDataElement(loss={"loss": torch.tensor(9.0)}))
    found = toy(model=model, default_hooks=QUIET, val_cfg={"loss": True}).val()
    assert found["count"] == 5
    assert found["val_loss"] != 9.0


def test_random_numbers_and_buffers_are_those_of_before(toy: Any) -> None:
    class Draws(Line):
        def __init__(self) -> None:
            super().__init__()
            self.norm = torch.nn.BatchNorm1d(2)

        def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
            if mode == "loss":
                return {"loss": self.norm(x).mean() + torch.rand(()) + np.random.rand()}
            return super().forward(x, y, mode)

    model = Draws()
    buffers = {name: value.clone() for name, value in model.named_buffers()}
    runner = toy(model=model, default_hooks=QUIET, val_cfg={"loss": True})
    torch.manual_seed(0)
    np.random.seed(0)
    torch.empty((), dtype=torch.int64).random_()  # by torch, to begin a pass over the data
    expected = torch.rand(3), np.random.rand(3)
    torch.manual_seed(0)
    np.random.seed(0)
    runner.val()
    assert torch.equal(torch.rand(3), expected[0])
    assert np.random.rand(3).tolist() == expected[1].tolist()
    assert all(torch.equal(value, buffers[name]) for name, value in model.named_buffers())


def test_a_metric_called_as_a_loss_is_refused(toy: Any) -> None:
    class Same(Count):
        def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
            return {"val_loss": 1.0}

    with pytest.raises(ValueError, match="a metric is called 'val_loss', as a loss is"):
        toy(default_hooks=QUIET, val_cfg={"loss": True}, val_evaluator=Same()).val()


def test_a_model_that_gives_no_losses_in_an_evaluation_is_told(toy: Any) -> None:
    class Bare(torch.nn.Module):
        def test_step(self, data: Any) -> Any:
            return []

        val_step = train_step = test_step

    with pytest.raises(
        TypeError, match=r"needs a model with evaluate_step\(\), .* and Bare hasn't"
    ):
        toy(model=Bare(), default_hooks=QUIET, val_cfg={"loss": True}).val()


def test_batches_that_do_not_tell_their_size_count_as_much(
    toy: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(Line):
        def forward(self, text: Any, mode: str = "tensor") -> Any:
            return {"loss": torch.tensor(float(len(text)))}

    data = {"batch_size": 2, "dataset": ["a", "b", "c"], "collate_fn": collate_text}
    runner = toy(
        model=Odd(),
        default_hooks=QUIET,
        val_dataloader=data,
        val_evaluator=None,
        val_cfg={"loss": True},
    )
    assert runner.val() == {"val_loss": 1.5}
    assert caplog.text.count("a batch of type dict doesn't tell how many samples it has") == 1


def collate_text(samples: list[str]) -> dict[str, str]:
    return {"text": "".join(samples)}


def test_an_evaluation_without_losses_or_an_evaluator_is_incomplete(toy: Any) -> None:
    with pytest.raises(ValueError, match="can't do without val_evaluator"):
        toy(val_cfg={"loss": False}, val_evaluator=None)
