"""An iteration that logs nothing never waits for the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from engine_runner import Hook

# What moves a value from the device to the host, which has to wait for it.
WAITING = ("_local_scalar_dense", "is_nonzero", "nonzero", "equal", "_to_copy", "unique")


class CountsWaiting(TorchDispatchMode):
    """Notes every operation that would make the host wait for the device."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.operations = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.operations += 1
        name = func.overloadpacket.__name__
        if name in WAITING or name.startswith("_unique"):
            self.found.append(name)
        return func(*args, **(kwargs or {}))


class Between(Hook):
    """Opens a block for the iterations from ``first`` to ``last``: all hooks of them are inside."""

    priority = 0  # before all others, at the beginning of an iteration

    def __init__(self, block: Any, *, first: int, last: int) -> None:
        self.block, self.first, self.last = block, first, last
        self.seen = 0

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter == self.first:
            self.block.__enter__()
        if runner.iter == self.last + 1:
            self.block.__exit__(None, None, None)
        self.seen += 1


# 50 batches: the end of a pass that is shorter than the logger's interval gets a line, too.
CHANGES: dict[str, Any] = {
    "train_dataloader.dataset.size": 200,
    "train_cfg": {"_delete_": True, "by_epoch": False, "max_iters": 30, "val_interval": 30},
    "default_hooks.logger": {"interval": 20},
    "default_hooks.checkpoint": {"by_epoch": False, "interval": 30},
    "param_scheduler": {"_delete_": True, "type": "LinearLR", "by_epoch": False, "end": 30},
}


def test_iterations_that_log_nothing_read_no_value(tiny: Callable[..., Any]) -> None:
    mode = CountsWaiting()
    runner = tiny(CHANGES)
    runner.register_hook(Between(mode, first=2, last=17), priority="VERY_HIGH")
    runner.train()
    assert mode.operations > 16 * 10
    assert mode.found == []


def test_the_count_notices_a_value_that_is_read(tiny: Callable[..., Any]) -> None:
    class Reads(Hook):
        def after_train_iter(
            self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
        ) -> None:
            outputs["loss"].item()

    mode = CountsWaiting()
    runner = tiny(CHANGES)
    runner.register_hook(Between(mode, first=2, last=17), priority="VERY_HIGH")
    runner.register_hook(Reads())
    runner.train()
    assert mode.found == ["_local_scalar_dense"] * 16


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_is_never_waited_for(tiny: Callable[..., Any]) -> None:
    @contextmanager
    def strict() -> Iterator[None]:
        torch.cuda.set_sync_debug_mode("error")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode("default")

    # Batches come from pinned memory: copies from any other make the host wait.
    runner = tiny(
        CHANGES,
        **{
            "train_dataloader.pin_memory": True,
            "model.data_preprocessor": {"type": "BaseDataPreprocessor", "non_blocking": True},
        },
    )
    hook = Between(strict(), first=2, last=17)
    runner.register_hook(hook, priority="VERY_HIGH")
    runner.train()
    assert hook.seen == 30
