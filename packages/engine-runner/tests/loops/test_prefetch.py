"""Reading ahead changes when a batch is read, and nothing else."""

from __future__ import annotations

import gc
import threading
import traceback
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import QUIET, Points, loader, without_validation

from engine_runner.hooks import Hook
from engine_runner.loops.prefetch import Prefetcher

EPOCHS = {"by_epoch": True, "max_epochs": 2}
ITERATIONS = {"by_epoch": False, "max_iters": 9}


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "batches ahead"]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert threads() == []


def run(toy: Any, cfg: dict[str, Any], *, data: Any = None, **options: Any) -> tuple[Any, Any]:
    data = data or Points(10)
    hooks = {**QUIET, "checkpoint": {"by_epoch": False, "interval": 1}}
    runner = toy(
        **without_validation(),
        **{
            "train_dataloader": loader(data, shuffle=True),
            "train_cfg": cfg,
            "default_hooks": hooks,
            **options,
        },
    )
    runner.train()
    return runner, data


@pytest.mark.parametrize("cfg", [EPOCHS, ITERATIONS])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_training_comes_to_the_same_weights(toy: Any, cfg: Any, workers: int) -> None:
    def weights(prefetch: int) -> dict[str, Any]:
        data = loader(Points(10), shuffle=True, num_workers=workers)
        runner, _ = run(toy, {**cfg, "prefetch": prefetch}, train_dataloader=data)
        return runner.model.state_dict()

    expected = weights(0)
    for number in (1, 3):
        for name, weight in weights(number).items():
            assert torch.equal(weight, expected[name])


@pytest.mark.parametrize("cfg", [EPOCHS, ITERATIONS])
@pytest.mark.parametrize("at", [2, 7])
def test_a_resume_goes_on_after_what_was_trained_on_and_not_after_what_was_read(
    toy: Any, tmp_path: Path, cfg: Any, at: int
) -> None:
    ahead = {**cfg, "prefetch": 3}
    whole, all_read = run(toy, ahead, work_dir=tmp_path / "whole")
    start = str(Path(whole.work_dir, f"iter_{at}.pth"))
    resumed, then_read = run(toy, ahead, work_dir=tmp_path / "then", load_from=start, resume=True)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name])
    rest = all_read.read[2 * at :]
    assert then_read.read[: len(rest)] == rest[: len(then_read.read)]


def test_batches_are_read_before_they_are_asked_for() -> None:
    asked: list[int] = []
    third = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(9):
            asked.append(number)
            if number == 2:
                third.set()
            yield number

    ahead = Prefetcher(numbers(), 2)
    assert next(ahead) == 0
    assert third.wait(timeout=30)
    ahead.close()
    assert asked in ([0, 1, 2], [0, 1, 2, 3])  # one more may have begun
    with pytest.raises(StopIteration):
        next(ahead)


def test_what_is_read_is_prepared_there_and_received_here() -> None:
    seen: list[str] = []

    def note(what: str) -> Any:
        return lambda *value: seen.append(what + threading.current_thread().name) or value[:1]

    ahead = Prefetcher(
        iter("a"), 1, begin=note("begin "), prepare=note("prepare "), receive=note("receive ")
    )
    assert next(ahead) == (("a",),)
    ahead.close()
    here = threading.current_thread().name
    assert seen == ["begin batches ahead", "prepare batches ahead", f"receive {here}"]


class Breaks(Points):
    """Its sample 5 can't be read."""

    def __getitem__(self, index: int) -> Any:
        if index == 5:
            raise OSError("broken picture")
        return super().__getitem__(index)


@pytest.mark.parametrize("cfg", [EPOCHS, ITERATIONS])
def test_an_error_of_the_data_comes_when_its_batch_is_due_with_its_traceback(
    toy: Any, cfg: Any
) -> None:
    class Iterations(Hook):
        last = -1

        def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
            Iterations.last = runner.iter

    with pytest.raises(OSError, match="broken picture") as caught:
        run(
            toy,
            {**cfg, "prefetch": 4},
            data=Breaks(10),
            custom_hooks=[Iterations()],
            train_dataloader=loader(Breaks(10)),
        )
    assert Iterations.last == 1  # the third batch has the sample
    assert "while batch 3 of Breaks was read" in "".join(caught.value.__notes__)
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "__getitem__" in frames


@pytest.mark.parametrize("cfg", [EPOCHS, ITERATIONS])
@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt])
def test_no_thread_outlives_a_training_that_fails(toy: Any, cfg: Any, error: Any) -> None:
    class Fails(Hook):
        def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
            assert threads() == ["batches ahead"]
            raise error

    with pytest.raises(error):
        run(toy, {**cfg, "prefetch": 2}, custom_hooks=[Fails()])


def test_a_number_that_makes_no_sense_is_refused(toy: Any) -> None:
    with pytest.raises(ValueError, match="prefetch must be a whole number, got -1"):
        run(toy, {**EPOCHS, "prefetch": -1})


def test_at_the_end_it_lets_go_of_the_iterator_whose_workers_then_end() -> None:
    class Items(Iterator[int]):
        def __init__(self) -> None:
            self.left = 3

        def __next__(self) -> int:
            self.left -= 1
            if self.left < 0:
                raise StopIteration
            return self.left

    items = Items()
    alive = weakref.ref(items)
    ahead = Prefetcher(items, 2)
    del items
    gc.disable()  # which would do it later, too
    try:
        assert list(ahead) == [2, 1, 0]
        assert alive() is None
    finally:
        gc.enable()
