"""Loggers, hubs and the root scope are called as people know them, and only then."""

from __future__ import annotations

import subprocess
import sys

import mmengine.logging
from engine_registry import DefaultScope
from mmengine.logging import MessageHub, MMLogger
from mmengine.naming import show_native_names, show_our_names
from mmengine.registry import HOOKS


def names() -> tuple[str, str, str]:
    return HOOKS.scope, MMLogger("any").name, DefaultScope("any", "engine").scope_name


def test_what_has_no_name_is_called_mmengine() -> None:
    assert names() == ("mmengine", "mmengine", "mmengine")
    assert "scope 'mmengine'" in repr(HOOKS)


def test_native_names_come_back() -> None:
    show_native_names()
    assert names() == ("engine", "engine", "engine")
    show_our_names()
    assert names() == ("mmengine", "mmengine", "mmengine")


def test_the_current_hub_and_logger_are_called_so() -> None:
    MMLogger._instance_dict.clear()
    MessageHub._instance_dict.clear()
    assert MMLogger.get_current_instance().instance_name == "mmengine"
    assert MessageHub.get_current_instance().instance_name == "mmengine"
    assert mmengine.logging.MMLogger is MMLogger


def test_the_plugin_for_the_registry_renames_nothing() -> None:
    code = (
        "from engine_registry import HOOKS, RUNNERS; found = RUNNERS.get('FlexibleRunner'); "
        "print(HOOKS.scope, found.__name__)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["mmengine", "FlexibleRunner"]  # it lies in mmengine
    code = "from engine_registry import HOOKS; HOOKS.get('EMAHook'); print(HOOKS.scope)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["engine"]
