"""Averages against torch.optim.swa_utils, and against sums worked out by hand."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from engine_model import (
    BaseAveragedModel,
    ExponentialMovingAverage,
    MomentumAnnealingEMA,
    StochasticWeightAverage,
)
from engine_registry import MODELS


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def changes(model: nn.Sequential, count: int) -> Iterator[int]:
    """Change weights and statistics ``count`` times."""
    made = torch.Generator().manual_seed(1)
    for index in range(count):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=made))
        model(torch.randn(8, 2, generator=made))
        yield index


def difference(first: nn.Module, second: nn.Module) -> float:
    pairs = zip(first.state_dict().items(), second.state_dict().items(), strict=True)
    found = 0.0
    for (name, one), (other_name, other) in pairs:
        assert name == other_name
        found = max(found, (one.double() - other.double()).abs().max().item())
    return found


@pytest.mark.parametrize("update_buffers", [False, True])
def test_a_moving_average_is_torchs(update_buffers: bool) -> None:
    model = network()
    ours = ExponentialMovingAverage(model, momentum=0.1, update_buffers=update_buffers)
    theirs = AveragedModel(
        model, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=update_buffers
    )
    for _ in changes(model, 20):
        ours.update_parameters(model)
        theirs.update_parameters(model)
        # torch averages the count of batches too; a count is whole.
        ours.module[1].num_batches_tracked.copy_(theirs.module[1].num_batches_tracked)
        assert difference(ours.module, theirs.module) < 1e-6
    assert ours.steps == theirs.n_averaged == 20


def test_a_mean_of_weights_is_torchs_and_the_mean() -> None:
    model = network()
    ours, theirs = StochasticWeightAverage(model), AveragedModel(model)
    seen = []
    for _ in changes(model, 10):
        ours.update_parameters(model)
        theirs.update_parameters(model)
        seen.append(model[0].weight.detach().double().clone())
        assert difference(ours.module, theirs.module) < 1e-6
    mean = torch.stack(seen).mean(0)
    assert torch.allclose(ours.module[0].weight.double(), mean, atol=1e-6)


def test_with_an_interval_only_its_first_updates_count() -> None:
    model = network()
    average = StochasticWeightAverage(model, interval=3)
    seen = []
    for index in changes(model, 8):
        average.update_parameters(model)
        if index % 3 == 0:
            seen.append(model[0].weight.detach().clone())
        assert torch.allclose(average.module[0].weight, torch.stack(seen).mean(0), atol=1e-6)
        assert torch.equal(average.module[1].running_mean, model[1].running_mean)


def test_an_annealed_momentum_is_a_mean_at_first_and_then_constant() -> None:
    model = nn.Linear(1, 1, bias=False)
    average = MomentumAnnealingEMA(model, momentum=0.25, gamma=1)
    wanted = 0.0
    for step in range(8):
        nn.init.constant_(model.weight, float(step * step))
        average.update_parameters(model)
        share = max(0.25, 1 / (1 + step))
        wanted += share * (step * step - wanted)
        assert average.module.weight.item() == pytest.approx(wanted, abs=1e-6)


def test_buffers_of_integers_are_those_of_the_model() -> None:
    model = network()
    average = ExponentialMovingAverage(model, momentum=0.5, update_buffers=True)
    for _ in changes(model, 3):
        average.update_parameters(model)
    assert average.module[1].num_batches_tracked == model[1].num_batches_tracked == 3


def test_what_is_averaged_is_told_by_name_without_buffers_that_no_checkpoint_holds() -> None:
    model = network()
    model.register_buffer("scratch", torch.ones(1), persistent=False)
    plain = ExponentialMovingAverage(model).avg_parameters
    assert [*plain] == [name for name, _ in model.named_parameters()]
    whole = ExponentialMovingAverage(model, update_buffers=True)
    assert [*whole.avg_parameters] == [*model.state_dict()]
    assert "1.running_mean" in whole.avg_parameters
    whole.avg_parameters["0.bias"].fill_(5.0)  # its own tensors, no copies
    assert whole.module[0].bias.tolist() == [5.0] * 3


def test_an_average_goes_on_after_it_was_saved_and_loaded() -> None:
    model = network()
    whole, first = StochasticWeightAverage(model), StochasticWeightAverage(model)
    second = StochasticWeightAverage(model)
    for index in changes(model, 6):
        whole.update_parameters(model)
        (first if index < 3 else second).update_parameters(model)
        if index == 2:
            second.load_state_dict(copy.deepcopy(first.state_dict()))
    assert difference(whole, second) == 0
    assert next(iter(whole.state_dict())) == "steps"
    assert "module.0.weight" in whole.state_dict()


def test_steps_that_somebody_sets_count() -> None:
    model = nn.Linear(1, 1)
    average = StochasticWeightAverage(model)
    average.update_parameters(model)
    average.update_parameters(model)
    average.steps.fill_(0)
    nn.init.constant_(model.weight, 5)
    average.update_parameters(model)
    assert average.module.weight.item() == 5


def test_a_subclass_averages_each_tensor_in_its_own_way() -> None:
    class Largest(BaseAveragedModel):
        def avg_func(self, averaged_param: Tensor, source_param: Tensor, steps: int) -> None:
            torch.maximum(averaged_param, source_param, out=averaged_param)

    class Frozen(ExponentialMovingAverage):
        def avg_func(self, averaged_param: Tensor, source_param: Tensor, steps: int) -> None:
            assert steps > 0

    model = nn.Linear(1, 1)
    largest, frozen = Largest(model), Frozen(model)
    for value in (1.0, 4.0, 2.0):
        nn.init.constant_(model.weight, value)
        largest.update_parameters(model)
        frozen.update_parameters(model)
    assert (largest.module.weight.item(), frozen.module.weight.item()) == (4, 1)
    with pytest.raises(NotImplementedError, match="doesn't say how to average"):
        base = BaseAveragedModel(model)
        base.update_parameters(model)
        base.update_parameters(model)


def test_the_average_is_kept_in_its_own_precision() -> None:
    model = nn.Linear(1, 1).half()
    average = ExponentialMovingAverage(model, momentum=0.25)
    average.module.float()
    for value in (1.0, 2.0):
        nn.init.constant_(model.weight, value)
        average.update_parameters(model)
    assert average.module.weight.dtype == torch.float32
    assert average.module.weight.item() == 1.25


def test_the_average_is_a_model_that_wants_no_gradients() -> None:
    model = network()
    average = StochasticWeightAverage(model, device=torch.device("cpu"))
    assert not any(parameter.requires_grad for parameter in average.parameters())
    assert all(parameter.requires_grad for parameter in model.parameters())
    points = torch.randn(4, 2)
    assert torch.equal(average.eval()(points), model.eval()(points))
    assert all(
        value.is_meta
        for value in StochasticWeightAverage(model, device=torch.device("meta"))
        .state_dict()
        .values()
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda m: ExponentialMovingAverage(m, momentum=0.0), r"momentum must lie in \(0, 1\)"),
        (lambda m: ExponentialMovingAverage(m, momentum=1.0), "momentum must lie"),
        (lambda m: MomentumAnnealingEMA(m, gamma=0), "gamma must be positive, got 0"),
        (lambda m: StochasticWeightAverage(m, interval=0), "interval must be at least 1, got 0"),
    ],
)
def test_wrong_arguments_are_refused(make: Callable[[nn.Module], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(nn.Linear(1, 1))


def test_a_large_momentum_warns(caplog: pytest.LogCaptureFixture) -> None:
    ExponentialMovingAverage(nn.Linear(1, 1), momentum=0.9)
    assert "usually small: got 0.9" in caplog.text


def test_another_model_is_refused() -> None:
    average = StochasticWeightAverage(nn.Linear(1, 1))
    with pytest.raises(ValueError, match="it has 1 parameters where that has 2"):
        average.update_parameters(nn.Linear(1, 1, bias=False))


def test_averages_are_found_by_name() -> None:
    for name in ("ExponentialMovingAverage", "MomentumAnnealingEMA", "StochasticWeightAverage"):
        assert MODELS.build({"type": name, "model": nn.Linear(1, 1)}).interval == 1
