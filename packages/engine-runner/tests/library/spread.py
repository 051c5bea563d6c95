"""A model whose weights are spread over processes, importable by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from toy import Count, Line, Points, loader, toy_runner

from engine_checkpoint import read_file
from engine_dist import get_rank, is_distributed
from engine_dist.shards import is_sharded, whole
from engine_model import MMFullyShardedDataParallel
from engine_model.averaged_model import StochasticWeightAverage
from engine_optim.clipping import clip_norm, clip_value
from engine_runner.strategy import FSDPStrategy, SingleDeviceStrategy, TensorParallelStrategy

FSDP: dict[str, Any] = {"type": "FSDPStrategy", "wrap_policy": "layers.*"}
PLAN = {"layers.0": "colwise", "layers.1": "rowwise"}


class Deep(Line):
    """Three layers; two of them share a weight."""

    def __init__(self) -> None:
        super().__init__(init_cfg={"type": "Normal", "layer": "Linear", "std": 0.5})
        self.layers = nn.ModuleList([nn.Linear(2, 6), nn.Linear(6, 2)])
        self.other = nn.Linear(2, 1)
        self.other.weight = self.layer.weight

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        first, second = self.layers
        return super().forward(x + second(first(x).tanh()) + self.other(x), y, mode)


def train(folder: Path, batch_size: int, **options: Any) -> dict[str, Any]:
    """Train by every part that has to do with weights; the checkpoints of two epochs, by number."""
    torch.manual_seed(5)
    runner = toy_runner(
        folder,
        model=Deep(),
        train_dataloader=loader(Points(16), batch_size=batch_size),
        val_evaluator=Count(),
        optim_wrapper={
            "type": "OptimWrapper",
            "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9},
            "accumulative_counts": 3,
            "clip_grad": {"max_norm": 0.5},
        },
        custom_hooks=[{"type": "EMAHook", "momentum": 0.3}],
        launcher="pytorch" if is_distributed() else "none",
        env_cfg={"dist_cfg": {"backend": "gloo"}},
        **options,
    )
    runner.train()
    if get_rank():
        return {}
    return {name: numbers(read_file(folder / f"epoch_{name}.pth")) for name in (1, 2)}


def numbers(checkpoint: dict[str, Any]) -> dict[str, Any]:
    """Every number of a checkpoint's weights, averages, momenta and gradients, by name."""
    found = {**checkpoint["state_dict"], **checkpoint["ema_state_dict"]}
    for index, state in checkpoint["optimizer"]["state"].items():
        found |= {f"optimizer {index} {name}": value for name, value in state.items()}
    windows = [each for each in checkpoint["accumulation"] if each]
    assert len(windows) == 1
    for index, gradient in enumerate(windows[0]["gradients"]):
        found[f"gradient {index}"] = gradient
    return {name: value.tolist() for name, value in found.items()}


def begun(strategy: Any) -> dict[str, Any]:
    """The weights that a strategy begins with."""
    torch.manual_seed(5)
    with strategy.building():
        model = Deep()
    model = strategy.place(model)
    strategy.init_weights(model)
    shared = model.other.weight is model.layer.weight
    state = strategy.model_state(model)
    return {"shared": shared, **{name: value.tolist() for name, value in state.items()}}


def clipped() -> dict[str, Any]:
    """Gradients of a model, clipped by their norm and by their values."""
    model: Any = FSDPStrategy(wrap_policy="layers.*").place(Deep())
    params = list(model.parameters())
    found: dict[str, Any] = {}
    functions: dict[str, Callable[[], Any]] = {
        "before": lambda: torch.tensor(0.0),
        "norm": lambda: clip_norm(params, 0.5),
        "value": lambda: clip_value(params, 0.01),
    }
    for name, function in functions.items():
        model.zero_grad()
        x = torch.arange(8.0).view(4, 2)
        model(x, x[:, :1], mode="loss")["loss"].backward()
        norm = function()
        flat = torch.cat([whole(each.grad).flatten() for each in params])
        found[name] = {"norm": norm, "gradients": flat.tolist()}
    return found


def wrapped() -> dict[str, Any]:
    """What MMEngine's wrapper makes of a model, and the average of its weights."""
    model: Any = MMFullyShardedDataParallel(
        Deep(), auto_wrap_policy={"type": "size_based_auto_wrap_policy", "min_num_params": 10}
    )
    inner = model.module
    with torch.no_grad():
        predictions = len(model.val_step([torch.ones(3, 2), torch.ones(3, 1)]))
    average = StochasticWeightAverage(inner)
    average.update_parameters(inner)
    kind = type(average.module)
    return {
        "spread": all(is_sharded(each) for each in inner.parameters()),
        "units": [name for name, each in inner.named_modules() if type(each) is not nn.Linear],
        "predictions": predictions,
        "averaged": (kind.__name__, [is_sharded(each) for each in average.module.parameters()]),
        "hooks": len(average.module._forward_hooks),
        "shared": average.module.other.weight is average.module.layer.weight,
    }


def refused(folder: str) -> list[str]:
    """What is said of what can't be."""
    found = []
    zero = {"optimizer": {"type": "ZeroRedundancyOptimizer", "optimizer_type": "SGD", "lr": 1}}
    seeds = {"seed": 1, "diff_rank_seed": True}
    team: Any = {"type": "TensorParallelStrategy", "plan": PLAN, "size": 2}
    for options in (
        {"strategy": FSDP, "optim_wrapper": zero},
        {"strategy": FSDP, "cfg": {"efficient_conv_bn_eval": ["layers"]}},
        {"strategy": {**FSDP, "mixed_precision": "float16"}},
        {"strategy": {**FSDP, "replicate": 3}},
        {"strategy": team, "randomness": seeds},
        {"strategy": {**team, "size": 3}},
    ):
        try:
            toy_runner(f"{folder}/refused", launcher="pytorch", **options)
        except ValueError as error:
            found.append(str(error))
    return found


def all_of_it(folder: str) -> dict[str, Any]:
    """Everything, in one group of processes."""
    torch.set_num_threads(1)
    here = Path(folder)
    return {
        "trained": train(here / "two", 2, strategy=FSDP),
        "resumed": train(here / "begun", 2, strategy=FSDP, resume=True),
        "full": begun(FSDPStrategy(wrap_policy="layers.*")),
        "meta": begun(FSDPStrategy(wrap_policy="layers.*", init="meta")),
        "team": begun(TensorParallelStrategy(plan=PLAN, size=2, init="meta")),
        "clipped": clipped(),
        "wrapped": wrapped(),
        "refused": refused(folder),
    }


def alone() -> dict[str, Any]:
    """The weights that a single process begins with."""
    return begun(SingleDeviceStrategy())
