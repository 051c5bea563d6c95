"""Weights that are spread over processes: nobody sees it who doesn't ask."""

from __future__ import annotations

import shutil
from typing import Any, NamedTuple

import pytest
import spread
import torch

import engine_dist
from engine_runner.strategy import FSDPStrategy, TensorParallelStrategy


class Both(NamedTuple):
    """What two processes did, and what one did with batches of the double size."""

    ranks: list[dict[str, Any]]
    trained: dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("spread")
    trained = spread.train(folder / "one", 4)
    (folder / "begun").mkdir()
    shutil.copy(folder / "one" / "epoch_1.pth", folder / "begun")
    ranks = engine_dist.launch(
        spread.all_of_it, 2, (str(folder),), backend="gloo", start_method="forkserver", timeout=100
    )
    return Both(ranks, trained)


def assert_close(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(
            torch.tensor(found[name]), torch.tensor(value), rtol=1e-4, atol=1e-6
        )


def test_its_checkpoint_is_that_of_a_single_process(both: Both) -> None:
    names = {"layers.0.weight", "module.layers.0.weight", "optimizer 0 momentum_buffer"}
    for epoch, expected in both.trained.items():
        assert names <= expected.keys()
        assert ("gradient 0" in expected) == (epoch == 1)  # in the middle of a window
        assert_close(both.ranks[0]["trained"][epoch], expected)


def test_it_resumes_from_a_checkpoint_of_a_single_process(both: Both) -> None:
    assert_close(both.ranks[0]["resumed"][2], both.trained[2])


@pytest.mark.parametrize("kind", ["full", "meta", "team"])
def test_it_begins_with_the_weights_of_a_single_process(both: Both, kind: str) -> None:
    assert both.ranks[0][kind] == spread.alone()
    assert both.ranks[1][kind] == {"shared": True}  # the main rank alone holds them whole


def test_gradients_are_clipped_as_one(both: Both) -> None:
    found = both.ranks[0]["clipped"]
    gradients = torch.tensor(found["before"]["gradients"])
    norm = found["norm"]["norm"]
    assert type(norm) is torch.Tensor
    torch.testing.assert_close(norm, gradients.norm())
    torch.testing.assert_close(
        torch.tensor(found["norm"]["gradients"]), gradients * (0.5 / (norm + 1e-6))
    )
    expected = gradients.clamp(-0.01, 0.01)
    torch.testing.assert_close(torch.tensor(found["value"]["gradients"]), expected)


def test_mmengines_wrapper_is_over_a_model_that_is_spread(both: Both) -> None:
    found = both.ranks[0]["wrapped"]
    assert found["spread"]
    assert "layers.0" in found["units"]  # 18 parameters; of the others none has ten
    assert "layer" not in found["units"]
    assert found["predictions"] == 3


def test_an_average_is_spread_as_the_model_is_and_gathers_nothing(both: Both) -> None:
    found = both.ranks[0]["wrapped"]
    assert found["averaged"] == ("Deep", [True] * 7)
    assert found["hooks"] == 0
    assert found["shared"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (0, "ZeroRedundancyOptimizer"),
        (1, "efficient_conv_bn_eval"),
        (2, "float16"),
        (3, "replicate must be 'node' or divide the 2 processes"),
        (4, "diff_rank_seed"),
        (5, "size, of a team, must divide the 2 processes"),
    ],
)
def test_what_it_cannot_do_is_refused_when_the_runner_is_made(
    both: Both, number: int, says: str
) -> None:
    assert says in both.ranks[0]["refused"][number]


def test_without_processes_it_says_how_to_start_some(toy: Any) -> None:
    with pytest.raises(RuntimeError, match="engine train CONFIG --nproc"):
        toy(strategy={"type": "FSDPStrategy"})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"init": "gpu"}, "init must be 'full' or 'meta'"),
        ({"state_dict_cfg": "half"}, "state_dict_cfg must be"),
    ],
)
def test_wrong_arguments_are_told(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        FSDPStrategy(**options)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("full", "full"),
        ("local", "sharded"),
        ({"state_dict_type": "SHARDED_STATE_DICT"}, "sharded"),
        ({"state_dict_type": "FULL_STATE_DICT"}, "full"),
    ],
)
def test_the_kind_of_checkpoints_is_understood_in_mmengines_words(given: Any, kind: str) -> None:
    assert FSDPStrategy(state_dict_cfg=given).state_dict_type == kind


def test_a_team_needs_a_plan() -> None:
    with pytest.raises(ValueError, match="plan is empty"):
        TensorParallelStrategy(plan={}, size=2)
