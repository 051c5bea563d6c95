"""Which samples an iteration trained on is drawn once more; what is kept is plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import BatchSampler, Dataset
from toy import QUIET, Line, Points, Stream, loader, without_validation

from engine_checkpoint import read_file
from engine_runner.hooks import Hook
from engine_runner.loops.failed_batch import (
    indices_of,
    is_out_of_memory,
    replay_failed_batch,
    save_failed_batch,
)
from engine_structures import BaseDataElement


class Numbers(Dataset[Any]):
    """Each sample knows its number."""

    def __len__(self) -> int:
        return 11

    def __getitem__(self, index: int) -> Any:
        return torch.tensor([index / 11, 1.0]), torch.tensor([float(index)])


class Asks(Hook):
    """Keeps the samples of each iteration, and what is drawn once more of them and before."""

    def __init__(self) -> None:
        self.trained: list[list[int]] = []
        self.wrong: list[int] = []

    def after_train_iter(self, runner: Any, data_batch: Any = None, **kwargs: Any) -> None:
        self.trained.append([int(each) for each in data_batch[1]])
        if runner.iter % 3 == 2:
            for number, samples in enumerate(self.trained, start=1):
                if indices_of(runner, number)[0] != samples:
                    self.wrong.append(number)


class Pairs(BatchSampler):
    """A batch sampler of somebody else's."""


EPOCHS = {"by_epoch": True, "max_epochs": 3}
ITERATIONS = {"by_epoch": False, "max_iters": 15}


@pytest.mark.parametrize(
    ("cfg", "sampler"),
    [
        (EPOCHS, "DefaultSampler"),
        (EPOCHS, Pairs),
        (ITERATIONS, "DefaultSampler"),
        (ITERATIONS, "InfiniteSampler"),
        (ITERATIONS, Pairs),
    ],
)
def test_the_samples_of_any_iteration_are_known(toy: Any, cfg: Any, sampler: Any) -> None:
    asks = Asks()
    kind = "DefaultSampler" if sampler is Pairs else sampler
    options: dict[str, Any] = {"sampler": {"type": kind, "shuffle": True}}
    if sampler is Pairs:
        options["batch_sampler"] = {"type": Pairs, "drop_last": False}
    runner = toy(
        **without_validation(),
        train_dataloader=loader(Numbers(), **options),
        train_cfg=cfg,
        custom_hooks=[asks],
    )
    runner.train()
    assert len(asks.trained) >= 15
    assert asks.wrong == []
    source = indices_of(runner, 1)[1]
    assert source.startswith(f"drawn once more from {kind}")
    assert ("through Pairs" in source) == (sampler is Pairs)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({**loader(Points(8), sampler=None), "shuffle": True}, "the order of RandomSampler"),
        (loader(Stream(8), sampler=None), "_InfiniteConstantSampler can't be drawn once more"),
        ([(torch.zeros(1, 2), torch.zeros(1, 1))], "a list doesn't say what it reads"),
    ],
)
def test_what_cant_be_known_is_said(toy: Any, data: Any, why: str) -> None:
    cfg = {"by_epoch": False, "max_iters": 2}
    runner = toy(**without_validation(), train_dataloader=data, train_cfg=cfg, default_hooks=QUIET)
    runner.train()
    indices, source = indices_of(runner, 1)
    assert indices is None
    assert why in source


def test_a_file_holds_plain_data_and_where_it_is_stands_at_the_error(
    toy: Any, tmp_path: Path
) -> None:
    runner = toy(**without_validation(), train_dataloader=loader(Numbers()))
    runner.prepare_training()
    error = torch.OutOfMemoryError("out of memory")
    batch = {"a": [torch.zeros(2, 3)], "b": BaseDataElement(c=torch.ones(1))}
    save_failed_batch(runner, error, batch=batch)
    file = Path(runner.work_dir, "failed_batch_iter_1.pth")
    content = read_file(str(file))
    assert content["shapes"] == {
        "batch.a[0]": "(2, 3) float32 cpu",
        "batch.b.c": "(1,) float32 cpu",
    }
    assert content["indices"] == [0, 1]
    assert str(file) in error.__notes__[0]
    again = replay_failed_batch(str(file), runner.train_dataloader)
    assert again[1].tolist() == [[0.0], [1.0]]


def test_a_folder_that_cant_be_written_hides_nothing(toy: Any) -> None:
    runner = toy(**without_validation(), train_dataloader=loader(Numbers()))
    runner.prepare_training()
    Path(runner.work_dir, "failed_batch_iter_1.pth").mkdir()
    error = MemoryError("all of it")
    save_failed_batch(runner, error, batch=None)
    assert "Its samples: [0, 1]" in error.__notes__[0]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (MemoryError(), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("shapes differ"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_memory_that_is_used_up_is_recognised(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) == expected


def test_a_failed_step_counts_as_no_iteration(toy: Any) -> None:
    class Full(Line):
        def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
            raise MemoryError

    runner = toy(**without_validation(), model=Full(), train_dataloader=loader(Numbers()))
    with pytest.raises(MemoryError):
        runner.train()
    assert (runner.iter, runner.state.optimizer_steps) == (0, 0)
