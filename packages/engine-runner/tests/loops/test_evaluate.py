"""Validation and test."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from toy import QUIET, Count, Line, Points, Stream, loader

from engine_evaluator import Evaluator


class Looks(Line):
    """Keeps what its predictions were made under."""

    def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
        found = self.layer(x)
        self.seen = (torch.is_grad_enabled(), self.training, found.dtype)
        return super().forward(x, y, mode)


@pytest.mark.parametrize("mode", ["val", "test"])
@pytest.mark.parametrize("fp16", [False, True])
def test_an_evaluation_takes_no_gradients_and_gives_numbers(
    toy: Any, mode: str, fp16: bool
) -> None:
    model = Looks()
    runner = toy(
        model=model,
        default_hooks=QUIET,
        val_cfg={"fp16": fp16},
        test_dataloader=loader(Points(5)),
        test_cfg={"fp16": fp16},
        test_evaluator=[{"type": Count, "prefix": "a"}, Count(prefix="b")],
    )
    model.train()
    found = getattr(runner, mode)()
    assert model.seen == (False, False, torch.bfloat16 if fp16 else torch.float32)
    if mode == "val":
        assert found == {"accuracy": 1.0, "count": 5}
    else:
        assert found == {"a/accuracy": 1.0, "a/count": 5, "b/accuracy": 1.0, "b/count": 5}


def test_the_evaluator_learns_what_is_known_of_the_data(toy: Any) -> None:
    evaluator = Evaluator(Count())
    data = Points(5, metainfo={"classes": ("a",)})
    runner = toy(val_dataloader=loader(data), val_evaluator=evaluator)
    assert runner.val_loop.evaluator is evaluator
    assert evaluator.metrics[0].dataset_meta == {"classes": ("a",)}
    assert runner.visualizer.dataset_meta == {"classes": ("a",)}


def test_a_stream_is_evaluated_whole(toy: Any) -> None:
    runner = toy(val_dataloader=loader(Stream(5), sampler=None), default_hooks=QUIET)
    assert runner.val()["count"] == 5


def test_what_is_no_evaluator_is_refused(toy: Any) -> None:
    with pytest.raises(TypeError, match="val_evaluator must be an Evaluator, a metric's config"):
        _ = toy(val_evaluator=3).val_loop
