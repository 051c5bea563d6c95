"""On an accelerator: a training beside one written by hand, waits for the device, a checkpoint.

Both train one convolutional network in bfloat16 by autocast, compiled, in channels-last layout,
with batches that are moved ahead on a stream of their own. They take turns in one process after a
warm-up. `hatch run bench gpu` takes under eight minutes on one GPU; without one it runs small, on
the CPU, which shows that it works and no more.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from checkpoint import blocked, runner_in
from measure import print_table, seconds
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from engine_runner import BaseModel, Hook, Runner
from engine_runner.hooks import CheckpointHook

CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CUDA else "cpu")
WARM_UP = 2  # turns: the first compiles


class Size(NamedTuple):
    """How much is done."""

    width: int
    pixels: int
    batch: int
    turn: int  # iterations
    turns: int
    checkpoint_mb: int
    workers: int


SIZE = Size(64, 224, 128, 20, 9, 2000, 4) if CUDA else Size(8, 16, 4, 3, 2, 2, 0)


class Net(BaseModel):
    """Sixteen convolutions with normalisations, and the loss of ten classes."""

    def __init__(self, width: int) -> None:
        super().__init__({"type": "BaseDataPreprocessor", "non_blocking": True})
        layers: list[nn.Module] = []
        inputs = 3
        for i in range(16):
            outputs = width * 2 ** (i // 4)
            stride = 2 if i % 4 == 0 else 1
            layers += [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
            inputs = outputs
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(inputs, 10)

    def forward(self, x: Tensor, y: Tensor, mode: str = "loss") -> dict[str, Tensor]:
        """Return the loss."""
        x = x.contiguous(memory_format=torch.channels_last)
        return {"loss": nn.functional.cross_entropy(self.head(self.layers(x)), y)}


class Noise(Dataset[Any]):
    """The same few pictures again and again."""

    def __init__(self, pixels: int) -> None:
        self.pictures = torch.randn(16, 3, pixels, pixels)

    def __len__(self) -> int:
        return 1 << 20

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.pictures[index % 16], index % 10


def loading() -> dict[str, Any]:
    """The settings of both sides' loaders."""
    workers = {"num_workers": SIZE.workers, "persistent_workers": SIZE.workers > 0}
    return {"batch_size": SIZE.batch, "pin_memory": CUDA, "drop_last": True, **workers}


def moved_ahead(loader: DataLoader[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches on the device; the next one is copied while one is used."""
    side = torch.cuda.Stream() if CUDA else None
    following: tuple[Tensor, Tensor] | None = None
    for batch in loader:
        with torch.cuda.stream(side):  # of None it does nothing
            x, y = (part.to(DEVICE, non_blocking=True) for part in batch)
        if following is not None:
            yield following
        if side is not None:
            torch.cuda.current_stream().wait_stream(side)
            for part in (x, y):
                part.record_stream(torch.cuda.current_stream())
        following = x, y


def by_hand(backend: str) -> Callable[[], None]:
    """A step of a loop that uses nothing of ours but the network's class."""
    torch.manual_seed(0)
    model = Net(SIZE.width).to(DEVICE, memory_format=torch.channels_last)
    compiled: Any = torch.compile(model, backend=backend)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    batches = moved_ahead(DataLoader(Noise(SIZE.pixels), shuffle=True, **loading()))

    def step() -> None:
        x, y = next(batches)
        with torch.autocast(DEVICE.type, torch.bfloat16):
            loss = compiled(x, y)["loss"]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


class Turn(NamedTuple):
    """What a turn took."""

    seconds: float  # an iteration
    peak: float  # MB beyond what was there at its beginning
    waits: int  # for the device that torch knows of


class Watch:
    """Measures from its making to `end`."""

    def __init__(self) -> None:
        if CUDA:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
        self._held = torch.cuda.memory_allocated() if CUDA else 0
        self._catching = warnings.catch_warnings(record=True)
        self._caught: list[Any] = self._catching.__enter__() or []
        warnings.simplefilter("always")
        if CUDA:
            torch.cuda.set_sync_debug_mode("warn")
        self._begun = time.perf_counter()

    def end(self) -> Turn:
        """Return what there was."""
        if CUDA:
            torch.cuda.set_sync_debug_mode("default")
            torch.cuda.synchronize()
        took = time.perf_counter() - self._begun
        self._catching.__exit__(None, None, None)
        waits = sum("synchronizing" in str(one.message) for one in self._caught)
        peak = torch.cuda.max_memory_allocated() - self._held if CUDA else 0
        return Turn(took / SIZE.turn, peak / 1e6, waits)


class Turns(Hook):
    """Lets the loop written by hand have its turn after each of ours."""

    priority = "LOWEST"

    def __init__(self, step: Callable[[], None]) -> None:
        self.step = step
        self.pairs: list[tuple[Turn, Turn]] = []
        self.watch: Watch | None = None

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        """Begin our first turn."""
        self.watch = self.watch or Watch()

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """End our turn, and make the other one."""
        if (runner.iter + 1) % SIZE.turn or self.watch is None:
            return
        ours = self.watch.end()
        watch = Watch()
        for _ in range(SIZE.turn):
            self.step()
        self.pairs.append((ours, watch.end()))
        self.watch = Watch()


def trained(backend: str) -> list[tuple[Turn, Turn]]:
    """Our turns and the other's, after the warm-up."""
    turns = Turns(by_hand(backend))
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        Runner(
            Net(SIZE.width).to(memory_format=torch.channels_last),
            folder,
            train_dataloader={
                "dataset": Noise(SIZE.pixels),
                "sampler": {"type": "InfiniteSampler"},
                "collate_fn": {"type": "default_collate"},
                **loading(),
            },
            train_cfg={
                "by_epoch": False,
                "max_iters": SIZE.turn * (SIZE.turns + WARM_UP),
                "prefetch": 2,
            },
            optim_wrapper={
                "type": "AmpOptimWrapper",
                "dtype": "bfloat16",
                "optimizer": {"type": "SGD", "lr": 0.01, "momentum": 0.9},
            },
            default_hooks={"checkpoint": None},
            custom_hooks=[turns],
            cfg={"compile": {"backend": backend}},
            log_level="ERROR",
        ).train()
    if turns.watch is not None:
        turns.watch.end()
    return turns.pairs[WARM_UP:]


def checkpoints(repeats: int) -> list[tuple[str, ...]]:
    """How long a checkpoint stops the training."""
    found: dict[str, list[float]] = {"async_save": [], "as it comes": []}
    with tempfile.TemporaryDirectory() as name:
        runner = runner_in(Path(name), SIZE.checkpoint_mb)
        runner.prepare_training()
        hooks = (CheckpointHook(interval=1, async_save=True), CheckpointHook(interval=1))
        for _ in range(repeats + 1):
            for times, hook in zip(found.values(), hooks, strict=True):
                times.append(blocked(runner, hook, _quiet).wall)
    head = (f"a checkpoint of {SIZE.checkpoint_mb} MB stops the training", "seconds", "max")
    shown = [
        (kind, seconds(statistics.median(times[1:])), seconds(max(times[1:])))
        for kind, times in found.items()
    ]
    return [head, *shown]


def _quiet() -> None:
    if CUDA:
        torch.cuda.synchronize()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    usual = "inductor" if CUDA else "aot_eager"
    parser.add_argument("--backend", default=usual, help="of torch.compile")
    options = parser.parse_args()
    name = torch.cuda.get_device_name() if CUDA else "the CPU: sizes that show nothing"
    print(f"torch {torch.__version__} on {name}")
    pairs = trained(options.backend)
    rows = [("", "Engine", "by hand")]
    for what, show in (
        ("an iteration", lambda turns: seconds(statistics.median(t.seconds for t in turns))),
        ("MB at its peak beyond the weights", lambda turns: f"{max(t.peak for t in turns):.0f}"),
        ("waits for the device a turn", lambda turns: str(max(t.waits for t in turns))),
    ):
        rows.append((what, *(show(turns) for turns in zip(*pairs, strict=True))))
    ratios = [theirs.seconds / ours.seconds for ours, theirs in pairs]
    shown = ", ".join(f"{x:.3f}" for x in (statistics.median(ratios), min(ratios), max(ratios)))
    print_table(f"bf16, compiled, channels last, {SIZE.turns} turns of {SIZE.turn}", rows)
    print(f"throughput kept, median, least and most: {shown}")
    if not CUDA:
        print("memory and waits are not counted without a device")
    print_table("async_save", checkpoints(3))


if __name__ == "__main__":
    main()
