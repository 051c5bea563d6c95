from __future__ import annotations

import functools
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from engine_registry import (
    DefaultScope,
    ManagerMixin,
    MissingTypeError,
    Registry,
    UnknownNameError,
    UntrustedNameError,
    build_from_cfg,
    build_model_from_cfg,
    build_runner_from_cfg,
    build_scheduler_from_cfg,
)
from engine_registry.trust import reaches_out


class Linear:
    def __init__(self, width: int = 1, inner: Any = None) -> None:
        self.width = width
        self.inner = inner


class ConfigLike:
    """A config in the style of `Config`: mapping methods, but no dict."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def keys(self) -> Any:
        return self.values.keys()

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


class LazyLinear:
    """A config's lazy object: an import that has not happened yet."""

    def build(self) -> Any:
        return Linear

    def __call__(self) -> None:
        raise RuntimeError("a lazy object is not called")


@pytest.fixture
def models() -> Registry:
    registry = Registry("model", scope="base")
    registry.register_module(module=Linear)
    return registry


def test_a_config_is_built_and_left_as_it_was(models: Registry) -> None:
    cfg = {"type": "Linear", "width": 3}
    assert build_from_cfg(cfg, models).width == 3
    assert cfg == {"type": "Linear", "width": 3}


@pytest.mark.parametrize(
    "target",
    [
        Linear,
        functools.partial(Linear, width=4),
        lambda **kwargs: Linear(**kwargs),
        LazyLinear(),
        "Linear",
        "base.Linear",
    ],
)
def test_whatever_can_be_called_is_a_type(models: Registry, target: Any) -> None:
    assert type(models.build({"type": target, "inner": 5})).__name__ == "Linear"


def test_a_type_may_be_an_import_path(models: Registry) -> None:
    assert models.build({"type": "fractions.Fraction", "numerator": 3}) == 3


def test_defaults_fill_what_the_config_does_not_say(models: Registry) -> None:
    defaults = {"type": "Linear", "width": 7, "inner": 8}
    built = build_from_cfg({"width": 2}, models, defaults)
    assert (built.width, built.inner) == (2, 8)
    assert models.build({}, default_args=defaults).width == 7
    assert models.build(ConfigLike(width=2), default_args=ConfigLike(type="Linear")).width == 2


class KnowsItsOrigin(dict[str, Any]):
    def origin(self, path: str) -> str:
        return f"model.py:7:3 for {path}"


def test_a_config_that_builds_what_it_holds_is_read_key_by_key(models: Registry) -> None:
    class Building(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            return super().__getitem__(key)() if key == "inner" else super().__getitem__(key)

    assert models.build(Building(type="Linear", inner=lambda: "built")).inner == "built"


@pytest.mark.parametrize("cfg", ["Linear", None, 3, [1]])
def test_a_config_must_be_a_mapping(cfg: Any) -> None:
    with pytest.raises(TypeError, match="cfg must be a dict or a config"):
        build_from_cfg(cfg, Registry("thing", scope="base"))


def test_wrong_arguments_are_named(models: Registry) -> None:
    with pytest.raises(TypeError, match="default_args must be"):
        build_from_cfg({"type": "Linear"}, models, 3)
    with pytest.raises(TypeError, match="registry must be a Registry, got 'models'"):
        build_from_cfg({"type": "Linear"}, "models")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="'type' for the model registry must be"):
        models.build({"type": 3})
    with pytest.raises(MissingTypeError, match="needs the key 'type'"):
        models.build({"width": 3})
    with pytest.raises(UnknownNameError, match="no model is registered as 'Linaer'"):
        models.build({"type": "Linaer"})


def test_an_error_keeps_its_type_and_traceback_and_says_what_was_built(models: Registry) -> None:
    @models.register_module()
    class Broken:
        def __init__(self, cfg: Any) -> None:
            if cfg:
                models.build(cfg)
            raise ZeroDivisionError("deep inside", 3)

    with pytest.raises(ZeroDivisionError) as caught:
        models.build(KnowsItsOrigin(type="Broken", cfg=KnowsItsOrigin(type=Broken, cfg=None)))
    assert caught.value.args == ("deep inside", 3)
    assert len(caught.value.__notes__) == 2
    assert all("Broken" in note and __name__ in note for note in caught.value.__notes__)
    assert all("(model.py:7:3 for type)" in note for note in caught.value.__notes__)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "__init__"


@pytest.mark.parametrize(("origin", "note"), [("a.py:3", " (a.py:3)"), (None, "")])
def test_a_part_of_a_config_may_know_its_origin(models: Registry, origin: Any, note: str) -> None:
    class Part(dict[str, Any]):
        def __origin__(self, key: str) -> Any:
            assert key == "type"
            return origin

    with pytest.raises(TypeError) as caught:
        models.build(Part(type="Linear", wrong=1))
    assert caught.value.__notes__ == [f"while building Linear of {__name__}{note}"]


def test_a_scope_holds_for_what_is_built_inside() -> None:
    root = Registry("thing", scope="base")
    child = Registry("thing", parent=root, scope="child")
    child.register_module("Inner", module=list)

    @root.register_module()
    class Outer:
        def __init__(self, part: dict[str, Any]) -> None:
            self.part = root.build(part)

    cfg = {"type": "Outer", "part": {"type": "Inner"}}
    with pytest.raises(UnknownNameError):
        root.build(cfg)
    assert root.build({**cfg, "_scope_": "child"}).part == []
    assert DefaultScope.get_current_instance() is None


def test_a_named_instance_is_built_once() -> None:
    registry = Registry("thing", scope="base")

    @registry.register_module()
    class Named(ManagerMixin):
        def __init__(self, name: str, value: int = 0) -> None:
            super().__init__(name)
            self.value = value

    first = registry.build({"type": "Named", "name": "a", "value": 3})
    assert registry.build({"type": "Named", "name": "a"}) is first
    assert Named.get_instance("a").value == 3


def test_a_list_of_models_becomes_a_sequential() -> None:
    models = Registry("model", build_func=build_model_from_cfg, scope="base")
    models.register_module(module=Linear)
    models.register_module("Sequential", module=lambda *layers: layers)
    layers = models.build([{"type": "Linear"}, {"type": "Linear", "width": 2}])
    assert [layer.width for layer in layers] == [1, 2]
    (only,) = models.build([{"type": "Linear"}], default_args={"width": 5})
    assert only.width == 5
    assert models.build({"type": "Linear"}).width == 1


class Runner:
    @classmethod
    def from_cfg(cls, cfg: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return cls.__name__, cfg


def test_a_runner_is_built_by_its_from_cfg() -> None:
    runners = Registry("runner", build_func=build_runner_from_cfg, scope="base")
    child = Registry("runner", parent=runners, scope="child")
    runners.register_module(module=Runner)
    child.register_module(module=type("Own", (Runner,), {}))
    assert runners.build({"a": 1}) == ("Runner", {"a": 1})
    cfg = {"runner_type": "Own", "_scope_": "child"}
    assert runners.build(cfg) == ("Own", {"runner_type": "Own"})
    assert cfg == {"runner_type": "Own", "_scope_": "child"}
    with pytest.raises(UnknownNameError, match="no runner is registered as 'Nope'"):
        runners.build({"runner_type": "Nope"})


class Scheduler:
    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs

    @classmethod
    def build_iter_from_epoch(cls, **kwargs: Any) -> tuple[str, dict[str, Any]]:
        return "converted", kwargs


@pytest.fixture
def schedulers() -> Iterator[Registry]:
    registry = Registry("scheduler", build_func=build_scheduler_from_cfg, scope="base")
    registry.register_module(module=Scheduler)
    yield registry


def test_a_scheduler_is_converted_to_iterations_on_demand(schedulers: Registry) -> None:
    defaults = {"optimizer": "o", "epoch_length": 7}
    plain = schedulers.build({"type": "Scheduler", "by_epoch": True}, default_args=defaults)
    assert plain.kwargs == {"by_epoch": True, "optimizer": "o"}
    for target in ("Scheduler", Scheduler):
        cfg = {"type": target, "begin": 1, "convert_to_iter_based": True}
        assert schedulers.build(cfg, default_args=defaults) == (
            "converted",
            {"begin": 1, "optimizer": "o", "epoch_length": 7},
        )


@pytest.mark.parametrize(
    ("cfg", "defaults"),
    [({}, None), ({}, {"optimizer": 1}), ({"by_epoch": False}, {"epoch_length": 7})],
)
def test_a_conversion_needs_epochs_and_their_length(
    schedulers: Registry, cfg: dict[str, Any], defaults: Any
) -> None:
    cfg = {"type": "Scheduler", "convert_to_iter_based": True, **cfg}
    with pytest.raises(ValueError, match="needs by_epoch=True and an epoch_length"):
        schedulers.build(cfg, default_args=defaults)


def test_a_conversion_needs_a_type(schedulers: Registry) -> None:
    with pytest.raises(MissingTypeError):
        schedulers.build({"convert_to_iter_based": True}, default_args={"epoch_length": 1})


def test_an_error_tells_the_keys_of_a_config_and_no_value() -> None:
    registry = Registry("model")
    secret = {"api_key": "hidden", "args": ["hidden"]}
    for cfg in (
        secret,
        [secret],
        "not hidden",
        {"type": secret},
        {"type": ["hidden"]},
        ("hidden",),
    ):
        for defaults in (None, secret, [secret]):
            with pytest.raises((MissingTypeError, TypeError)) as caught:
                build_from_cfg(cfg, registry, defaults)
            assert "hidden" not in f"{caught.value}"
    with pytest.raises(MissingTypeError, match="got a dict with the keys 'api_key', 'args' and"):
        build_from_cfg(secret, registry)
    with pytest.raises(TypeError, match="got 'ResNet'"):
        build_from_cfg("ResNet", registry)


def test_what_reaches_out_is_built_of_no_config_that_nobody_trusts() -> None:
    registry = Registry("function")

    @registry.register_module()
    @reaches_out
    class Reader:
        def __init__(self, path: str) -> None:
            self.path = path

    @registry.register_module()
    class Special(Reader):
        pass

    for name in ("Reader", "Special"):
        with pytest.raises(UntrustedNameError, match=rf"function '{name}' reads, writes or sends"):
            registry.build({"type": name, "path": "x"}, trust=False)
        assert registry.build({"type": name, "path": "x"}).path == "x"
        with pytest.raises(UntrustedNameError):
            registry.build({"type": name, "path": "x"}, trust=False)


def test_an_argument_that_is_refused_is_told_with_the_near_one(models: Registry) -> None:
    class Layer:
        def __init__(self, channels: int, stride: int = 1) -> None: ...

    models.register_module(module=Layer)
    for given, end in (
        (
            {"chanels": 3, "strid": 2},
            "; did you mean 'channels' for 'chanels' and 'stride' for 'strid'?",
        ),
        ({"zzz": 1}, ""),
    ):
        with pytest.raises(TypeError) as caught:
            models.build({"type": "Layer", **given})
        assert caught.value.__notes__[0].endswith(f"of {__name__}{end}")
