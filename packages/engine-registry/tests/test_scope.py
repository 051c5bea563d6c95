from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from engine_registry import DefaultScope, Registry, alias_scope, init_default_scope
from engine_registry import scope as scope_module
from engine_registry.root import HOOKS
from engine_registry.scope import current_scope_name, real_scope, shown_scope, split_scope_key


def test_there_is_no_scope_until_one_is_made() -> None:
    assert DefaultScope.get_current_instance() is None
    made = DefaultScope.get_instance("experiment", scope_name="mmdet")
    assert DefaultScope.get_current_instance() is made
    assert (made.instance_name, made.scope_name) == ("experiment", "mmdet")


def test_an_override_holds_inside_only_and_none_changes_nothing() -> None:
    DefaultScope.get_instance("experiment", scope_name="mmdet")
    with DefaultScope.overwrite_default_scope("mmcls"):
        assert current_scope_name() == "mmcls"
        with DefaultScope.overwrite_default_scope(None):
            assert current_scope_name() == "mmcls"
        with pytest.raises(ValueError, match="inside"), DefaultScope.overwrite_default_scope("x"):
            raise ValueError("inside")
        assert current_scope_name() == "mmcls"
    assert current_scope_name() == "mmdet"


def test_an_override_is_not_seen_by_other_threads() -> None:
    DefaultScope.get_instance("experiment", scope_name="mmdet")
    seen: list[Any] = []
    with DefaultScope.overwrite_default_scope("mmcls"):
        thread = threading.Thread(target=lambda: seen.append(current_scope_name()))
        thread.start()
        thread.join()
    assert seen == ["mmdet"]


def test_the_process_wide_scope_is_set_whatever_was_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    init_default_scope("mmdet")
    init_default_scope("mmcls")
    assert current_scope_name() == "mmcls"
    with caplog.at_level(logging.WARNING):
        init_default_scope("mmdet")
    assert current_scope_name() == "mmdet"
    assert "from 'mmcls' to 'mmdet'" in caplog.text
    first = DefaultScope.get_current_instance()
    init_default_scope("mmdet")
    assert DefaultScope.get_current_instance() is first


@pytest.mark.parametrize("scope", [3, None])
def test_a_scope_is_a_text(scope: Any) -> None:
    with pytest.raises(TypeError):
        DefaultScope("name", scope)
    with pytest.raises(TypeError):
        init_default_scope(3)  # type: ignore[arg-type]


def test_a_key_is_split_at_its_first_dot() -> None:
    assert [split_scope_key(key) for key in ("a.b", "a", "a.b.c", ".b", "")] == [
        ("a", "b"),
        (None, "a"),
        ("a", "b.c"),
        ("", "b"),
        (None, ""),
    ]


def test_the_root_scope_answers_to_mmengine_too() -> None:
    HOOKS.register_module("ScopeTestHook", module=list)
    try:
        assert HOOKS.get("mmengine.ScopeTestHook") is HOOKS.get("engine.ScopeTestHook") is list
        init_default_scope("mmengine")
        assert HOOKS.build({"type": "ScopeTestHook"}) == []
        assert HOOKS.build({"type": "ScopeTestHook", "_scope_": "mmengine"}) == []
    finally:
        HOOKS.module_dict.pop("ScopeTestHook")


def test_an_alias_may_be_what_people_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope_module, "_real_names", dict(scope_module._real_names))
    monkeypatch.setattr(scope_module, "_shown_names", {})
    registry = Registry("thing", scope="real")
    alias_scope("second", "real")
    assert (real_scope("second"), shown_scope("real"), registry.scope) == ("real", "real", "real")
    alias_scope("shown", "real", show=True)
    assert registry.scope == "shown"
    registry.register_module("Thing", module=list)
    assert registry.get("shown.Thing") is registry.get("second.Thing") is list
    assert DefaultScope("experiment", "real").scope_name == "shown"
    alias_scope("shown", "real")
    assert registry.scope == DefaultScope("experiment", "real").scope_name == "real"
