from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any

import pytest

from engine_registry import Registry, UnknownNameError
from engine_registry.lookup_error import close_names


def message(registry: Registry, name: str) -> str:
    with pytest.raises(UnknownNameError) as caught:
        registry.build({"type": name})
    return str(caught.value)


def test_a_miss_tells_what_was_searched_and_the_close_names() -> None:
    root = Registry("hook", scope="base")
    child = Registry("hook", parent=root, scope="lib")
    for name in ("EMAHook", "EmptyCacheHook", "LoggerHook"):
        root.register_module(name, module=list)
    text = message(child, "EMAHok")
    assert text.startswith("no hook is registered as 'EMAHok'\n")
    assert "searched: scope 'lib' (0 names), scope 'base' (3 names)" in text
    assert "close names: 'EMAHook'" in text
    assert "to do: correct the name, or import" in text


def test_five_close_names_at_most_are_offered_nearest_first() -> None:
    root = Registry("thing", scope="base")
    for number in range(9):
        root.register_module(f"Name{number}", module=list)
    root.register_module("Nxmes", module=list)
    assert len(close_names("Name", root)) == 5
    assert close_names("Nxmez", root)[0] == "Nxmes"
    assert close_names("qqqqqq", root) == []


def test_a_name_of_another_scope_is_offered_as_it_must_be_written(
    tree: dict[str, Registry],
) -> None:
    assert "to do: write 'right.Only_right'" in message(tree["left"], "Only_right")


def test_an_unknown_scope_is_to_be_installed() -> None:
    text = message(Registry("thing", scope="base"), "nosuchlib.Thing")
    assert "install or import 'nosuchlib'" in text


def test_the_error_of_a_broken_location_passes_where_nothing_is_found(write_module: Any) -> None:
    write_module("fail_a", "import no_such_module_a")
    write_module("fail_b", "raise RuntimeError('b')")
    one = Registry("thing", scope="base", locations=["fail_a"])
    two = Registry("thing", scope="base", locations=["fail_b", "fail_a"])
    for look_up in (one.get, lambda name: one.build({"type": name}), one.__contains__):
        with pytest.raises(ModuleNotFoundError, match="no_such_module_a") as caught:
            look_up("Thing")
        assert caught.value.__notes__ == [
            "while importing 'fail_a', a location of the thing registry of scope 'base', in search "
            "of 'Thing'"
        ]
    with pytest.raises(RuntimeError, match="b"):
        two.build({"type": "Thing"})
    two.register_module("Other", module=dict)
    assert two.get("Other") is dict
    assert two.get("collections.OrderedDict") is OrderedDict


def test_the_tracebacks_of_failed_imports_are_the_cause(write_module: Any) -> None:
    write_module("fail_c.registry", "raise RuntimeError('c')")
    write_module("fail_c.part", "import no_such_module_c")
    with pytest.raises(
        UnknownNameError, match=r"to do: make fail_c\.registry importable"
    ) as caught:
        Registry("thing", scope="base").build({"type": "fail_c.part.Thing"})
    group = caught.value.__cause__
    assert isinstance(group, ExceptionGroup)
    assert [type(each) for each in group.exceptions] == [RuntimeError, ModuleNotFoundError]


def test_get_logs_a_failed_import_once(write_module: Any, caplog: pytest.LogCaptureFixture) -> None:
    write_module("fail_d.registry", "import no_such_module_d")
    registry = Registry("thing", scope="base")
    with caplog.at_level(logging.WARNING, logger="engine_registry"):
        assert registry.get("fail_d.Thing") is None
        assert registry.get("fail_d.Thing") is None
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is not None


@pytest.mark.parametrize(
    ("code", "levels"), [("import no_such_module", ["DEBUG"]), ("1 / 0", ["WARNING"])]
)
def test_a_list_tells_once_what_it_leaves_out_and_softly_what_is_not_installed(
    write_module: Any, caplog: pytest.LogCaptureFixture, code: str, levels: list[str]
) -> None:
    write_module("lazily", code)
    registry = Registry(f"thing with {code}", scope="base")
    registry.register_lazy("Thing", "lazily:Thing")
    with caplog.at_level(logging.DEBUG, logger="engine_registry"):
        assert [registry.module_dict for _ in range(2)] == [{}, {}]
        assert len(registry) == 1
    assert [record.levelname for record in caplog.records] == levels
