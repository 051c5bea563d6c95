"""What a training exchanges, keeps and writes as one of many ranks: see `crowd`."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import random
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import crowd
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine_evaluator import MergeableMetric
from engine_runner import BaseMetric, BaseModel, Hook, Runner
from engine_runner.hooks import HangHook, Preempted, PreemptionHook

STOPPED_AFTER = 6  # iterations, at the earliest: then the last rank is asked to


class Net(BaseModel):
    """Some layers, statistics of a rank's own samples, and numbers drawn while training."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.first = nn.Linear(8, width)
        self.norm = nn.BatchNorm1d(width)
        self.last = nn.Linear(8, classes)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        hidden = nn.functional.dropout(self.norm(self.first(x)).relu(), training=self.training)
        found = self.last(hidden.view(len(x), 8, -1).mean(2))
        if mode == "loss":
            return {"loss": nn.functional.cross_entropy(found, y)}
        return [*zip(found.argmax(1), y, strict=True)]


class Samples(Dataset[Any]):
    """Numbers of a sample's own, the same whoever asks."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        made = torch.Generator().manual_seed(index)
        return {"x": torch.randn(8, generator=made), "y": torch.tensor(index % 2)}


class Right(MergeableMetric):
    """A share, of sums that are reduced."""

    counts: Tensor

    def __init__(self) -> None:
        super().__init__("merged")
        self.add_state("counts", torch.zeros(2))

    def update(self, data_batch: Any, data_samples: Any) -> None:
        for found, wanted in data_samples:
            self.counts += torch.stack([(found == wanted).float(), torch.ones(())])

    def compute(self) -> dict[str, float]:
        return {"share": float(self.counts[0] / self.counts[1])}


class Gathered(BaseMetric):
    """The same of every prediction, gathered."""

    default_prefix = "gathered"

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [float(found == wanted) for found, wanted in data_samples]

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        return {"share": sum(results) / len(results)}


class Phases(Hook):
    """Saves and evaluates at certain iterations, and says in the book what is going on."""

    priority = "LOWEST"

    def __init__(self, notes: Notes, name: str, *, is_whole: bool) -> None:
        self.notes, self.name = notes, name
        self.evaluates = self.stops = is_whole

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        is_last = runner.iter + 1 == runner.max_iters
        self.notes.book.stage = f"{'end' if is_last else 'iteration'}, {self.name}"

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        number = runner.iter + 1
        if number == 2 or (number == 3 and self.evaluates):
            name = f"save, {self.name}" + (", in a window" if number == 3 else "")
            with self.notes.during(name):
                runner.save_checkpoint(runner.work_dir, f"{number}.pth", by_epoch=False)
            self.notes.sizes[name] = size_of(Path(runner.work_dir, f"{number}.pth"))
        if number == 4 and self.evaluates:
            for mode in ("val", "test"):
                with self.notes.during({"val": "evaluation", "test": "gathering"}[mode]):
                    getattr(runner, f"{mode}_loop").run()
            runner.model.train()
        if number == STOPPED_AFTER and self.stops and runner.rank:
            stopping = next(each for each in runner.hooks if isinstance(each, PreemptionHook))
            stopping._request.heard = "SIGTERM"  # as a signal to the last rank does
        self.notes.book.stage = "between"

    def wait_for_saves(self, runner: Any) -> None:
        self.notes.book.stage = f"end, {self.name}"


class Notes:
    """What is found out on a rank.

    Attributes:
        book: its exchanges.
        peaks: by stage, the most memory of Python and numpy beyond what there was, in bytes.
        sizes: by stage, of what was written, in bytes.
        iterations: how many there were when it was stopped.
    """

    iterations = 0

    def __init__(self) -> None:
        self.book = crowd.Book()
        self.peaks: dict[str, int] = {}
        self.sizes: dict[str, int] = {}

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """A stage, whose memory is looked at."""
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        with self.book.during(stage):
            yield
        self.peaks[stage] = tracemalloc.get_traced_memory()[1] - before


def size_of(path: Path) -> int:
    """The bytes of a checkpoint, a file or a folder; 0 while there is none."""
    if path.is_dir():
        return sum(each.stat().st_size for each in path.iterdir())
    return path.stat().st_size if path.exists() else 0


def arguments(work_dir: Path, strategy: dict[str, Any], *, resume: bool) -> dict[str, Any]:
    """A training as its users have it: all default hooks, and what watches and stops it."""
    is_whole = strategy["type"] == "DDPStrategy"
    stacked = {"type": "default_collate"}
    loader = {"sampler": {"type": "DefaultSampler", "shuffle": False}, "collate_fn": stacked}
    return {
        # of what is sharded, every rank has a part of every layer's numbers
        "model": Net(64, 2) if is_whole else Net(4096, 4096),
        "work_dir": str(work_dir),
        "train_dataloader": {
            "batch_size": 2,
            "dataset": Samples(16384),
            "sampler": {"type": "InfiniteSampler"},
            "collate_fn": stacked,
        },
        "val_dataloader": {"batch_size": 64, "dataset": Samples(4096), **loader},
        "test_dataloader": {"batch_size": 64, "dataset": Samples(4096), **loader},
        "train_cfg": {"by_epoch": False, "max_iters": 100_000, "val_interval": 1000},
        "val_cfg": {},
        "test_cfg": {},
        "val_evaluator": [Right()],
        "test_evaluator": [Gathered()],
        "optim_wrapper": {
            # whose states are spread as the weights are, with nothing for a rank between
            "optimizer": {"type": "SGD", "lr": 0.01, "momentum": 0.9},
            "accumulative_counts": 2 if is_whole else 1,
        },
        "param_scheduler": {"type": "LinearLR", "by_epoch": False, "end": 8},
        "default_hooks": {
            "logger": {"type": "LoggerHook", "interval": 2},
            "checkpoint": {"type": "CheckpointHook", "by_epoch": False, "interval": 1000},
        },
        "launcher": "pytorch",
        "env_cfg": {"dist_cfg": {"backend": "gloo"}},
        "randomness": {"seed": 1, "diff_rank_seed": True},
        "strategy": strategy,
        "resume": resume,
        "log_level": "ERROR",
        "experiment_name": f"{work_dir.parent.name}_{work_dir.name}_{resume}",
    }


def train(notes: Notes, work_dir: Path, name: str, strategy: dict[str, Any]) -> None:
    """Begin, save, evaluate, be asked to stop; and go on from there."""
    is_first = name == "one file"
    with notes.during("start" if is_first else f"start, {name}"):
        runner = Runner(**arguments(work_dir, strategy, resume=False))
        runner.register_hook(PreemptionHook())
        runner.register_hook(HangHook("30m"))
        runner.register_hook(Phases(notes, name, is_whole=is_first))
        runner.prepare_training()
    notes.book.stage = "start" if is_first else f"start, {name}"
    if not is_first:
        runner.train_loop._max_iters = 6
        runner.train()
        return
    with suppress(Preempted):
        runner.train()
    notes.iterations = runner.iter + 1
    notes.book.stage = "between"
    again = Runner(**arguments(work_dir, strategy, resume=True))
    again.prepare_training()
    with notes.during(f"resume, {name}"):
        again.load_or_resume()
    assert again.iter == notes.iterations, again.iter
    notes.book.stage = "between"


STRATEGIES = {
    "one file": {"type": "DDPStrategy"},
    "sharded": {"type": "FSDPStrategy", "state_dict_cfg": "sharded"},
}


def run(place: int, size: int, folder: Path) -> None:
    """Be the first rank, or the last one, of ``size``, and write down what was found out."""
    torch.set_num_threads(1)
    notes = Notes()
    rank = place and size - 1
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(size), LOCAL_RANK=str(place))
    os.environ["LOCAL_WORLD_SIZE"] = "8"
    crowd.join(place, size, folder=folder, book=notes.book)
    random.seed(rank)
    tracemalloc.start()  # to the end: threads of C that allocate don't stand its being stopped
    for name, strategy in STRATEGIES.items():
        train(notes, folder / name.replace(" ", "_"), name, strategy)
    found = {
        "events": [vars(event) for event in notes.book.events],
        "peaks": notes.peaks,
        "sizes": notes.sizes,
        "iterations": notes.iterations,
        "asked": notes.book.asked,
    }
    (folder / f"{place}.json").write_text(json.dumps(found))


class Found:
    """What was found out on a rank of so many.

    Attributes:
        events: exchanges, as `crowd.Event` has them.
        peaks: see `Notes`.
        sizes: see `Notes`.
        iterations: see `Notes`.
        asked: see `crowd.Book`.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        self.events = [crowd.Event(**each) for each in told["events"]]
        self.peaks: dict[str, int] = told["peaks"]
        self.sizes: dict[str, int] = told["sizes"]
        self.iterations: int = told["iterations"]
        self.asked: dict[str, int] = told["asked"]

    def counts(
        self, stage: str, *, is_ours: bool = True, most: float = math.inf
    ) -> dict[str, tuple[int, int, int]]:
        """Of each kind of exchange in a stage, how many, and bytes sent and received.

        Those of more than ``most`` bytes are left out.
        """
        found: dict[str, tuple[int, int, int]] = {}
        for each in self.events:
            if each.stage == stage and each.is_ours is is_ours and each.sent <= most:
                number, sent, received = found.get(each.kind, (0, 0, 0))
                found[each.kind] = number + 1, sent + each.sent, received + each.received
        return found


def measure(size: int) -> tuple[Found, Found]:
    """Return what was found out on the first rank and on the last one of so many."""
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(kind)
    if kind == "forkserver":
        # What takes long to import is imported once, for all sizes.
        context.set_forkserver_preload(["many_ranks", "torch._dynamo"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pair = [context.Process(target=run, args=(place, size, folder)) for place in (0, 1)]
        for process in pair:
            process.start()
        for process in pair:
            process.join()
        codes = [process.exitcode for process in pair]
        if codes != [0, 0]:
            raise RuntimeError(f"the first and the last of {size} ranks ended with {codes}")
        first, last = (json.loads((folder / f"{place}.json").read_text()) for place in (0, 1))
    return Found(first), Found(last)
