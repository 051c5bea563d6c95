"""What every strategy has to do: trainings of one small model, importable by processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine_dist import is_distributed
from engine_runner import BaseMetric, BaseModel, Hook, Runner
from engine_runner.strategy import is_spread

WINDOW, STOP, ITERATIONS = 3, 5, 12  # the training stops in the middle of a window


@dataclass(frozen=True, kw_only=True)
class Case:
    """A strategy to hold to the contract.

    Attributes:
        name: what the test is called after.
        processes: how many.
        strategy: its config.
        spread: whether a process has only a part of the weights, as DTensors.
        teams: how many of the processes deal the samples among themselves; None for all.
        wrapper: settings of the optimizer's wrapper, such as a foreign engine's type.
        amp: settings of the wrapper for bfloat16.
        amp_strategy: settings of the strategy for bfloat16.
        window: losses to a step, where they are accumulated. It is `STOP` for an engine that keeps
            no gradients in a checkpoint: that is then never in the middle of a window.
        tolerance: relative, and a tenth of it absolute, of weights after the training.
        without: why a part of the contract isn't kept, by its name: one of `PARTS`.
    """

    name: str
    processes: int
    strategy: dict[str, Any] | None
    spread: bool = False
    teams: int | None = None
    wrapper: dict[str, Any] = field(default_factory=lambda: {"type": "OptimWrapper"})
    amp: dict[str, Any] = field(
        default_factory=lambda: {"type": "AmpOptimWrapper", "dtype": "bfloat16"}
    )
    amp_strategy: dict[str, Any] = field(default_factory=dict)
    window: int = WINDOW
    tolerance: float = 1e-4
    without: dict[str, str] = field(default_factory=dict)


class Block(nn.Module):
    """Two layers beside a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.up = nn.Linear(4, 8)
        self.down = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.down(self.up(self.norm(x)).tanh())


class Net(BaseModel):
    """Two blocks and a head; its weights depend on the seed, and on the ``init_cfg``."""

    def __init__(self) -> None:
        super().__init__(init_cfg={"type": "Normal", "layer": "Linear", "std": 0.5})
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.head = nn.Linear(4, 1)

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        for block in self.blocks:
            x = block(x)
        found = self.head(x)
        if mode == "loss":
            return {"loss": ((found - y) ** 2).mean()}
        return found if mode == "tensor" else [*zip(found, y, strict=True)]


class Waves(Dataset[Any]):
    """Points of a surface."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        x = torch.tensor([index / 32, (index % 5) / 5, (index % 7) / 7, 1.0])
        return x, (3 * x[:1]).sin() + x[1:2] - x[2:3]


class SquaredError(BaseMetric):
    """The mean squared error, and of how many samples."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results += [float((found - y) ** 2) for found, y in data_samples]

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        return {"mse": sum(results) / len(results), "count": len(results)}


class Watch(Hook):
    """Keeps losses, learning rates, norms and metrics, and ends the training at a place."""

    priority = "LOWEST"

    def __init__(self, stop: int | None = None) -> None:
        self.stop = stop
        self.seen: dict[str, list[Any]] = {"loss": [], "lr": [], "norm": [], "metrics": []}

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter == self.stop:
            raise InterruptedError("stopped here")
        self.seen["lr"].append(runner.optim_wrapper.get_lr()["lr"][0])

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        self.seen["loss"].append(float(outputs["loss"]))
        norm = runner.message_hub.log_scalars.get("train/grad_norm")
        if norm is not None:
            self.seen["norm"].append(float(norm.current()))

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        self.seen["metrics"].append(dict(metrics or {}))


def runner_of(case: Case, work_dir: str, **options: Any) -> Runner:
    """A runner that trains for three epochs of four global batches of 8, and validates after each.

    ``options`` are ``wrapper``, settings of the optimizer's wrapper, and arguments of `Runner`.
    """
    torch.set_num_threads(1)
    torch.manual_seed(7)
    wrapper = {**case.wrapper, **options.pop("wrapper", {})}
    optimizer = {"type": "AdamW", "lr": 0.05, "eps": 1e-2}
    arguments: dict[str, Any] = {
        "model": Net(),
        "work_dir": work_dir,
        "train_dataloader": _loader(32, 8 // (case.teams or case.processes), shuffle=True),
        "val_dataloader": _loader(7, 2, shuffle=False),
        "train_cfg": {"by_epoch": True, "max_epochs": 3},
        "val_cfg": {},
        "val_evaluator": SquaredError(),
        "optim_wrapper": {"optimizer": optimizer, **wrapper},
        "param_scheduler": {"type": "ExponentialLR", "gamma": 0.9, "by_epoch": False},
        "default_hooks": {
            "checkpoint": {"type": "CheckpointHook", "by_epoch": False, "interval": STOP},
        },
        "strategy": case.strategy,
        "launcher": "pytorch" if is_distributed() else "none",
        "env_cfg": {"dist_cfg": {"backend": "gloo"}},
        "randomness": {"seed": 3},
        "log_level": "WARNING",
        **options,
    }
    return Runner(**arguments)


def _loader(size: int, batch_size: int, *, shuffle: bool) -> dict[str, Any]:
    return {
        "dataset": Waves(size),
        "batch_size": batch_size,
        "sampler": {"type": "DefaultSampler", "shuffle": shuffle},
        "collate_fn": {"type": "default_collate"},
    }


def train(case: Case, work_dir: str, *, stop: int | None = None, **options: Any) -> dict[str, Any]:
    """Train, to the end or until ``stop``; what was seen, and the weights on the main rank."""
    watch = Watch(stop)
    hooks = [watch, *options.pop("hooks", ())]
    runner = runner_of(case, work_dir, custom_hooks=hooks, **options)
    with suppress(InterruptedError):
        runner.train()
    weights = runner.strategy.model_state(runner.model)
    runner.visualizer.close()
    spread = is_spread(runner.model)
    return {
        **watch.seen,
        "spread": spread,
        "weights": {name: value.tolist() for name, value in weights.items()},
    }


EMA = {"type": "EMAHook", "momentum": 0.3}
CLIPS = {"clip_grad": {"max_norm": 0.05}}


def accumulates(case: Case) -> dict[str, Any]:
    """Settings of the wrapper for windows of the case's length."""
    return {"accumulative_counts": case.window}


def plain(case: Case, folder: Path) -> Any:
    return train(case, str(folder / "plain"))


def accumulation(case: Case, folder: Path) -> Any:
    return train(case, str(folder / "accumulation"), wrapper=accumulates(case))


def clipping(case: Case, folder: Path) -> Any:
    return train(case, str(folder / "clipping"), wrapper=CLIPS)


def amp(case: Case, folder: Path) -> Any:
    strategy = {**(case.strategy or {}), **case.amp_strategy}
    return train(replace(case, strategy=strategy), str(folder / "amp"), wrapper=case.amp)


def ema(case: Case, folder: Path) -> Any:
    return train(case, str(folder / "ema"), hooks=[EMA])


def resume(case: Case, folder: Path) -> Any:
    """The same training without a break, and with one."""
    options = {"wrapper": accumulates(case) | CLIPS}
    hooks = [] if "ema" in case.without else [EMA]
    unbroken = train(case, str(folder / "unbroken"), hooks=hooks, **options)
    train(case, str(folder / "broken"), stop=STOP, hooks=hooks, **options)
    resumed = train(case, str(folder / "broken"), resume=True, hooks=hooks, **options)
    return {"unbroken": unbroken, "resumed": resumed}


def from_single(case: Case, folder: Path) -> Any:
    """Go on with what a single process has begun, in a folder that the test has made."""
    options = {"wrapper": accumulates(case) | CLIPS}
    hooks = [] if "ema" in case.without else [EMA]
    return train(case, str(folder / "begun_by_one"), resume=True, hooks=hooks, **options)


PARTS: dict[str, Callable[[Case, Path], Any]] = {
    "plain": plain,
    "accumulation": accumulation,
    "clipping": clipping,
    "amp": amp,
    "ema": ema,
    "resume": resume,
    "from_single": from_single,
}


def all_parts(case: Case, folder: str) -> dict[str, Any]:
    """Do every part that the strategy has, in one group of processes."""
    return {
        name: part(case, Path(folder)) for name, part in PARTS.items() if name not in case.without
    }
