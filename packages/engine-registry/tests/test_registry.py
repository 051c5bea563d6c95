from __future__ import annotations

import functools
import logging
from typing import Any

import pytest

from engine_registry import DefaultScope, Registry, TakenNameError, UnknownNameError

Tree = dict[str, Registry]


def named(registry: Registry) -> list[str]:
    return list(registry.module_dict)


def test_a_class_is_registered_by_each_form() -> None:
    registry = Registry("thing", scope="base")

    @registry.register_module()
    class One: ...

    @registry.register_module("two")
    class Two: ...

    @registry.register_module(name=["three", "third"])
    class Three: ...

    class Four: ...

    assert registry.register_module(module=Four) is Four
    assert registry.register_module("five", module=Four) is Four
    assert named(registry) == ["One", "two", "three", "third", "Four", "five"]
    assert registry.get("third") is Three
    assert registry.get("One") is One and registry.get("two") is Two


def test_functions_partials_and_builtins_are_registered_too() -> None:
    registry = Registry("thing", scope="base")

    @registry.register_module()
    def double(x: int) -> int:
        return 2 * x

    registry.register_module("with_b", module=functools.partial(dict, b=1))
    registry.register_module(module=len)
    assert registry.build({"type": "double", "x": 2}) == 4
    assert registry.build({"type": "with_b", "a": 0}) == {"a": 0, "b": 1}
    assert registry.get("len") is len


def test_a_taken_name_is_refused_and_force_takes_it() -> None:
    registry = Registry("thing", scope="base")
    registry.register_module("x", module=list)
    with pytest.raises(TakenNameError, match=r"'x' is already registered .* force=True") as caught:
        registry.register_module("x", module=dict)
    assert isinstance(caught.value, KeyError)
    assert registry.get("x") is list
    registry.register_module("x", force=True, module=dict)
    assert registry.get("x") is dict


def test_of_several_names_all_are_registered_or_none() -> None:
    registry = Registry("thing", scope="base")
    registry.register_module("taken", module=list)
    with pytest.raises(TakenNameError):
        registry.register_module(["free", "taken"], module=dict)
    assert named(registry) == ["taken"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"module": 3}, "only a class or a callable"),
        ({"name": 3, "module": list}, "name must be a str"),
        ({"name": ["a", 3], "module": list}, "name must be a str"),
        ({"force": 1, "module": list}, "force must be a bool"),
        ({"module": functools.partial(list)}, "has no name of its own"),
    ],
)
def test_what_cannot_be_registered_is_a_type_error(arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Registry("thing", scope="base").register_module(**arguments)


def test_a_class_instead_of_a_name_is_refused() -> None:
    """``@R.register_module`` without brackets hands the class over as the name."""
    with pytest.raises(TypeError, match="name must be a str"):
        Registry("thing", scope="base").register_module(list)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "key", "answer"),
    [
        ("base", "Thing", "base"),
        ("left", "Thing", "left"),
        ("leaf", "Thing", "left"),  # the nearest parent that has it
        ("leaf", "Only_base", "base"),
        ("base", "left.Thing", "left"),
        ("left", "left.Thing", "left"),
        ("base", "left.leaf.Only_leaf", "leaf"),
        ("base", "leaf.Only_leaf", "leaf"),
        ("left", "right.Only_right", "right"),
        ("leaf", "right.Thing", "right"),
        ("leaf", "base.Thing", "base"),
        ("right", "left.Only_base", "base"),  # a scope's parents belong to it
    ],
)
def test_a_name_is_found_through_scopes(tree: Tree, asked: str, key: str, answer: str) -> None:
    found: Any = tree[asked].get(key)
    assert found.of == answer


@pytest.mark.parametrize("key", ["Only_left", "left.Only_right", "nowhere.Thing", "nothing"])
def test_a_name_that_is_not_there_is_none(tree: Tree, key: str) -> None:
    assert tree["base"].get(key) is None
    assert key not in tree["base"]


def test_an_import_path_is_a_name() -> None:
    import collections.abc
    import os.path

    registry = Registry("thing", scope="base")
    assert registry.get("collections.OrderedDict") is collections.OrderedDict
    assert registry.get("os.path.join") is os.path.join
    assert registry.get("collections.abc") is collections.abc
    with pytest.raises(UnknownNameError):  # a module is nothing to build
        registry.build({"type": "collections.abc"})
    assert registry.get("collections.Nothing") is None
    assert registry.get("no such.Thing") is None


def test_a_registered_name_may_have_dots() -> None:
    registry = Registry("thing", scope="base")
    registry.register_module("a.b", module=list)
    assert registry.get("a.b") is list


def test_only_texts_are_looked_up() -> None:
    with pytest.raises(TypeError, match="thing registry are str, got 3"):
        Registry("thing", scope="base").get(3)  # type: ignore[arg-type]


def test_the_scope_is_the_callers_package() -> None:
    assert Registry.infer_scope() == __name__.partition(".")[0]
    assert Registry("thing").scope == __name__.partition(".")[0]


def test_a_second_child_of_one_scope_is_refused(tree: Tree) -> None:
    with pytest.raises(ValueError, match="has a child of scope 'left' already"):
        Registry("thing", parent=tree["base"], scope="left")


@pytest.mark.parametrize(
    "arguments", [{"parent": 3}, {"scope": 3}, {"locations": "package.module"}]
)
def test_constructor_arguments_of_the_wrong_type_are_refused(arguments: Any) -> None:
    with pytest.raises(TypeError):
        Registry("thing", **{"scope": "base", **arguments})


def test_the_build_function_comes_from_the_parent(tree: Tree) -> None:
    def build(cfg: Any, *args: Any, registry: Registry, **kwargs: Any) -> Any:
        return cfg, args, kwargs, registry.scope

    root = Registry("other", build_func=build, scope="base")
    child = Registry("other", parent=root, scope="child")
    assert child.build("anything", 1, a=2) == ("anything", (1,), {"a": 2}, "child")


def test_attributes_tell_the_tree(tree: Tree) -> None:
    assert tree["leaf"].root is tree["base"]
    assert tree["leaf"].parent is tree["left"]
    assert tree["base"].children == {"left": tree["left"], "right": tree["right"]}
    assert tree["base"].name == "thing"
    assert len(tree["left"]) == 2
    assert Registry.split_scope_key("a.b.c") == ("a", "b.c")


def test_printing_lists_the_names(tree: Tree) -> None:
    text = str(tree["left"])
    assert text.startswith("<Registry 'thing' of scope 'left': 2 names>")
    assert "Only_left" in text and "Thing" in text


def test_the_default_scope_decides_where_build_looks_first(tree: Tree) -> None:
    cfg = {"type": "Thing"}
    assert tree["base"].build(cfg).of == "base"
    DefaultScope.get_instance("now", scope_name="right")
    assert tree["base"].build(cfg).of == "right"
    assert tree["left"].build(cfg).of == "right"
    assert tree["base"].build({"type": "left.Thing"}).of == "left"
    assert tree["base"].build({"type": "Thing", "_scope_": "left"}).of == "left"


def test_a_registry_that_is_still_empty_counts_as_one(write_module: Any) -> None:
    root = Registry("thing", scope="base")
    root.register_module("Thing", module=list)
    write_module("fills_empty", "")
    empty = Registry("thing", parent=root, scope="empty", locations=["fills_empty"])
    with root.switch_scope_and_registry("empty") as registry:
        assert registry is empty
        assert root.build({"type": "Thing"}) == []
    assert empty.missing_locations() == []  # it was searched first


def test_a_default_scope_that_the_tree_does_not_have_warns_once(
    tree: Tree, caplog: pytest.LogCaptureFixture
) -> None:
    DefaultScope.get_instance("now", scope_name="elsewhere")
    with caplog.at_level(logging.WARNING):
        assert tree["base"].build({"type": "Thing"}).of == "base"
        assert tree["base"].build({"type": "Only_base"}).of == "base"
    assert [record.args for record in caplog.records] == [("thing", "elsewhere", "base")]


def test_switching_yields_the_registry_of_the_scope(tree: Tree) -> None:
    with tree["base"].switch_scope_and_registry("leaf") as registry:
        assert registry is tree["leaf"]
        assert DefaultScope.get_current_instance().scope_name == "leaf"  # type: ignore[union-attr]
    assert DefaultScope.get_current_instance() is None
    with tree["right"].switch_scope_and_registry(None) as registry:
        assert registry is tree["right"]


def test_a_cached_lookup_notices_every_change(tree: Tree) -> None:
    root, left = tree["base"], tree["left"]
    cfg = {"type": "New"}
    with pytest.raises(UnknownNameError):
        left.build(cfg)
    root.register_module("New", module=list)
    assert left.build(cfg) == []
    left.register_module("New", module=dict)
    assert left.build(cfg) == {}
    left.register_module("New", force=True, module=set)
    assert left.build(cfg) == set()
    left.module_dict.pop("New")
    assert left.build(cfg) == []
    del root._module_dict["New"]
    with pytest.raises(UnknownNameError):
        left.build(cfg)


def test_a_lazy_entry_is_imported_when_it_is_asked_for(write_module: Any) -> None:
    import sys

    registry = Registry("thing", scope="base")
    write_module("lazy_a", "class Thing: ...")
    registry.register_lazy("Thing", "lazy_a:Thing")
    assert "Thing" in registry and len(registry) == 1
    assert "lazy_a" not in sys.modules
    found = registry.get("Thing")
    assert found is sys.modules["lazy_a"].Thing
    assert registry.module_dict == {"Thing": found}


def test_a_lazy_entry_whose_module_registers_it_is_kept_as_registered(write_module: Any) -> None:
    write_module(
        "lazy_b",
        """
        from engine_registry import Registry
        THINGS = Registry("thing", scope="base")
        THINGS.register_lazy("Thing", "lazy_b:Thing")
        if __name__ == "lazy_b":
            @THINGS.register_module()
            class Thing: ...
        """,
    )
    import importlib

    module = importlib.import_module("lazy_b")
    assert module.THINGS.get("Thing") is module.Thing


def test_a_lazy_entry_gives_way_to_who_came_first() -> None:
    registry = Registry("thing", scope="base")
    registry.register_module("Thing", module=list)
    registry.register_lazy("Thing", "collections:OrderedDict")
    assert registry.get("Thing") is list


def test_a_lazy_entry_gives_way_to_who_comes_later_until_it_is_used() -> None:
    registry = Registry("thing", scope="base")
    registry.register_lazy("Thing", "collections:OrderedDict")
    registry.register_module("Thing", module=list)
    assert registry.get("Thing") is list
    registry.register_lazy("Other", "collections:OrderedDict")
    registry.get("Other")
    with pytest.raises(TakenNameError, match="OrderedDict"):
        registry.register_module("Other", module=list)


def test_a_lazy_entry_that_fails_says_what_was_imported(write_module: Any) -> None:
    write_module("lazy_c", "import no_such_module")
    registry = Registry("thing", scope="base")
    registry.register_lazy("Thing", "lazy_c:Thing")
    registry.register_lazy("Gone", "collections:Gone")
    with pytest.raises(ModuleNotFoundError, match="no_such_module") as caught:
        registry.get("Thing")
    assert "lazy_c:Thing" in caught.value.__notes__[0]
    with pytest.raises(ImportError, match="'collections' has no 'Gone'"):
        registry.get("Gone")
    assert registry.module_dict == {}
    with pytest.raises(ValueError, match="a lazy entry needs"):
        registry.register_lazy("Bad", "collections.OrderedDict")


def test_importing_locations_by_hand_raises_what_they_raise(write_module: Any) -> None:
    write_module("location_a", "import no_such_module")
    registry = Registry("thing", scope="base", locations=["location_a"])
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        registry.import_from_location()
    write_module("location_a", "done = True")
    import importlib

    importlib.invalidate_caches()
    registry.import_from_location()
    assert registry.missing_locations() == []


def test_what_libraries_call_to_register_works_as_the_public_name() -> None:
    registry = Registry("thing")
    registry._register_module(module=dict, module_name=["one", "two"])
    assert registry.get("one") is registry.get("two") is dict
    with pytest.raises(KeyError, match="one"):
        registry._register_module(list, "one")
    registry._register_module(list, "one", force=True)
    assert registry.get("one") is list
