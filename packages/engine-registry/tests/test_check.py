from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine_registry import (
    DATASETS,
    FUNCTIONS,
    MODELS,
    OPTIMIZERS,
    TRANSFORMS,
    WEIGHT_INITIALIZERS,
    Registry,
)
from engine_registry.check import Problem, Taker, check


class Backbone:
    built = 0

    def __init__(self, depth: int, norm_eval: bool = True, init_cfg: dict | None = None) -> None:
        Backbone.built += 1


class Detector:
    def __init__(self, backbone: dict[str, Any], neck: dict[str, Any] | None = None) -> None: ...


class Resize:
    def __init__(self, scale: tuple[int, int], keep_ratio: bool = False) -> None: ...


class Descent:
    def __init__(self, params: Any, lr: float) -> None: ...


class FromFile:
    def __init__(self, checkpoint: str) -> None: ...


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    def collate(batch: Any, pad: int = 0) -> None: ...

    holders = {
        MODELS: [Backbone, Detector],
        TRANSFORMS: [Resize],
        OPTIMIZERS: [Descent],
        WEIGHT_INITIALIZERS: [FromFile],
        FUNCTIONS: [collate],
    }
    for registry, targets in holders.items():
        for target in targets:
            registry.register_module(module=target)
    yield
    for registry, targets in holders.items():
        for target in targets:
            registry.module_dict.pop(target.__name__)


def good() -> dict[str, Any]:
    backbone = {
        "type": "Backbone",
        "depth": 50,
        "init_cfg": {"type": "FromFile", "checkpoint": "x.pth"},
    }
    return {
        "model": {"type": "Detector", "backbone": backbone},
        "train_pipeline": [{"type": "Resize", "scale": (3, 4)}],
        "optim_wrapper": {"optimizer": {"type": "Descent", "lr": 0.1}},
        "train_dataloader": {"batch_size": 2, "collate_fn": {"type": "collate"}},
        "log": [{"type": 3}],
    }


def found(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.kind, problem.path) for problem in problems]


def test_a_config_that_would_build_has_no_problem_and_nothing_is_built() -> None:
    assert check(good(), MODELS) == []
    assert check(good()) == []
    assert Backbone.built == 0


def test_all_problems_are_found_at_once_in_the_order_of_the_config() -> None:
    cfg = good()
    cfg["model"]["backbone"].update(depth="50", norm_evall=False)
    cfg["model"]["neck"] = {"type": "Bakbone"}
    cfg["model"]["backbone"]["init_cfg"] = {"type": "FromFile"}
    cfg["train_pipeline"].append({"type": "Resise"})
    cfg["optim_wrapper"]["optimizer"] = {"type": "Descent", "momentum": 0.9}
    problems = check(cfg, MODELS)
    assert found(problems) == [
        ("wrong type", "model.backbone.depth"),
        ("unknown argument", "model.backbone.norm_evall"),
        ("missing argument", "model.backbone.init_cfg.checkpoint"),
        ("unknown type", "model.neck.type"),
        ("unknown type", "train_pipeline.1.type"),
        ("unknown argument", "optim_wrapper.optimizer.momentum"),
        ("missing argument", "optim_wrapper.optimizer.lr"),
    ]
    texts = list(map(str, problems))
    assert texts[0] == "model.backbone.depth: '50' is of type str; Backbone wants int"
    assert "did you mean 'norm_eval'?" in texts[1]
    assert "close names: 'Backbone'" in texts[3]
    assert "'Resise' is not in the transform registry; close names: 'Resize'" in texts[4]
    assert texts[5].endswith("takes no argument 'momentum'; it takes lr")


def test_a_config_that_knows_its_files_is_quoted() -> None:
    class Known(dict[str, Any]):
        def origin(self, path: str) -> str | None:
            if path == "model.other":
                raise KeyError(path)
            return {"model.depth": "base.py:3:14", "model.type": "base.py:2:9"}.get(path)

    cfg = Known(model={"type": "Backbone", "dept": 50, "depth": 1.5, "other": 1})
    assert [problem.origin for problem in check(cfg)] == ["", "base.py:3:14", ""]
    missing = check(Known(model={"type": "Backbone"}))
    assert str(missing[0]).startswith("model.depth (base.py:2:9): Backbone needs")


def test_types_are_found_in_scopes() -> None:
    child = Registry("model", parent=MODELS, scope="check_child")
    try:
        child.register_module("Own", module=Backbone)
        plain = {"model": {"type": "Own", "depth": 1}}
        assert found(check(plain)) == [("unknown type", "model.type")]
        assert check({**plain, "default_scope": "check_child"}) == []
        assert check({"model": {"type": "check_child.Own", "depth": 1}}) == []
        assert check({"model": {"type": "Own", "_scope_": "check_child", "depth": 1}}) == []
    finally:
        del MODELS.children["check_child"]


def test_a_registry_outside_the_roots_takes_the_place_of_its_kind() -> None:
    own = Registry("model", scope="check_own")
    own.register_module("Private", module=Backbone)
    cfg = {"model": {"type": "Private", "depth": 1}}
    assert check(cfg, own) == []
    assert found(check(cfg)) == [("unknown type", "model.type")]
    assert "'Private'" in check({"model": {"type": "Privat", "depth": 1}}, own)[0].message


def test_classes_functions_and_lazy_objects_are_checked_too() -> None:
    class Lazy:
        def __init__(self, error: Exception | None = None) -> None:
            self.error = error

        def build(self) -> Any:
            if self.error:
                raise self.error
            return Backbone

    cfg = {
        "a": {"type": Backbone, "depht": 1, "depth": 1},
        "b": {"type": Lazy(), "depth": "x"},
        "c": {"type": Lazy(ImportError("no such file"))},
        "d": {"type": dict, "anything": []},
        "e": {"type": len, "obj": []},  # takes it by position alone
    }
    assert found(check(cfg)) == [
        ("unknown argument", "a.depht"),
        ("wrong type", "b.depth"),
        ("failed import", "c.type"),
        ("unknown argument", "e.obj"),
    ]


def test_a_lazy_entry_that_fails_is_a_problem_not_an_error() -> None:
    DATASETS.register_lazy("FailingSet", "no_such_module_here:FailingSet")
    try:
        problems = check({"dataset": {"type": "FailingSet"}})
    finally:
        DATASETS._entries.lazy.pop("FailingSet")
    assert found(problems) == [("failed import", "dataset.type")]
    assert "no_such_module_here" in problems[0].message


def test_depth_cycles_and_sharing_are_no_danger() -> None:
    deep: dict[str, Any] = {"type": "Nothing"}
    for _ in range(5000):
        deep = {"a": [deep]}
    assert len(check({"model": deep})) == 1
    loop: dict[str, Any] = {"type": "Nothing"}
    loop["self"] = loop
    assert len(check(loop)) == 1


def test_a_value_that_a_config_cannot_import_is_a_problem_among_others() -> None:
    class Importing:
        """A config in the style of `Config`, which imports what it holds lazily."""

        def __init__(self) -> None:
            self.values = {"odd": ImportError("no such file"), "model": {"type": "Nothing"}}

        def keys(self) -> Any:
            return self.values.keys()

        def __getitem__(self, key: str) -> Any:
            value = self.values[key]
            if isinstance(value, Exception):
                raise value
            return value

        def origin(self, path: str) -> str:
            return f"lazy.py:1 for {path}"

    problems = check(Importing())
    assert found(problems) == [("failed import", "odd"), ("unknown type", "model.type")]
    assert str(problems[0]) == (
        "odd (lazy.py:1 for odd): cannot be imported: ImportError: no such file"
    )


@pytest.mark.parametrize("cfg", [3, "text", None])
def test_only_containers_are_checked(cfg: Any) -> None:
    with pytest.raises(TypeError, match="must be a mapping or a list"):
        check(cfg)


def test_what_has_no_type_is_held_against_what_takes_it() -> None:
    def loop(runner: object, steps: int, rate: float = 0.1) -> None: ...

    taker = Taker(target=loop, given=("runner",), read=("clock",), name="the loop")
    cfg = {"loop": {"stpes": 3, "rate": "high", "clock": 1, 5: 5}, "other": {"a": 1}}
    assert [*map(str, check(cfg, takers={"loop": taker}))] == [
        "loop.stpes: the loop takes no argument 'stpes'; did you mean 'steps'?",
        "loop.rate: this is of type str; the loop wants float",
        "loop.5: the loop takes no argument 5; it takes steps, rate",
        "loop.steps: the loop needs the argument 'steps'",
    ]
    for another in ([1], None, {"type": "Bakbone"}):  # nothing that it would take
        found = check({"loop": another}, takers={"loop": taker})
        assert all("the loop" not in str(each) for each in found)


def test_several_components_may_stand_for_one() -> None:
    part = {"type": "FromFile", "checkpoint": "a.pth"}
    cfg = {"model": {"type": "Backbone", "depth": 1, "init_cfg": [part, part]}}
    assert check(cfg, MODELS) == []
    cfg["model"]["init_cfg"] = [{"checkpoint": "a.pth"}]
    assert [each.kind for each in check(cfg, MODELS)] == ["wrong type"]


def test_a_misspelt_type_is_told_where_it_names_one() -> None:
    cfg = {"model": {"backbone": {"tpye": "Backbone", "depth": 50}, "typ": "x", "kind": "Backbone"}}
    (problem,) = check(cfg, MODELS)
    assert str(problem) == (
        "model.backbone.tpye: there is no such key, and 'Backbone' is a type; did you mean 'type'?"
    )
