"""A config file, checked against and built by registries."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine_config import Config
from engine_registry import Registry, UntrustedNameError
from engine_registry.check import check
from engine_runner.loops import EpochBasedTrainLoop, ValLoop

ROOT = Path(__file__).parents[2]


class Backbone:
    def __init__(self, depth: int, norm: str = "BN") -> None:
        self.depth, self.norm = depth, norm


class Detector:
    def __init__(self, backbone: Backbone, classes: int) -> None:
        self.backbone, self.classes = backbone, classes


@pytest.fixture
def models() -> Registry:
    registry = Registry("model", scope="test_of_config_and_registry")
    registry.register_module(module=Backbone)
    registry.register_module(module=Detector)
    return registry


def test_every_problem_comes_with_its_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Registry
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.py").write_text(
        "model = dict(type='Detector', backbone=dict(type='Bakbone', depth=1))"
    )
    Path("child.py").write_text(
        "_base_ = 'base.py'\nmodel = dict(\n    clases=3,\n"
        "    backbone=dict(type='Backbone', depth='x'))"
    )
    problems = [str(problem) for problem in check(Config.fromfile("child.py"), models)]
    assert len(problems) == 3
    text = "\n".join(problems)
    assert re.search(r"model.clases \(child.py:3:5\): .*did you mean 'classes'", text)
    assert re.search(r"model.classes \(base.py:1:14\): .*needs the argument 'classes'", text)
    assert re.search(r"model.backbone.depth \(child.py:4:\d+\): ", text)


def test_a_lazily_imported_class_is_built(tmp_path: Path) -> None:
    path = tmp_path / "config.py"
    path.write_text(
        "from fractions import Fraction\nhalf = dict(type=Fraction, numerator=1, denominator=2)"
    )
    cfg = Config.fromfile(path, lazy_import=True, trust=False)
    registry = Registry("number", scope="test_of_config_and_registry")
    with pytest.raises(UntrustedNameError, match=r"fractions.Fraction.*cfg\.trust\(\)") as caught:
        registry.build(cfg.half)
    assert re.fullmatch(r"it is named in \(.*config.py:2:\d+\)", caught.value.__notes__[0])
    assert str(registry.build(cfg.half, trust=True)) == "1/2"
    assert str(registry.build(cfg.trust().half)) == "1/2"
    again = Config.fromstring(cfg.pretty_text, ".py")
    assert again.half.type == "fractions.Fraction" and str(registry.build(again.half)) == "1/2"


def test_an_error_in_a_constructor_names_the_line_of_the_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Registry
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.py").write_text("x = 1\nmodel = dict(type='Backbone', dpth=1)")
    with pytest.raises(TypeError, match="dpth") as caught:
        models.build(Config.fromfile("config.py").model)
    notes = "\n".join(caught.value.__notes__)
    assert "Backbone" in notes and "config.py:2:" in notes


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_examples_of_the_readme_run(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / name).read_text(encoding="utf-8")
    training, config = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    exec(compile(training, name, "exec", dont_inherit=True), {"__name__": "example"})
    accuracy = re.findall(r"accuracy: ([0-9.]+)", capsys.readouterr().out)
    assert len(accuracy) == 10 and float(accuracy[-1]) > 90
    exec(compile(config, name, "exec", dont_inherit=True), {"__name__": "example"})
    out = capsys.readouterr().out
    assert "child.py:2:14 was base.py:1:29" in out
    assert "did you mean 'norm'?" in out and "101 GN" in out


# beside those of tiny_config.py
MORE: dict[str, Any] = {
    "auto_scale_lr": {"enable": True, "base_batch_size": 4},
    "custom_hooks": [
        {"type": "EMAHook", "momentum": 0.1, "priority": "HIGH"},
        {"type": "EmptyCacheHook", "after_epoch": True, "priority": None},
    ],
    "default_hooks": {"checkpoint": {"type": "CheckpointHook", "interval": 2, "priority": 90}},
    "env_cfg": {"cudnn_benchmark": False},
    "log_processor": {"window_size": 3},
    "strategy": {"type": "SingleDeviceStrategy"},
    "visualizer": {"type": "Visualizer", "vis_backends": [{"type": "LocalVisBackend"}]},
}


def keys_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The path of each mapping below ``value``, with each of its keys."""
    members = [*enumerate(value)] if isinstance(value, list | tuple) else []
    if isinstance(value, dict):
        members = [*value.items()]
        yield from ((path, key) for key in value)
    for key, member in members:
        yield from keys_of(member, (*path, key))


@pytest.fixture
def config(library: Path, tmp_path: Path) -> Callable[[], Config]:
    """Makes the config whose keys and values are spoiled."""

    def make() -> Config:
        cfg = Config.fromfile(library / "tiny_config.py")
        cfg.merge_from_dict({"work_dir": str(tmp_path), **copy.deepcopy(MORE)})
        return cfg

    return make


def told_and_found(cfg: Config) -> tuple[str, list[str]]:
    """What a training refuses, and what a check finds."""
    from engine_runner import Runner
    from engine_runner.runner.config_problems import problems_of

    found = [*map(str, problems_of(cfg))]
    try:
        runner = Runner.from_cfg(cfg)
        runner.prepare_training()
        _ = runner.val_loop, runner.test_loop
    except Exception as error:
        return f"{type(error).__name__}: {error}", found
    return "", found


def place_in(cfg: Config, path: tuple[Any, ...]) -> Any:
    """What is at the end of a path."""
    place: Any = cfg
    for each in path:
        place = place[each]
    return place


def test_a_misspelt_key_is_found_if_a_training_refuses_it(config: Callable[[], Config]) -> None:
    assert told_and_found(config()) == ("", [])
    tried = 0
    for path, key in [*keys_of(config().to_dict())]:
        cfg = config()
        place = place_in(cfg, path)
        place[key + key[-1]] = place.pop(key)
        told, found = told_and_found(cfg)
        assert bool(told) == bool(found), (path, key, told, found)
        tried += bool(told)
    assert tried > 40


@pytest.mark.parametrize("given", ["text", {"a": 1}])
def test_a_value_of_another_kind_is_found_if_a_training_refuses_it(
    config: Callable[[], Config], given: Any
) -> None:
    tried = 0
    for path, key in [*keys_of(config().to_dict())]:
        if isinstance(place_in(config(), path)[key], dict | list | str):
            continue
        cfg = config()
        place_in(cfg, path)[key] = given
        told, found = told_and_found(cfg)
        assert found or not told, (path, key, told)
        tried += bool(told)
    assert tried > 8


def test_a_number_that_is_written_as_a_text_is_told(config: Callable[[], Config]) -> None:
    cfg = config()
    cfg.optim_wrapper.optimizer.lr = "1e-3"  # as YAML takes it
    (found,) = told_and_found(cfg)[1]
    assert "'1e-3' is of type str; SGD wants" in found
    assert found.endswith("; a number has no quotes, and in YAML it is 1.0e-3")


def test_a_type_that_is_misspelt_is_found_in_a_list(config: Callable[[], Config]) -> None:
    cfg = config()
    cfg.train_dataloader.dataset = {"type": "ConcatDataset", "datasets": [{"tpye": "Samples"}]}
    (found,) = told_and_found(cfg)[1]
    assert found.startswith("train_dataloader.dataset.datasets.0.tpye")
    assert found.endswith("there is no such key, and 'Samples' is a type; did you mean 'type'?")


WRAPPER = {"type": "OptimWrapper", "optimizer": {"type": "SGD", "lr": 0.1, "weight_decay": 0.1}}
NEVER_WRONG: dict[str, Any] = {
    "options of parameters": {
        "optim_wrapper": {**WRAPPER, "paramwise_cfg": {"norm_decay_mult": 0}}
    },
    "a constructor": {
        "optim_wrapper": {**WRAPPER, "constructor": "DefaultOptimWrapperConstructor"}
    },
    "a loop's class": {"train_cfg": {"type": EpochBasedTrainLoop, "max_epochs": 1}},
    "a loop's path": {
        "train_cfg": {"type": "engine_runner.loops.IterBasedTrainLoop", "max_iters": 1}
    },
    "a loop's class without arguments": {"val_cfg": {"type": ValLoop}},
    "an exception of a layer": {
        "model.init_cfg": [
            {
                **{"type": "Xavier", "layer": "Linear"},
                "override": {"type": "Normal", "name": "layer", "std": 0.1},
            }
        ]
    },
    "a key of one's own": {"mine": {"type": "what I like"}, "more": [{"type": 3}]},
    "a scheme of one's own": {"auto_scale_lr": {"enable": False, "rule": "square root"}},
    "no hook": {"default_hooks.timer": None},
    "the name of a function": {"train_dataloader.collate_fn": "pseudo_collate"},
}


@pytest.mark.parametrize("name", NEVER_WRONG)
def test_what_trains_has_no_problem(config: Callable[[], Config], name: str) -> None:
    cfg = config()
    for key, value in NEVER_WRONG[name].items():
        if isinstance(value, dict) and key in cfg:
            del cfg[key]
        cfg.merge_from_dict({key: value})
    assert told_and_found(cfg) == ("", [])


MISTAKES: list[dict[str, Any]] = [
    {"optim_wrapper.clipgrad": {"max_norm": 1}},
    {"optim_wrapper.accumulative_counts": "2"},
    {"custom_hooks": ["EMAHook"]},
    {"custom_hooks": {"type": "EMAHook"}},
    {"default_hooks.timer": "IterTimerHook"},
    {"val_evaluator": ["SquaredError"]},
    {"param_scheduler": ["ExponentialLR"]},
    {"visualizer.vis_backends": ["LocalVisBackend"]},
    {"train_cfg": {"max_iters": 4}},
    {"env_cfg.mp_cfg": {"mp_start_metod": "fork"}},
    {"val_dataloader": {"a": {"dataset": {"type": "Samples"}}, "b": 4}},
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_that_a_training_refuses_is_found(
    config: Callable[[], Config], mistake: dict[str, Any]
) -> None:
    cfg = config()
    for key in mistake:
        if key in ("train_cfg", "val_dataloader", "custom_hooks"):
            del cfg[key]
    cfg.merge_from_dict(mistake)
    told, found = told_and_found(cfg)
    assert told and found


def test_an_address_is_told_without_its_login(config: Callable[[], Config]) -> None:
    address = "https://me:hunter2@host/x"
    for key in ("log_level", "default_hooks.timer.priority", "model.type", "randomness.seed"):
        cfg = config()
        cfg.merge_from_dict({key: address, "mine": {address: {"type": "Sampels"}}})
        found = told_and_found(cfg)[1]
        assert len(found) == 2 and "hunter2" not in str(found), found


def test_a_check_goes_on_where_a_value_is_of_another_kind(library: Path) -> None:
    from engine_runner.runner.config_problems import problems_of

    tiny = library / "tiny_config.py"
    for key in Config.fromfile(tiny).to_dict():
        for value in (3, "x", [], [1], {}, {"a": 1}, {1: {2: 3}}, {1}, b"x", print, None):
            cfg = Config.fromfile(tiny)
            cfg[key] = value
            assert all(str(each) for each in problems_of(cfg))
