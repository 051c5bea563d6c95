"""Which methods that a subclass overrides are called, on whichever mmengine is installed.

Every base class that libraries inherit from gets a subclass that overrides all of its methods and
properties, each noting that it was called. Trainings by epochs and by iterations, a test, a resume
and what else the classes are for are run with them.

``python subclasses.py`` prints as JSON, by class: ``names``, what can be overridden; ``called``,
what was; ``assigned``, what was called of methods that are assigned to an object that exists;
``bare``, what works of an object whose ``__init__`` did nothing.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import os
import sys
import tempfile
import warnings
from collections import defaultdict
from pathlib import Path
from types import FunctionType
from typing import Any

os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"  # MMEngine 0.10.7 can't do without
sys.modules.setdefault("torchvision", None)  # type: ignore[arg-type]  # as if it weren't there

import torch  # noqa: E402 - after what it is to find
from torch import nn  # noqa: E402

from mmengine import (  # noqa: E402  # noqa: E402
    dataset,
    evaluator,
    fileio,
    hooks,
    infer,
    model,
    optim,
    runner,
    structures,
    visualization,
)
from mmengine import registry as registries  # noqa: E402
from mmengine.dataset import sampler as samplers  # noqa: E402
from mmengine.model.test_time_aug import BaseTTAModel  # noqa: E402
from mmengine.optim import scheduler as schedulers  # noqa: E402

OWN = ("mmengine", "engine_")
ROUTINES = (FunctionType, staticmethod, classmethod, property)
KEPT_DUNDERS = {"__call__", "__getitem__", "__len__", "__iter__"}
called: dict[str, set[str]] = defaultdict(set)
assigned: dict[str, set[str]] = defaultdict(set)
kinds: dict[str, type] = {}


def names_of(kind: type) -> list[str]:
    """Its methods and properties, those of its bases in mmengine included."""
    found = set()
    for base in kind.__mro__:
        if base.__module__.startswith(OWN):
            for name, value in vars(base).items():
                is_one = isinstance(value, ROUTINES)
                if is_one and (not name.startswith("__") or name in KEPT_DUNDERS):
                    found.add(name)
    return sorted(found)


def recording(kind: type, **more: Any) -> Any:
    """A subclass of ``kind`` that overrides all of it."""
    key = kind.__name__
    kinds[key] = kind
    made = type(key, (kind,), {"__module__": __name__, "__doc__": None, **more})
    for name in names_of(kind):
        if name not in more:
            setattr(made, name, overriding(key, name, inspect.getattr_static(kind, name)))
    return made


def overriding(key: str, name: str, value: Any) -> Any:
    """What notes a call of ``value`` and does the same."""
    if isinstance(value, property):
        get = noting(called[key], name, value.fget) if value.fget else None
        return property(get, value.fset, value.fdel)
    if isinstance(value, staticmethod | classmethod):
        return type(value)(noting(called[key], name, value.__func__))
    return noting(called[key], name, value)


def noting(notes: set[str], name: str, function: Any) -> Any:
    @functools.wraps(function)
    def noted(*arguments: Any, **options: Any) -> Any:
        notes.add(name)
        return function(*arguments, **options)

    return noted


def assign_to(owner: Any) -> None:
    """Assign a noting function over each method of an object."""
    key = type(owner).__name__
    for name in names_of(type(owner)):
        static = inspect.getattr_static(type(owner), name)
        if name.startswith("__") or isinstance(static, property):
            continue
        with contextlib.suppress(Exception):
            setattr(owner, name, noting(assigned[key], name, getattr(owner, name)))


def load_data_list(self: Any) -> list[dict[str, Any]]:
    return [{"value": number} for number in range(8)]


def item(self: Any, idx: int) -> dict[str, Any]:
    called["BaseDataset"].add("__getitem__")
    return dataset.BaseDataset.__getitem__(self, idx)


def packed(results: dict[str, Any]) -> dict[str, Any]:
    """The pipeline."""
    sample = structures.BaseDataElement(metainfo={"index": results["sample_idx"]})
    return {"inputs": torch.ones(2) * results["value"], "data_samples": sample}


def collated(batch: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "inputs": torch.stack([each["inputs"] for each in batch]),
        "data_samples": [each["data_samples"] for each in batch],
    }


class Module(nn.Module):
    """A layer with statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.norm = nn.Linear(2, 2), nn.BatchNorm1d(2)

    def forward(self, inputs: Any) -> Any:
        return self.norm(self.linear(inputs))


def init_model(self: Any, **options: Any) -> None:
    model.BaseModel.__init__(self, init_cfg={"type": "Normal", "layer": "Linear"}, **options)
    self.net = Module()


def forward(self: Any, inputs: Any, data_samples: Any = None, mode: str = "tensor") -> Any:
    called["BaseModel"].add("forward")
    outputs = self.net(inputs)
    return {"loss": outputs.square().sum()} if mode == "loss" else data_samples


def process(self: Any, data_batch: Any, data_samples: Any) -> None:
    called["BaseMetric"].add("process")
    self.results.append(len(data_samples))


def compute_metrics(self: Any, results: list[Any]) -> dict[str, float]:
    called["BaseMetric"].add("compute_metrics")
    return {"acc": float(sum(results))}


DATA = recording(dataset.BaseDataset, load_data_list=load_data_list, __getitem__=item)
MODEL = recording(model.BaseModel, __init__=init_model, forward=forward)
METRIC = recording(evaluator.BaseMetric, process=process, compute_metrics=compute_metrics)
REGISTERED = [
    *(hooks.IterTimerHook, hooks.LoggerHook, hooks.ParamSchedulerHook, hooks.CheckpointHook),
    *(hooks.DistSamplerSeedHook, hooks.RuntimeInfoHook, hooks.EMAHook, hooks.EarlyStoppingHook),
    hooks.SyncBuffersHook,
]
HOOKS = {kind.__name__: recording(kind) for kind in REGISTERED}
HOOK = recording(hooks.Hook)
PREPROCESSOR = recording(model.BaseDataPreprocessor)
AVERAGE = recording(model.ExponentialMovingAverage)
CONSTRUCTOR = recording(optim.DefaultOptimWrapperConstructor)
registries.MODELS.register_module(name="Average", module=AVERAGE)
registries.OPTIM_WRAPPER_CONSTRUCTORS.register_module(name="Constructor", module=CONSTRUCTOR)
RUNNER = recording(runner.Runner)
LOOPS = {
    name: recording(getattr(runner, name))
    for name in ("EpochBasedTrainLoop", "IterBasedTrainLoop", "ValLoop", "TestLoop")
}
EVALUATOR = recording(evaluator.Evaluator)
WRAPPER = recording(optim.OptimWrapper)
SCHEDULERS = [
    {"type": recording(schedulers.LinearLR), "end": 1, "convert_to_iter_based": True},
    {"type": recording(schedulers.MultiStepLR), "milestones": [1], "end": 3},
    {"type": recording(schedulers.CosineAnnealingMomentum), "T_max": 2, "end": 3},
    {"type": recording(schedulers.ReduceOnPlateauLR), "monitor": "acc", "end": 3},
]
SAMPLERS = [recording(samplers.DefaultSampler), recording(samplers.InfiniteSampler)]
LOG_PROCESSOR = recording(runner.LogProcessor)
VISUALIZER = recording(visualization.Visualizer)
LOCAL, TENSORBOARD = visualization.LocalVisBackend, visualization.TensorboardVisBackend
BACKENDS = [recording(LOCAL), recording(TENSORBOARD)]


def made(folder: str, name: str, *, by_epoch: bool, **changes: Any) -> Any:
    loader = {
        "dataset": {"type": DATA, "pipeline": [packed], "lazy_init": False},
        "batch_size": 2,
        "num_workers": 0,
        "sampler": {"type": SAMPLERS[0], "shuffle": False},
        "collate_fn": collated,
    }
    train_cfg: dict[str, Any] = {"type": LOOPS["EpochBasedTrainLoop"], "max_epochs": 2}
    if not by_epoch:
        train_cfg = {"type": LOOPS["IterBasedTrainLoop"], "max_iters": 6, "val_interval": 3}
    keys = [
        *("timer", "logger", "param_scheduler", "checkpoint", "sampler_seed", "runtime_info"),
    ]
    defaults = {
        key: {"type": HOOKS[kind.__name__]} for key, kind in zip(keys, REGISTERED, strict=False)
    }
    defaults["logger"]["interval"] = 1
    defaults["checkpoint"] |= {"by_epoch": by_epoch, "interval": 1, "save_best": "acc"}
    defaults["checkpoint"]["max_keep_ckpts"] = 1
    return RUNNER(
        model={"type": MODEL, "data_preprocessor": {"type": PREPROCESSOR}},
        work_dir=folder,
        train_dataloader=loader if by_epoch else {**loader, "sampler": {"type": SAMPLERS[1]}},
        val_dataloader=loader,
        test_dataloader=loader,
        val_evaluator={"type": EVALUATOR, "metrics": {"type": METRIC}},
        test_evaluator={"type": EVALUATOR, "metrics": {"type": METRIC}},
        train_cfg=train_cfg,
        val_cfg={"type": LOOPS["ValLoop"]},
        test_cfg={"type": LOOPS["TestLoop"]},
        optim_wrapper={
            "constructor": "Constructor",
            "type": WRAPPER,
            "optimizer": {"type": "SGD", "lr": 0.01, "momentum": 0.9, "weight_decay": 0.1},
            "paramwise_cfg": {"norm_decay_mult": 0.0},
            "accumulative_counts": 2,
            "clip_grad": {"max_norm": 1.0},
        },
        param_scheduler=SCHEDULERS if by_epoch else SCHEDULERS[1:2],
        auto_scale_lr={"base_batch_size": 4, "enable": True},
        default_hooks=defaults,
        custom_hooks=[
            {"type": HOOKS["EMAHook"], "ema_type": "Average"},
            {"type": HOOKS["EarlyStoppingHook"], "monitor": "acc", "patience": 9},
            {"type": HOOKS["SyncBuffersHook"]},
            {"type": HOOK},
        ],
        log_processor={"type": LOG_PROCESSOR, "by_epoch": by_epoch},
        visualizer={"type": VISUALIZER, "vis_backends": [{"type": each} for each in BACKENDS]},
        randomness={"seed": 0},
        experiment_name=name,
        log_level="ERROR",
        cfg={"model": {"a": 1}},
        **changes,
    )


def objects(one: Any) -> list[Any]:
    """What a runner consists of, built."""
    one.model.data_preprocessor  # noqa: B018
    found = [one, one.model, one.model.data_preprocessor, one.log_processor, one.visualizer]
    found += [*one.hooks, *one.visualizer._vis_backends.values(), one.train_loop]
    found += [one.val_loop, one.val_loop.evaluator, *one.val_loop.evaluator.metrics]
    return [*found, one.test_loop, one.train_dataloader.dataset, one.train_dataloader.sampler]


def train(folder: str) -> None:
    """By epochs, resumed, by iterations, a test; then once more with methods assigned."""
    made(f"{folder}/epochs", "epochs", by_epoch=True).train()
    resumed = made(f"{folder}/epochs", "resumed", by_epoch=True, resume=True)
    resumed.train_loop._max_epochs, resumed.train_loop._max_iters = 3, 12
    resumed.train()
    tested = made(f"{folder}/tested", "t", by_epoch=True, load_from=f"{folder}/epochs/epoch_3.pth")
    tested.test()
    made(f"{folder}/iterations", "iterations", by_epoch=False).train()
    again = made(f"{folder}/again", "again", by_epoch=True)
    for each in objects(again):
        assign_to(each)
    again.train()
    again.test()


class Merged(BaseTTAModel):
    """What merges nothing."""

    def merge_preds(self, data_samples_list: Any) -> Any:
        called["BaseTTAModel"].add("merge_preds")
        return data_samples_list[0]


def infer_and_store(folder: str) -> None:
    """Test-time augmentation, an inferencer, files, registries, data elements."""
    merging = recording(BaseTTAModel, merge_preds=Merged.merge_preds)
    net = MODEL(data_preprocessor={"type": "BaseDataPreprocessor"})
    batch = {"inputs": [torch.ones(2, 2)] * 2, "data_samples": [["a", "b"]] * 2}
    with contextlib.suppress(Exception):
        merging(module=net).test_step(batch)
    given = {
        "preprocess": lambda self, inputs, batch_size=1, **_: iter([inputs]),
        "forward": lambda self, inputs, **_: inputs,
        "visualize": lambda self, inputs, preds, **_: [],
        "postprocess": lambda self, preds, visualization, return_datasample=False, **_: preds,
        "_init_pipeline": lambda self, cfg: lambda value: value,
    }
    noted = {name: noting(called["BaseInferencer"], name, each) for name, each in given.items()}
    inferring = recording(infer.BaseInferencer, **noted)
    config = {"model": {"type": MODEL}, "test_dataloader": {"dataset": {"pipeline": []}}}
    inferring(model=config, scope="mmengine", device="cpu")([1, 2])
    json_handler = recording(fileio.JsonHandler)
    fileio.register_handler("json")(json_handler)
    backend = recording(fileio.LocalBackend)
    fileio.register_backend("local", backend, force=True)
    path = f"{folder}/a.json"
    fileio.dump({"a": 1}, path)
    fileio.load(path)
    fileio.dump([1], file_format="json")
    for function in ("get", "get_text", "exists", "isdir", "isfile", "remove"):
        getattr(fileio, function)(path)
    fileio.put_text("x", path)
    fileio.put(b"x", path)
    fileio.list_from_file(path)
    [*fileio.list_dir_or_file(folder)]
    fileio.copyfile(path, f"{path}2")
    with fileio.get_local_path(path) as local:
        fileio.join_path(local, "b")
    element = recording(structures.InstanceData)(metainfo={"known": 1}, field=torch.arange(4))
    for act in (
        *(lambda e: e[1], lambda e: e[:2], lambda e: len(e), lambda e: e.to("cpu"), repr),
        *(lambda e: e.clone(), lambda e: e.new(), lambda e: e.cpu(), lambda e: e.numpy()),
        *(lambda e: e.detach(), lambda e: e.to_dict(), lambda e: type(e).cat([e, e])),
        *(lambda e: e.pop("field"), lambda e: e.update(e), lambda e: e.get("known")),
        lambda e: e.set_metainfo({"more": 2}),
    ):
        act(element.clone())
    registry = recording(registries.Registry)
    root = registry("root of these")
    child = registry("root of these", parent=root, scope="below")
    root.register_module(name="One", module=Module)
    child.build({"type": "One"})
    child.get("One")
    root.get("below.Two")


def bare(kind: type) -> dict[str, str]:
    """What each name of an object gives that its class's ``__init__`` hasn't made."""
    first = nn.Module.__init__ if issubclass(kind, nn.Module) else lambda self, name="": None
    open_ = {name: lambda self, *_, **__: None for name in getattr(kind, "__abstractmethods__", ())}
    made = type(kind.__name__, (kind,), {"__init__": first, **open_})
    found = {}
    for name in names_of(kind):
        if name.startswith("__") or name in open_:
            continue
        try:
            value = getattr(made(), name)
            if callable(value) and not needs_arguments(value):
                value()
            found[name] = "works"
        except BaseException as error:
            found[name] = type(error).__name__
    return found


def needs_arguments(function: Any) -> bool:
    try:
        inspect.signature(function).bind()
    except (TypeError, ValueError):
        return True
    return False


def main() -> None:
    """Run all of it, and print what was called."""
    warnings.simplefilter("ignore")
    quiet = Path(os.devnull).open("w")  # noqa: SIM115 - loggers hold on to it
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        contextlib.redirect_stdout(quiet),
        contextlib.redirect_stderr(quiet),
    ):
        train(folder)
        infer_and_store(folder)
        works = {name: bare(kind) for name, kind in kinds.items()}
    found = {
        name: {
            "names": names_of(kind),
            "called": sorted(called[name]),
            "assigned": sorted(assigned[name]),
            "bare": works[name],
        }
        for name, kind in kinds.items()
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
