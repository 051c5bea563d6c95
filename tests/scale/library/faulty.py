"""Ranks of which one can't write."""

from __future__ import annotations

import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from resharding import Layers, runner_of
from torch import distributed as dist

from engine_checkpoint import ShardedWriter, Snapshots, read_sharded
from engine_dist import get_rank
from engine_runner.hooks import CheckpointHook


class Unwritable:
    """What a checkpoint can't hold."""

    def __reduce__(self) -> Any:
        raise RuntimeError("it has no bytes")


@contextmanager
def short_files(rank: int, size: int) -> Iterator[None]:
    """Let the files of one rank be no longer than ``size``, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if get_rank() == rank:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def outcome(act: Callable[[], None]) -> tuple[str, str]:
    """The kind and text of the error that a call raises."""
    try:
        act()
    except Exception as error:  # what is looked for
        return type(error).__name__, str(error)
    return "", ""


def failures(work: str) -> dict[str, Any]:
    """What each rank is told when one fails, and what is there afterwards."""
    target = str(Path(work) / "epoch_1.pth")
    writer = ShardedWriter()

    def content(number: float, **more: Any) -> dict[str, Any]:
        weights = {f"w{name}": torch.full((500, 40), number) for name in range(6)}
        groups = [{"params": [*range(6)], "param_names": list(weights)}]
        return {
            "meta": {"epoch": 1},
            "state_dict": weights,
            "optimizer": {"param_groups": groups, "state": {}},
            **more,
        }

    def save(number: float, **more: Any) -> None:
        writer.stage(content(number, **more), target)()

    save(1.0)
    found: dict[str, Any] = {}
    for rank in range(2):
        with short_files(rank, 100_000):
            found[f"full {rank}"] = outcome(lambda: save(2.0))
    found["unwritable"] = outcome(lambda: save(3.0, message_hub=Unwritable()))
    found["remote"] = outcome(lambda: writer.stage(content(1.0), "s3://here/a.pth")())
    number = torch.ones(3)
    staged = writer.stage({"state_dict": {"n": number}}, f"{work}/copy.pth", snapshots=Snapshots())
    number.zero_()
    staged()
    one, other = (
        writer.stage({"state_dict": {"n": torch.tensor([each])}}, f"{work}/{each}.pth")
        for each in (1.0, 2.0)
    )
    first, second = (other, one) if get_rank() else (one, other)
    beside = threading.Thread(target=first)
    beside.start()
    second()
    beside.join()
    dist.barrier()
    numbers = [read_sharded(f"{work}/{each}.pth")["state_dict"]["n"] for each in (1.0, 2.0)]
    found["order"] = [float(each) for each in numbers]
    found["copy"] = read_sharded(f"{work}/copy.pth")["state_dict"]["n"].tolist()
    found["kept"] = float(read_sharded(target)["state_dict"]["w5"][499, 39])
    names = {path.name for path in Path(work).iterdir()}
    found["names"] = sorted(names - {"hook"})  # where another rank may be already
    found["files"] = sorted(path.name for path in Path(target).iterdir())
    return {**found, "hook": _of_hook(f"{work}/hook")}


def _of_hook(work: str) -> dict[str, Any]:
    """What a hook does that saves beside a training, with a rank whose disk is full for a while."""
    strategy = {"type": "FSDPStrategy", "state_dict_cfg": "sharded"}
    runner = runner_of(work, strategy, async_save=True)
    runner.prepare_training()
    assert isinstance(runner.model, Layers)
    hook = next(each for each in runner.hooks if isinstance(each, CheckpointHook))
    hook.before_train(runner)
    with short_files(1, 10):
        runner.state.iteration = 1
        hook.after_train_iter(runner, 1)
        settled = hook._saver.settle(runner)
    runner.state.iteration = 3
    hook.after_train_iter(runner, 3)
    found = hook._saver.settle(runner)
    names = sorted(path.name for path in Path(work).glob("*iter*"))
    if get_rank() == 0:
        file = Path(work, "iter_4.pth", "__1_0.distcp")
        file.write_bytes(file.read_bytes()[:-1])
    dist.barrier()
    read = outcome(lambda: runner.load_checkpoint(f"{work}/iter_4.pth"))
    return {"read": read, "settled": [settled, found], "names": names}
