"""Training loops: how far they go, when they validate, what they refuse."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest
import reads
import torch
from toy import QUIET, Points, Stream, loader, without_validation

from engine_runner.hooks import Hook


class Validations(Hook):
    """Keeps after how many epochs and iterations there was a validation."""

    def __init__(self, stop_at: int = -1) -> None:
        self.at: list[tuple[int, int]] = []
        self.stop_at = stop_at

    def before_val(self, runner: Any) -> None:
        self.at.append((runner.epoch, runner.iter))
        if len(self.at) == self.stop_at:
            runner.train_loop.stop_training = True


def train(toy: Any, size: int = 4, hook: Any = None, **options: Any) -> tuple[Any, Any]:
    seen = hook or Validations()
    runner = toy(
        train_dataloader=loader(Points(size)),
        default_hooks=QUIET,
        custom_hooks=[seen],
        **options,
    )
    runner.train()
    return runner, seen


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"max_epochs": 4}, [1, 2, 3, 4]),
        ({"max_epochs": 5, "val_interval": 2}, [2, 4, 5]),
        ({"max_epochs": 5, "val_begin": 3}, [3, 4, 5]),
        ({"max_epochs": 5, "val_begin": 3, "val_interval": 2}, [4, 5]),
        ({"max_epochs": 6, "val_interval": 3, "dynamic_intervals": [(4, 1)]}, [3, 4, 5, 6]),
        (
            {"max_epochs": 8, "val_interval": 2, "dynamic_intervals": [(3, 1), (6, 2)]},
            [2, 3, 4, 6, 8],
        ),
        (
            {"max_epochs": 12, "val_interval": 2, "dynamic_intervals": [(4, 3)]},
            [2, 3, 6, 9, 12],
        ),
        ({"max_epochs": 5, "val_begin": 9}, []),
    ],
)
def test_it_validates_after_the_epochs_it_should(
    toy: Any, options: Any, expected: list[int]
) -> None:
    runner, seen = train(toy, train_cfg={"by_epoch": True, **options})
    assert seen.at == [(epoch, 2 * epoch) for epoch in expected]
    assert (runner.epoch, runner.iter) == (options["max_epochs"], 2 * options["max_epochs"])
    assert runner.max_iters == 2 * options["max_epochs"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"max_iters": 5, "val_interval": 2}, [2, 4, 5]),
        ({"max_iters": 6, "val_interval": 2, "val_begin": 3}, [4, 6]),
        ({"max_iters": 9, "val_interval": 4, "dynamic_intervals": [(6, 2)]}, [4, 6, 8, 9]),
        ({"max_iters": 6, "val_interval": 5, "dynamic_intervals": [(2, 1)]}, [*range(1, 7)]),
        ({"max_iters": 5}, [5]),
    ],
)
def test_it_validates_after_the_iterations_it_should(
    toy: Any, options: Any, expected: list[int]
) -> None:
    runner, seen = train(toy, train_cfg={"by_epoch": False, **options})
    assert [iteration for _, iteration in seen.at] == expected
    assert runner.iter == runner.max_iters == options["max_iters"]
    assert runner.max_epochs == 1


@pytest.mark.parametrize(
    ("cfg", "stands"),
    [
        ({"by_epoch": True, "max_epochs": 9}, (2, 4)),
        ({"by_epoch": False, "max_iters": 9, "val_interval": 3}, (0, 6)),
    ],
)
def test_a_training_can_be_stopped(toy: Any, cfg: Any, stands: tuple[int, int]) -> None:
    runner, _ = train(toy, hook=Validations(stop_at=2), train_cfg=cfg)
    assert (runner.epoch, runner.iter) == stands


def test_the_model_trains_again_after_a_validation(toy: Any) -> None:
    class Modes(Hook):
        modes: list[bool] = []  # noqa: RUF012 - of this test alone

        def before_train_iter(self, runner: Any, **kwargs: Any) -> None:
            self.modes.append(runner.model.training)

        def before_val_iter(self, runner: Any, **kwargs: Any) -> None:
            assert not runner.model.training

    cfg = {"by_epoch": False, "max_iters": 4, "val_interval": 1}
    train(toy, hook=Modes(), train_cfg=cfg)
    assert Modes.modes == [True] * 4


def test_iterations_go_on_pass_after_pass_each_in_a_new_order(toy: Any) -> None:
    data = Points(6)
    runner = toy(
        **without_validation(),
        train_dataloader=loader(data, shuffle=True),
        train_cfg={"by_epoch": False, "max_iters": 7},
        default_hooks=QUIET,
    )
    runner.train()
    passes = [data.read[:6], data.read[6:12], data.read[12:]]
    assert sorted(passes[0]) == sorted(passes[1]) == [*range(6)]
    assert passes[0] != passes[1]
    assert len(passes[2]) == 2


@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.parametrize("sampler", ["DefaultSampler", "InfiniteSampler"])
@pytest.mark.parametrize("stop_after", [2, 5])
def test_a_resumed_training_ends_with_the_weights_of_an_unbroken_one(
    toy: Any, tmp_path: Path, num_workers: int, sampler: str, stop_after: int
) -> None:
    def run(name: str, max_iters: int, **options: Any) -> tuple[Any, Any]:
        data = Points(6)
        runner = toy(
            **without_validation(),
            work_dir=tmp_path / name,
            train_dataloader=loader(
                data,
                sampler={"type": sampler, "shuffle": True},
                num_workers=num_workers,
                persistent_workers=num_workers > 0,
            ),
            train_cfg={"by_epoch": False, "max_iters": max_iters},
            default_hooks={"checkpoint": {"by_epoch": False, "interval": -1}},
            **options,
        )
        runner.train()
        return runner, data

    whole, all_read = run("whole", 8)
    run("broken", stop_after)
    resumed, then_read = run("broken", 8, resume=True)
    assert (resumed.iter, resumed.max_iters) == (8, 8)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name])
    if not num_workers:
        assert then_read.read == all_read.read[2 * stop_after :]


def test_a_stream_without_a_length_trains_by_iterations(toy: Any) -> None:
    stream = Stream(5)
    runner = toy(
        **without_validation(),
        train_dataloader=loader(stream, sampler=None),
        train_cfg={"by_epoch": False, "max_iters": 7},
    )
    runner.train()
    assert runner.iter == 7
    with pytest.raises(ValueError, match="data set Stream has none: train by iterations"):
        toy(**without_validation(), train_dataloader=loader(stream, sampler=None)).train()


def test_a_stream_that_is_empty_is_told(toy: Any) -> None:
    runner = toy(
        **without_validation(),
        train_dataloader=loader(Stream(0), sampler=None),
        train_cfg={"by_epoch": False, "max_iters": 7},
    )
    with pytest.raises(ValueError, match="the data loader gives no batches"):
        runner.train()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (loader(Points(0)), r"Loop: the data loader is empty. .* Points has 0 samples.*ann_file"),
        (loader(Points(1), drop_last=True), "Points has 1 samples, its batch_size is 2; drop_last"),
    ],
)
def test_an_empty_loader_is_told_before_the_training(toy: Any, data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        toy(**without_validation(), train_dataloader=data).train()
    with pytest.raises(ValueError, match=message):
        toy(val_dataloader=data).train()


@pytest.mark.parametrize(
    ("cfg", "message"),
    [
        ({"by_epoch": True, "max_epochs": -1}, "max_epochs must be a whole number, got -1"),
        ({"by_epoch": False, "max_iters": 1.5}, "max_iters must be a whole number, got 1.5"),
        ({"by_epoch": True, "max_epochs": 1, "val_interval": 0}, "val_interval must be a positive"),
        ({"by_epoch": True, "max_epochs": 1, "val_begin": "2"}, "val_begin must be a positive int"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(toy: Any, cfg: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        toy(train_cfg=cfg).train()


def test_a_loop_of_ones_own_is_found_by_name(toy: Any) -> None:
    reads.register()
    runner = toy(
        **without_validation(),
        train_dataloader=loader(Points(10)),
        train_cfg={"type": "EveryOther", "max_epochs": 2},
    )
    runner.train()
    assert type(runner.train_loop).__name__ == "EveryOther"
    assert (runner.epoch, runner.iter) == (2, 6)


def test_counts_that_libraries_set_are_the_trainings(toy: Any) -> None:
    loop = toy(**without_validation()).train_loop
    loop._epoch, loop._iter = 1, 12
    assert (loop.epoch, loop.iter) == (1, 12)
    assert (loop.runner.epoch, loop.runner.iter) == (1, 12)


@pytest.mark.parametrize(
    "cfg", [{"by_epoch": True, "max_epochs": 2}, {"by_epoch": False, "max_iters": 3}]
)
@pytest.mark.parametrize("fails", [False, True])
def test_no_worker_outlives_the_training(toy: Any, cfg: Any, fails: bool) -> None:
    class Fails(Hook):
        def after_val(self, runner: Any) -> None:
            if fails:
                raise KeyError("of a hook")

    workers = {"num_workers": 1, "persistent_workers": True}
    runner = toy(
        train_dataloader=loader(Points(4), **workers),
        val_dataloader=loader(Points(4), **workers),
        train_cfg=cfg,
        custom_hooks=[Fails()],
    )
    if fails:
        with pytest.raises(KeyError):
            runner.train()
    else:
        runner.train()
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.parametrize("at", [5, 12, 17])
def test_an_epoch_is_gone_on_with_in_its_middle(
    toy: Any, tmp_path: Path, num_workers: int, at: int
) -> None:
    def run(name: str, **options: Any) -> tuple[Any, Any]:
        data = Points(23)
        runner = toy(
            **without_validation(),
            work_dir=tmp_path / name,
            train_dataloader=loader(data, shuffle=True, num_workers=num_workers),
            optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}},
            param_scheduler={"type": "LinearLR", "by_epoch": False, "end": 20},
            default_hooks={"checkpoint": {"by_epoch": False, "interval": 1}},
            **options,
        )
        runner.train()
        return runner, data

    whole, all_read = run("whole")
    start = str(Path(whole.work_dir, f"iter_{at}.pth"))
    resumed, then_read = run("resumed", load_from=start, resume=True)
    assert (resumed.epoch, resumed.iter) == (2, 24)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name])
    if not num_workers:
        assert then_read.read == all_read.read[at * 2 - at // 12 :]
