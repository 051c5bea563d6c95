"""The attributes of mmengine's classes, and of one object of each kind that it makes.

Without arguments it prints a line for each, as `mmengine_attributes.tsv` holds MMEngine 0.10.7's.
With that file as argument it prints as JSON which of them the installed mmengine lacks, and which
can't be assigned although they can there.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import pkgutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import mmengine
from mmengine import (
    dataset,
    evaluator,
    fileio,
    hooks,
    infer,
    logging,
    model,
    optim,
    registry,
    runner,
    structures,
    visualization,
)
from mmengine.config import Config, ConfigDict
from mmengine.model.test_time_aug import BaseTTAModel

# Python's and abc's own, and what any class has of them.
LEFT_OUT = {
    *("__module__", "__doc__", "__dict__", "__weakref__", "__annotations__", "__parameters__"),
    *("__orig_bases__", "__abstractmethods__", "_abc_impl", "__firstlineno__", "__repr__"),
    *("__static_attributes__", "__del__"),
}


class Data(dataset.BaseDataset):
    """Eight samples."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"value": number} for number in range(8)]

    def __getitem__(self, idx: int) -> Any:
        return torch.ones(2), idx

    def get_cat_ids(self, idx: int) -> list[int]:
        return [0]


class Net(model.BaseModel):
    """A layer with statistics."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.linear, self.norm = nn.Linear(2, 2), nn.BatchNorm1d(2)

    def forward(self, inputs: Tensor, labels: Any, mode: str = "tensor") -> Any:
        outputs = self.norm(self.linear(inputs))
        return {"loss": outputs.sum()} if mode == "loss" else outputs


class Score(evaluator.BaseMetric):
    """Always one."""

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results.append(1)

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        return {"acc": 1.0}


class Merging(BaseTTAModel):
    """A model for test-time augmentation."""

    def merge_preds(self, data_samples_list: Any) -> Any:
        return data_samples_list


class Inferring(infer.BaseInferencer):
    """An inferencer."""

    preprocess = forward = visualize = postprocess = lambda self, *args, **kwargs: []

    def _init_pipeline(self, cfg: Any) -> Any:
        return lambda value: value


def trained(folder: str, name: str, **changes: Any) -> runner.Runner:
    """A runner that has trained and tested."""
    data = Data(pipeline=[])
    loader = {
        "dataset": data,
        "batch_size": 2,
        "sampler": {"type": "DefaultSampler", "shuffle": False},
        "collate_fn": {"type": "default_collate"},
    }
    made = runner.Runner(
        model=Net(),
        work_dir=folder,
        **{mode + "_dataloader": dict(loader) for mode in ("train", "val", "test")},
        **{mode + "_evaluator": evaluator.Evaluator(Score()) for mode in ("val", "test")},
        val_cfg={},
        test_cfg={},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        param_scheduler=[{"type": "LinearLR", "end": 1}],
        log_level="ERROR",
        randomness={"seed": 0},
        default_hooks={"logger": {"type": "LoggerHook", "interval": 1}},
        experiment_name=name,
        **changes,
    )
    made.train()
    made.test()
    return made


def of_trainings(folder: str) -> dict[str, Any]:
    """What trainings consist of."""
    by_epoch = trained(
        folder,
        "epochs",
        train_cfg={"by_epoch": True, "max_epochs": 1},
        custom_hooks=[
            *({"type": name} for name in ("EMAHook", "SyncBuffersHook", "EmptyCacheHook")),
            {"type": "EarlyStoppingHook", "monitor": "acc"},
            {"type": "NaiveVisualizationHook", "interval": 100},
        ],
    )
    by_iteration = trained(
        folder, "iterations", train_cfg={"by_epoch": False, "max_iters": 4, "val_interval": 2}
    )
    found = [by_epoch, by_epoch.train_loop, by_epoch.val_loop, by_epoch.test_loop]
    found += [by_iteration.train_loop, by_epoch.val_loop.evaluator, *by_epoch.hooks]
    found += [by_epoch.optim_wrapper, by_epoch.log_processor, by_epoch.message_hub, by_epoch.logger]
    found += [*by_epoch.visualizer._vis_backends.values(), by_epoch.model.data_preprocessor]
    found += [*by_epoch.param_schedulers]
    named = {type(each).__name__: each for each in found}
    return {**named, "BaseModel": by_epoch.model, "BaseMetric": found[5].metrics[0]}


def of_optimization() -> dict[str, Any]:
    """Schedulers, averages, constructors."""
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    arguments: dict[str, dict[str, Any]] = {
        "ConstantLR": {},
        "LinearLR": {},
        "StepLR": {"step_size": 2},
        "MultiStepLR": {"milestones": [1]},
        "ExponentialLR": {"gamma": 0.1},
        "CosineAnnealingLR": {"T_max": 3},
        "PolyLR": {},
        "OneCycleLR": {"eta_max": 1.0, "total_steps": 5},
        "CosineRestartLR": {"periods": [2], "restart_weights": [1.0], "eta_min": 0.0},
        "ReduceOnPlateauLR": {"monitor": "loss", "rule": "less"},
        "ConstantMomentum": {},
        "LinearMomentum": {},
        "StepMomentum": {"step_size": 2},
        "CosineAnnealingMomentum": {"T_max": 3},
    }
    found = [
        getattr(optim.scheduler, name)(optimizer, **given) for name, given in arguments.items()
    ]
    averages = ("ExponentialMovingAverage", "MomentumAnnealingEMA", "StochasticWeightAverage")
    found += [getattr(model, name)(Net()) for name in averages]
    config = {"optimizer": {"type": "SGD", "lr": 0.1}}
    found += [optim.DefaultOptimWrapperConstructor(config)]
    found += [optim.OptimWrapperDict(one=optim.OptimWrapper(optimizer))]
    return {type(each).__name__: each for each in found}


def of_models_and_data() -> dict[str, Any]:
    """Modules, initialisers, data sets, samplers, data elements."""
    data = Data(pipeline=[])
    found: list[Any] = [
        *(dataset.ConcatDataset([data, data]), dataset.RepeatDataset(data, 2)),
        *(dataset.ClassBalancedDataset(data, 0.1), dataset.Compose([])),
        *(dataset.DefaultSampler(data), dataset.InfiniteSampler(data)),
        *(model.ImgDataPreprocessor(), model.BaseModule(), model.Sequential()),
        *(model.ModuleList(), model.ModuleDict()),
        model.ConstantInit(val=1, layer="Linear"),
        *(
            getattr(model, f"{name}Init")(layer="Linear")
            for name in ("Xavier", "Normal", "Kaiming")
        ),
        *(getattr(model, f"{name}Init")(layer="Linear") for name in ("TruncNormal", "Uniform")),
        *(model.Caffe2XavierInit(layer="Linear"), model.PretrainedInit("nowhere")),
        structures.BaseDataElement(metainfo={"known": 1}, field=2),
        structures.InstanceData(field=torch.ones(2)),
        *(structures.PixelData(), structures.LabelData()),
    ]
    named = {type(each).__name__: each for each in found}
    return {**named, "BaseDataset": data, "BaseTTAModel": Merging(module=Net())}


def of_the_rest(folder: str) -> dict[str, Any]:
    """Hooks, back-ends, registries, configs, the inferencer."""
    found: list[Any] = [
        *(hooks.Hook(), hooks.ProfilerHook(), hooks.PrepareTTAHook({"type": "X"})),
        visualization.Visualizer(image=np.zeros((8, 8, 3), np.uint8)),
        visualization.TensorboardVisBackend(save_dir=folder),
        *(logging.HistoryBuffer([1], [1]), fileio.LocalBackend(), fileio.HTTPBackend()),
        *(fileio.FileClient(), fileio.JsonHandler(), registry.Registry("of each")),
        *(registry.DefaultScope("each", scope_name="mmengine"), Config({"a": 1}), ConfigDict(a=1)),
    ]
    config = {
        "model": {"type": Net},
        "test_dataloader": {"dataset": {"type": Data, "pipeline": []}},
    }
    named = {type(each).__name__: each for each in found}
    named["BaseInferencer"] = Inferring(model=config, scope="mmengine", device="cpu")
    return named


def one_of_each(folder: str) -> dict[str, Any]:
    """An object of each kind, by the name of its class."""
    quiet = Path(os.devnull).open("w")  # noqa: SIM115 - a logger holds on to it
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        found = of_trainings(folder) | of_optimization() | of_models_and_data()
        return found | of_the_rest(folder)


def classes() -> dict[str, type]:
    """All classes of mmengine, by name."""
    found = {}
    for module in pkgutil.walk_packages(mmengine.__path__, "mmengine.", onerror=lambda _: None):
        try:
            names = vars(importlib.import_module(module.name))
        except Exception:  # what the machine lacks
            continue
        for name, value in names.items():
            if inspect.isclass(value) and value.__module__.startswith("mmengine"):
                found[name] = value
    return found


def is_assignable(owner: Any, name: str) -> bool:
    """Whether an attribute of an object takes its own value."""
    try:
        setattr(owner, name, getattr(owner, name))
    except Exception:
        return False
    return True


def print_all(folder: str) -> None:
    """A line for each attribute: class, its module, attribute, where it is, whether assignable."""
    lines = set()
    for name, kind in classes().items():
        lines.add((name, kind.__module__, "", "class", "no"))
        for attribute, value in vars(kind).items():
            if attribute not in LEFT_OUT:
                fixed = isinstance(value, property) and value.fset is None
                lines.add((name, kind.__module__, attribute, "class", "no" if fixed else "yes"))
    for name, owner in one_of_each(folder).items():
        for attribute in vars(owner) if hasattr(owner, "__dict__") else ():
            if "__" not in attribute and not hasattr(type(owner), attribute):
                assignable = "yes" if is_assignable(owner, attribute) else "no"
                lines.add((name, "", attribute, "object", assignable))
    for line in sorted(lines):
        print(*line, sep="\t")


def print_differences(folder: str, listed: Path) -> None:
    """As JSON what is missing, and what can't be assigned, as ``Class.attribute``."""
    objects = one_of_each(folder)
    missing, fixed = [], []
    for line in listed.read_text("utf-8").splitlines():
        name, module, attribute, place, assignable = line.split("\t")
        try:
            kind = getattr(importlib.import_module(module), name) if module else None
        except (ImportError, AttributeError):
            kind = None
        owner = objects.get(name) if place == "object" else kind
        full = f"{name}.{attribute}" if attribute else name
        if owner is None or (attribute and not hasattr(owner, attribute)):
            missing.append(full)
        elif attribute and assignable == "yes":
            found = inspect.getattr_static(kind, attribute, None) if kind else None
            is_fixed = isinstance(found, property) and found.fset is None
            if is_fixed or (place == "object" and not is_assignable(owner, attribute)):
                fixed.append(full)
    print(json.dumps({"missing": missing, "fixed": fixed}))


def main() -> None:
    """Print what the command line asks for."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if len(sys.argv) > 1:
            print_differences(folder, Path(sys.argv[1]))
        else:
            print_all(folder)


if __name__ == "__main__":
    main()
