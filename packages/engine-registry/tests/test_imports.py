from __future__ import annotations

import importlib
from typing import Any

import pytest

from engine_registry.imports import (
    import_dotted,
    import_entry,
    import_registry_of,
    import_whole,
    is_alive,
)


def test_an_entry_may_have_dots_after_the_colon() -> None:
    assert import_entry("collections:OrderedDict.fromkeys")("ab") == {"a": None, "b": None}


def test_a_module_that_fails_inside_is_not_a_module_that_is_missing(write_module: Any) -> None:
    write_module("outer_a.inner", "import no_such_module")
    assert import_dotted("outer_a.nothing.Thing") is None
    assert import_dotted("no_such_package.Thing") is None
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        import_dotted("outer_a.inner.Thing")


def test_the_registry_module_of_a_scope_is_optional(write_module: Any) -> None:
    write_module("with_registry.registry", "")
    write_module("without_registry.other", "")
    assert import_registry_of("with_registry") == "with_registry.registry"
    assert import_registry_of("without_registry") is None
    assert import_registry_of("no_such_package") is None
    assert import_registry_of("not a name") is None


def test_globals_are_alive_while_their_module_is_known(write_module: Any) -> None:
    import sys

    write_module("mortal", "own = globals()")
    own = import_whole("mortal").own
    assert is_alive(own)
    del sys.modules["mortal"]
    assert not is_alive(own)
    importlib.import_module("mortal")
    assert not is_alive(own)
    assert not is_alive({})
