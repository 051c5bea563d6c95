"""Stopped anywhere and resumed, a training ends as if it had never been stopped, to the bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from engine_checkpoint import read_file

NUM_ITERS = 16  # two epochs of eight batches
CLOCKS = {"time", "data_time", "memory"}


@pytest.fixture
def exact(tiny: Callable[..., Any], tmp_path: Path, library: Path) -> Callable[..., Any]:
    """Makes a runner of a training of two epochs, by epochs or by iterations."""

    def make(name: str, *stop: tuple[str, int], by_epoch: bool = True, **changes: Any) -> Any:
        if not by_epoch:
            loop = {"by_epoch": False, "max_iters": NUM_ITERS, "val_interval": 8}
            changes["train_cfg"] = {"_delete_": True, **loop}
            changes["train_dataloader.sampler.type"] = "InfiniteSampler"
        hooks = [{"type": "FailsAt", "stage": stage, "when": when} for stage, when in stop]
        hooks.append({"type": "EMAHook", "momentum": 0.1})
        changes = {**changes, "work_dir": str(tmp_path / name), "custom_hooks": hooks}
        return tiny(changes, config=library / "exact_config.py")

    return make


def logged(folder: Path) -> dict[tuple[int, ...], dict[str, Any]]:
    """What was logged last for each step, without what a clock measures."""
    found = {}
    for path in sorted(folder.glob("*/vis_data/scalars.json")):
        for line in path.read_text().splitlines():
            numbers = {key: value for key, value in json.loads(line).items() if key not in CLOCKS}
            found[numbers["step"], "accuracy" in numbers] = numbers
    return found


def equal(one: Any, other: Any) -> bool:
    """Whether two trees of plain data and tensors are the same to the bit."""
    if isinstance(one, Tensor):
        return isinstance(other, Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


def assert_same(whole: Path, rest: Path, *, name: str = f"iter_{NUM_ITERS}.pth") -> None:
    one, other = (torch.load(folder / name, weights_only=True) for folder in (whole, rest))
    parts = ["state_dict", "ema_state_dict", "optimizer", "param_schedulers", "train_state"]
    for part in parts:
        assert equal(one[part], other[part]), part
    assert equal(one["rng"], other["rng"])
    assert logged(whole) == logged(rest)
    best = [sorted(path.name for path in folder.glob("best_*")) for folder in (whole, rest)]
    assert len(best[0]) == 1 and best[0] == best[1]
    best_one, best_other = (
        torch.load(folder / best[0][0], weights_only=True) for folder in (whole, rest)
    )
    assert equal(best_one["state_dict"], best_other["state_dict"])
    score = best_one["message_hub"]["runtime_info"]["best_score"]
    assert score == best_other["message_hub"]["runtime_info"]["best_score"]


def stop_and_go_on(exact: Callable[..., Any], stops: list[tuple[str, int]], **changes: Any) -> None:
    for stop in stops:
        with pytest.raises(InterruptedError):
            exact("rest", stop, resume=True, **changes).train()
    exact("rest", resume=True, **changes).train()


PER_SAMPLE = {"randomness": {"seed": 3, "per_sample": True}}
STOPS = [
    ("after iteration", 1),  # in the middle of a window
    ("after iteration", 6),  # at the end of a window
    ("before validation", 8),
    ("in validation", 8),
    ("after validation", 8),
    ("after iteration", 13),
]


def test_by_epochs_with_random_numbers_of_each_sample(
    exact: Callable[..., Any], tmp_path: Path
) -> None:
    changes: dict[str, Any] = {
        **PER_SAMPLE,
        "train_dataloader.num_workers": 2,
        "train_dataloader.persistent_workers": True,
        "train_cfg.prefetch": 2,
    }
    exact("whole", **changes).train()
    stop_and_go_on(exact, [*STOPS, ("after epoch", 2), ("in validation", 16)], **changes)
    assert_same(tmp_path / "whole", tmp_path / "rest")


def test_by_iterations_in_an_endless_pass(exact: Callable[..., Any], tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        **PER_SAMPLE,
        "by_epoch": False,
        "train_dataloader.num_workers": 2,
    }
    exact("whole", **changes).train()
    stop_and_go_on(exact, STOPS[2:], **changes)
    assert_same(tmp_path / "whole", tmp_path / "rest")


@pytest.mark.parametrize("per_sample", [False, True])
def test_a_best_checkpoint_of_a_validation_that_a_resume_makes_up_for_is_as_good_as_any(
    exact: Callable[..., Any], tmp_path: Path, *, per_sample: bool
) -> None:
    """Killed between the last save and the validation, in the middle of a pass over the data."""
    loop = {"by_epoch": False, "max_iters": NUM_ITERS, "val_interval": 4, "_delete_": True}
    changes: dict[str, Any] = {
        "randomness": {"seed": 3, "per_sample": per_sample},
        "train_cfg": loop,
        "default_hooks.checkpoint.interval": 4,
        "default_hooks.checkpoint.save_best_states": True,
        # the first score stays the best, which a resume has to save
        "default_hooks.checkpoint.rule": "less",
        "val_evaluator.type": "Growing",
    }
    exact("whole", **changes).train()
    with pytest.raises(InterruptedError):
        exact("rest", ("before validation", 4), **changes).train()
    assert not list((tmp_path / "rest").glob("best_*"))
    with pytest.raises(InterruptedError):
        exact("rest", ("after validation", 4), resume=True, **changes).train()
    (best,) = (tmp_path / "rest").glob("best_*")
    (other,) = (tmp_path / "whole").glob("best_*")
    found, wanted = (read_file(path, "cpu") for path in (best, other))
    assert found["rng"][0]["pass_start"] is not None
    for part in ("rng", "state_dict", "optimizer", "param_schedulers", "train_state"):
        assert equal(found[part], wanted[part]), part
    exact("from_best", resume=str(best), **changes).train()
    ends = [torch.load(tmp_path / name / "iter_16.pth") for name in ("whole", "from_best")]
    for part in ("state_dict", "optimizer", "rng"):
        assert equal(ends[0][part], ends[1][part]), part


def test_without_workers_the_generators_of_the_process_go_on(
    exact: Callable[..., Any], tmp_path: Path
) -> None:
    # A sampler of torch's, which draws a seed when an epoch begins.
    changes = {"train_dataloader.sampler": None, "train_dataloader.shuffle": True}
    exact("whole", **changes).train()
    stop_and_go_on(exact, STOPS, **changes)
    assert_same(tmp_path / "whole", tmp_path / "rest")


def test_with_workers_a_stop_between_epochs_changes_nothing(
    exact: Callable[..., Any], tmp_path: Path
) -> None:
    changes: dict[str, Any] = {
        "train_dataloader.num_workers": 1,
        "train_dataloader.sampler": None,
        "train_dataloader.shuffle": True,
        "default_hooks.checkpoint": {"by_epoch": True, "save_best": "accuracy"},
    }
    exact("whole", **changes).train()
    stops = [("after epoch", 1), ("in validation", 8), ("after iteration", 13)]
    stop_and_go_on(exact, stops, **changes)
    assert_same(tmp_path / "whole", tmp_path / "rest", name="epoch_2.pth")


def test_per_sample_the_number_of_workers_may_change(
    exact: Callable[..., Any], tmp_path: Path
) -> None:
    exact("whole", **PER_SAMPLE).train()
    for num_workers, stop in ((2, 5), (1, 11)):
        changes = {"train_dataloader.num_workers": num_workers, "resume": True, **PER_SAMPLE}
        with pytest.raises(InterruptedError):
            exact("rest", ("after iteration", stop), **changes).train()
    exact("rest", resume=True, **PER_SAMPLE).train()
    assert_same(tmp_path / "whole", tmp_path / "rest")


def test_a_seed_that_nobody_gave_is_the_checkpoints_in_the_rest(
    exact: Callable[..., Any], tmp_path: Path
) -> None:
    changes: dict[str, Any] = {"randomness": {"seed": None, "per_sample": True}}
    whole = exact("whole", **changes)
    whole.train()
    given = {"randomness": {"seed": whole.seed, "per_sample": True}}
    with pytest.raises(InterruptedError):
        exact("rest", ("after iteration", 5), **given).train()
    exact("rest", resume=True, **changes).train()
    assert_same(tmp_path / "whole", tmp_path / "rest")
