"""Losses that a model gives beside its predictions; the numbers are mmengine 0.10.7's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
