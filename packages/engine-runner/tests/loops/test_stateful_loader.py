"""Streams and loaders that say where they are, and streams that don't."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info
from toy import QUIET, without_validation

from engine_runner.hooks import Hook

NUM_ITERS = 9


class Numbers(IterableDataset[Any]):
    """The numbers below ``size``, dealt to workers; read over, they are counted in ``num_read``."""

    def __init__(self, size: int = 100) -> None:
        self.size, self.num_read = size, 0

    def __iter__(self) -> Iterator[Any]:
        info: Any = get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        for number in range(first, self.size, step):
            self.num_read += 1
            yield self.sample(number)

    def sample(self, number: int) -> Any:
        return torch.tensor([float(number), torch.rand(()).item()]), torch.tensor([0.0])


class Placed(Numbers):
    """It says where it is."""

    def __init__(self, size: int = 100) -> None:
        super().__init__(size)
        self.done = 0

    def state_dict(self) -> dict[str, Any]:
        return {"done": self.done}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.done = state["done"]

    def __iter__(self) -> Iterator[Any]:
        info: Any = get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        for number in range(first + self.done * step, self.size, step):
            self.num_read += 1
            self.done += 1
            yield self.sample(number)
        self.done = 0


class Strange(Placed):
    """What it says is no plain data."""

    def state_dict(self) -> dict[str, Any]:
        return {"done": {"here": object()}}


class Points(Dataset[Any]):
    """Points that are moved at random."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        return torch.tensor([float(index), torch.rand(()).item()]), torch.tensor([0.0])


class Seen(Hook):
    """Keeps the coordinates of each batch."""

    def __init__(self) -> None:
        self.batches: dict[int, Any] = {}

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        self.batches[runner.iter] = data_batch[0].tolist()


class EveryIteration(Hook):
    """Saves after each."""

    priority = "LOWEST"

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        runner.save_checkpoint(runner.work_dir, f"at_{runner.iter + 1}.pth", by_epoch=False)


def train(toy: Any, loader: Any, **options: Any) -> dict[int, Any]:
    hook = Seen()
    loop = {"by_epoch": False, "max_iters": NUM_ITERS, "val_interval": 100}
    toy(
        **without_validation(),
        train_dataloader=loader,
        train_cfg={**loop, **options.pop("train_cfg", {})},
        default_hooks={**QUIET, "checkpoint": {"by_epoch": False, "interval": 1}},
        custom_hooks=[hook],
        **options,
    ).train()
    return hook.batches


def rest_of(toy: Any, tmp_path: Path, loader: Any, start: int) -> dict[int, Any]:
    address = str(tmp_path / "whole" / f"iter_{start}.pth")
    return train(toy, loader, load_from=address, resume=True, work_dir=tmp_path / "rest")


def after(batches: dict[int, Any], start: int, *, indices: bool = False) -> dict[int, Any]:
    return {
        number: [each[0] for each in batch] if indices else batch
        for number, batch in batches.items()
        if number >= start
    }


@pytest.mark.parametrize("size", [100, 10], ids=["endless", "several passes"])
def test_a_stream_that_says_where_it_is_is_not_read_over(
    toy: Any, tmp_path: Path, size: int
) -> None:
    whole = train(toy, DataLoader(Placed(size), batch_size=2), work_dir=tmp_path / "whole")
    for start in (1, 4, 7):
        data = Placed(size)
        rest = rest_of(toy, tmp_path, DataLoader(data, batch_size=2), start)
        assert rest == after(whole, start)
        assert data.num_read == 2 * (NUM_ITERS - start)


@pytest.mark.parametrize("options", [{"batch_size": 2}, {"batch_size": 2, "drop_last": True}])
def test_each_worker_goes_on_at_its_own_place(
    toy: Any, tmp_path: Path, options: dict[str, Any]
) -> None:
    def loader() -> Any:
        return DataLoader(Placed(27), num_workers=2, persistent_workers=True, **options)

    whole = train(toy, loader(), work_dir=tmp_path / "whole")
    for start in (1, 2, 5):
        rest = rest_of(toy, tmp_path, loader(), start)
        assert after(rest, start, indices=True) == after(whole, start, indices=True)


def test_on_another_number_of_workers_it_is_read_over(
    toy: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(toy, DataLoader(Placed(), batch_size=2), work_dir=tmp_path / "whole")
    rest = rest_of(toy, tmp_path, DataLoader(Placed(), batch_size=2, num_workers=1), 4)
    assert "read by 0 workers before, and are by 1 now" in caplog.text
    assert rest[4][0][0] == 8.0


def test_a_stream_that_does_not_is_read_over_to_the_same_place(
    toy: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = train(toy, DataLoader(Numbers(10), batch_size=2), work_dir=tmp_path / "whole")
    data = Numbers(10)
    rest = rest_of(toy, tmp_path, DataLoader(data, batch_size=2), 7)
    assert rest == after(whole, 7)  # in the second pass of five batches
    assert data.num_read == 2 * (NUM_ITERS - 5)
    assert "the data can't be entered in the middle: reading 2 batches over" in caplog.text


def test_what_is_read_over_is_shown_on_the_progress_bar(toy: Any, tmp_path: Path) -> None:
    train(toy, DataLoader(Numbers(), batch_size=2), work_dir=tmp_path / "whole")
    seen: list[Any] = []

    class Looks(Numbers):
        def sample(self, number: int) -> Any:
            seen.append(runner.state.reading_over)
            return super().sample(number)

    runner = toy(
        **without_validation(),
        train_dataloader=DataLoader(Looks(), batch_size=2),
        train_cfg={"by_epoch": False, "max_iters": 4},
        default_hooks=QUIET,
        load_from=str(tmp_path / "whole" / "iter_3.pth"),
        resume=True,
    )
    runner.train()
    assert seen == [None, None, (1, 3), (1, 3), (2, 3), (2, 3), None, None]


def test_a_place_that_a_checkpoint_cannot_hold_is_refused(toy: Any) -> None:
    with pytest.raises(TypeError, match=r"\['done'\]\['here'\] is a object, which a checkpoint"):
        train(toy, DataLoader(Strange(), batch_size=2))


def test_batches_are_not_read_ahead_of_such_a_stream(toy: Any) -> None:
    with pytest.raises(ValueError, match="prefetch=2 reads ahead of the training, and Placed"):
        train(toy, DataLoader(Placed(), batch_size=2), train_cfg={"prefetch": 2})


def test_samples_without_an_index_have_no_random_numbers_of_their_own(toy: Any) -> None:
    randomness = {"seed": 1, "per_sample": True}
    with pytest.raises(ValueError, match="per_sample=True needs samples with an index"):
        train(toy, DataLoader(Numbers(), batch_size=2), randomness=randomness)


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated:UserWarning")  # torchdata calls it
@pytest.mark.parametrize("by_epoch", [True, False])
@pytest.mark.parametrize("num_workers", [0, 1])
def test_the_loader_of_torchdata_goes_on_by_its_own_state(
    toy: Any, tmp_path: Path, num_workers: int, by_epoch: bool
) -> None:
    module = pytest.importorskip("torchdata.stateful_dataloader")
    loop = {"by_epoch": True, "max_epochs": 3} if by_epoch else {"max_iters": NUM_ITERS}

    def trained(name: str, **options: Any) -> dict[int, Any]:
        loader = module.StatefulDataLoader(
            Points(), batch_size=2, shuffle=True, num_workers=num_workers
        )
        hook = Seen()
        toy(
            **without_validation(),
            train_dataloader=loader,
            train_cfg={"by_epoch": False, **loop},
            default_hooks={
                **QUIET,
                "checkpoint": {"by_epoch": True, "interval": 1},
                "ends": EveryIteration(),
            },
            custom_hooks=[hook],
            work_dir=tmp_path / name,
            **options,
        ).train()
        return hook.batches

    whole = trained("whole")
    for start in (3, 4, 6):
        by_iteration = not by_epoch or start % 4
        name = f"at_{start}.pth" if by_iteration else f"epoch_{start // 4}.pth"
        rest = trained("rest", load_from=str(tmp_path / "whole" / name), resume=True)
        indices = num_workers > 0  # a worker's own generator begins anew
        assert after(rest, start, indices=indices) == after(whole, start, indices=indices)
