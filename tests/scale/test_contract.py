"""Every strategy trains as a single process does, and what one has saved another goes on with.

A strategy is one `Case`; a part that an engine can't do is declared there, with the reason.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import contract
import pytest
import torch
from contract import Case

import engine_dist
from engine_checkpoint import load_state_dict, read_file

ALONE = Case(name="single", processes=1, strategy={"type": "SingleDeviceStrategy"})
FSDP = {"type": "FSDPStrategy", "wrap_policy": "Block"}
TENSOR = {
    "type": "TensorParallelStrategy",
    "size": 2,
    "plan": {"blocks.*.up": "colwise", "blocks.*.down": "rowwise"},
    "wrap_policy": "Block",
}


def deepspeed(stage: int, **without: str) -> Case:
    """A stage of ZeRO."""
    return Case(
        name=f"zero_{stage}",
        processes=2,
        strategy={"type": "DeepSpeedStrategy", "zero_optimization": {"stage": stage}},
        amp={"type": "OptimWrapper"},
        amp_strategy={"bf16": {"enabled": True}},
        window=contract.STOP,
        without=without,
    )


CASES = [
    ALONE,
    Case(name="ddp", processes=2, strategy={"type": "DDPStrategy"}),
    Case(name="fsdp_2", processes=2, strategy=FSDP, spread=True),
    Case(name="fsdp_4", processes=4, strategy=FSDP, spread=True),
    Case(name="hybrid_4", processes=4, strategy={**FSDP, "replicate": 2}, spread=True),
    Case(name="offloaded", processes=2, strategy={**FSDP, "cpu_offload": True}, spread=True),
    Case(name="tensor_2", processes=2, strategy=TENSOR, teams=1, spread=True),
    Case(name="tensor_4", processes=4, strategy=TENSOR, teams=2, spread=True),
    deepspeed(0, amp="needs stage 1", norm="the engine tells none in stage 0"),
    deepspeed(1),
    deepspeed(2),
    deepspeed(3, ema="no process holds the weights in stage 3"),
    Case(
        name="colossalai",
        processes=2,
        strategy={"type": "ColossalAIStrategy", "plugin": "torch-ddp"},
        without={"amp": "its mixed precision needs CUDA"},
    ),
]


class Outcome:
    """What a case did, part by part, in every process, and the folder it did it in."""

    def __init__(self, case: Case, folder: Path, ranks: list[dict[str, Any]]) -> None:
        self.case, self.folder, self.ranks = case, folder, ranks

    def main(self, part: str) -> Any:
        """What the main rank says of a part; skips where the engine can't do it."""
        if part in self.case.without:
            pytest.skip(f"{self.case.name} has no {part}: {self.case.without[part]}")
        return self.ranks[0][part]

    def losses(self, part: str) -> torch.Tensor:
        """The mean loss of all ranks, iteration by iteration."""
        self.main(part)
        return torch.tensor([each[part]["loss"] for each in self.ranks]).mean(dim=0)


@dataclass(frozen=True)
class Reference:
    """What a single process did, and a training that it has begun and stopped in the middle."""

    begun: Path
    outcome: Outcome


@pytest.fixture(scope="module")
def reference_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Reference]:
    """Makes what to compare with, once for each length of windows, with averages or without."""

    @cache
    def reference(window: int, *, averages: bool = True) -> Reference:
        case, begun = replace(ALONE, window=window), tmp_path_factory.mktemp("begun")
        hooks = [contract.EMA] if averages else []
        options = {"wrapper": contract.accumulates(case) | contract.CLIPS, "hooks": hooks}
        contract.train(case, str(begun), stop=contract.STOP, **options)
        return Reference(begun, done(case, tmp_path_factory.mktemp("alone"), begun))

    return reference


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def outcome(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    reference_of: Callable[..., Reference],
) -> Outcome:
    """What each strategy did."""
    case = request.param
    reference = reference_of(case.window, averages="ema" not in case.without)
    return done(case, tmp_path_factory.mktemp(case.name), reference.begun)


@pytest.fixture(scope="module")
def alone(outcome: Outcome, reference_of: Callable[..., Reference]) -> Outcome:
    """What a single process did, with windows as long as the strategy's."""
    return reference_of(outcome.case.window).outcome


def done(case: Case, folder: Path, begun: Path) -> Outcome:
    shutil.copytree(begun, folder / "begun_by_one")
    arguments = (case, str(folder))
    if case.processes == 1:
        return Outcome(case, folder, [contract.all_parts(*arguments)])
    ranks = engine_dist.launch(
        contract.all_parts,
        case.processes,
        arguments,
        backend="gloo",
        start_method="forkserver",
        timeout=300,
    )
    return Outcome(case, folder, ranks)


def assert_alike(found: Any, expected: Any, tolerance: float) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(
            torch.tensor(found[name]),
            torch.tensor(value),
            rtol=tolerance,
            atol=tolerance / 10,
            msg=lambda text, name=name: f"{name}: {text}",
        )


@pytest.mark.parametrize("part", ["plain", "accumulation", "clipping", "ema"])
def test_it_trains_to_the_weights_and_losses_of_a_single_process(
    outcome: Outcome, alone: Outcome, part: str
) -> None:
    tolerance = outcome.case.tolerance
    assert_alike(outcome.main(part)["weights"], alone.main(part)["weights"], tolerance)
    assert outcome.main(part)["spread"] == outcome.case.spread
    losses = alone.losses(part)
    assert losses[-1] < losses[0]
    if part != "accumulation":  # there a rank's loss is of one batch, and the window's mean counts
        assert len(losses) == contract.ITERATIONS
    torch.testing.assert_close(outcome.losses(part), losses, rtol=tolerance, atol=tolerance / 10)


def test_in_bfloat16_it_trains_nearly_to_them(outcome: Outcome, alone: Outcome) -> None:
    found, expected = outcome.main("amp")["weights"], alone.main("amp")["weights"]
    assert_alike(found, expected, 0.1)  # eight bits of a number, and twelve steps of 0.05
    assert outcome.main("amp")["weights"] != alone.main("plain")["weights"]


def test_the_norm_of_all_gradients_is_clipped_and_logged(outcome: Outcome, alone: Outcome) -> None:
    if "norm" in outcome.case.without:
        pytest.skip(outcome.case.without["norm"])
    norms = alone.main("clipping")["norm"]
    assert max(norms) > 0.05  # there was something to clip
    torch.testing.assert_close(
        torch.tensor(outcome.main("clipping")["norm"]),
        torch.tensor(norms),
        rtol=outcome.case.tolerance,
        atol=outcome.case.tolerance,
    )


@pytest.mark.parametrize("part", ["plain", "ema"])
def test_it_validates_each_sample_once(outcome: Outcome, alone: Outcome, part: str) -> None:
    metrics, expected = outcome.main(part)["metrics"], alone.main(part)["metrics"]
    assert [each["count"] for each in metrics] == [7, 7, 7]
    for found, known in zip(metrics, expected, strict=True):
        assert found["mse"] == pytest.approx(known["mse"], rel=10 * outcome.case.tolerance)
    assert all(each[part]["metrics"] == metrics for each in outcome.ranks)


def test_the_average_is_not_what_is_trained(reference_of: Callable[..., Reference]) -> None:
    alone = reference_of(contract.WINDOW).outcome
    assert alone.main("ema")["metrics"] != alone.main("plain")["metrics"]


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(outcome: Outcome) -> None:
    runs = outcome.main("resume")
    assert_alike(runs["resumed"]["weights"], runs["unbroken"]["weights"], 1e-5)
    assert runs["resumed"]["lr"] == pytest.approx(runs["unbroken"]["lr"][contract.STOP :])
    assert runs["resumed"]["metrics"][-1] == pytest.approx(runs["unbroken"]["metrics"][-1])


def test_it_goes_on_with_what_a_single_process_has_begun(outcome: Outcome, alone: Outcome) -> None:
    expected = alone.main("resume")["unbroken"]
    found = outcome.main("from_single")
    assert_alike(found["weights"], expected["weights"], outcome.case.tolerance)
    assert found["lr"] == pytest.approx(expected["lr"][contract.STOP :])


def test_a_single_process_goes_on_with_what_it_has_begun(
    outcome: Outcome, alone: Outcome, tmp_path: Path
) -> None:
    outcome.main("resume")
    if "to_single" in outcome.case.without:
        pytest.skip(outcome.case.without["to_single"])
    name = f"iter_{contract.STOP}.pth"
    (tmp_path / "work").mkdir()
    shutil.copy(outcome.folder / "unbroken" / name, tmp_path / "work" / name)
    case = replace(ALONE, window=outcome.case.window)
    hooks = [] if "ema" in outcome.case.without else [contract.EMA]
    options = {"wrapper": contract.accumulates(case) | contract.CLIPS, "hooks": hooks}
    address = str(tmp_path / "work" / name)
    found = contract.train(case, str(tmp_path / "work"), resume=address, **options)
    expected = alone.main("resume")["unbroken"]
    assert_alike(found["weights"], expected["weights"], outcome.case.tolerance)
    assert found["lr"] == pytest.approx(expected["lr"][contract.STOP :])


def test_its_weights_load_into_a_model_of_a_single_process(outcome: Outcome) -> None:
    last = outcome.folder / "plain" / f"iter_{2 * contract.STOP}.pth"
    weights = read_file(last)["state_dict"]
    report = load_state_dict(contract.Net(), weights, strict=True)
    assert report.num_loaded == len(contract.Net().state_dict())
    assert all(type(value) is torch.Tensor for value in weights.values())
