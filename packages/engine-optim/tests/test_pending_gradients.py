"""Gradients that one optimizer of several leaves for another, without accumulation."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine_optim import OptimWrapper, OptimWrapperDict


def test_a_step_of_one_leaves_the_other_gradients_pending_as_in_mmengine() -> None:
    first, second = nn.Linear(1, 1), nn.Linear(1, 1)
    parameters = [*first.parameters(), *second.parameters()]
    with torch.no_grad():
        for number, parameter in enumerate(parameters, start=1):
            parameter.fill_(number)
    both = OptimWrapperDict(
        a=OptimWrapper(torch.optim.SGD(first.parameters(), lr=0.1)),
        b=OptimWrapper(torch.optim.SGD(second.parameters(), lr=0.1)),
    )
    for number in (1.0, 2.0):
        loss = second(first(torch.full((1, 1), number))).sum()
        both["a"].backward(both["a"].scale_loss(loss))
        both["a"].step()
        both["a"].zero_grad()
    # what MMEngine 0.10.7 has then
    assert [each.item() for each in parameters] == pytest.approx([0.1, 1.4, 3.0, 4.0])
    assert [each.grad is None for each in parameters] == [True, True, False, False]
    assert [each.grad.item() for each in second.parameters()] == pytest.approx([6.1, 2.0])
    both["b"].step()
    assert [each.item() for each in second.parameters()] == pytest.approx([2.39, 3.8])
    both.zero_grad()
    assert all(each.grad is None for each in parameters)
