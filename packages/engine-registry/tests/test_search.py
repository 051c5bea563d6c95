from __future__ import annotations

import importlib
import sys
import threading
from typing import Any

import pytest

from engine_registry import Registry, UnknownNameError

REGISTERS = """
import {owner} as owner
@owner.THINGS.register_module()
class {name}: ...
"""


@pytest.fixture
def owner(write_module: Any) -> Any:
    """A module that holds the registry ``THINGS``, whose locations a test appoints."""

    def make(name: str, locations: list[str]) -> Registry:
        write_module(
            name,
            f"""
            from engine_registry import Registry
            THINGS = Registry("thing", scope="base", locations={locations!r})
            """,
        )
        registry: Registry = importlib.import_module(name).THINGS
        return registry

    return make


def test_locations_are_imported_at_the_first_miss(owner: Any, write_module: Any) -> None:
    things = owner("own_a", ["loc_a"])
    write_module("loc_a", REGISTERS.format(owner="own_a", name="Late"))
    assert "loc_a" not in sys.modules
    assert things.get("Late").__name__ == "Late"


def test_a_childs_location_goes_before_its_parents_name(owner: Any, write_module: Any) -> None:
    write_module("loc_b", REGISTERS.format(owner="own_b", name="Thing"))
    root = Registry("thing", scope="root")
    root.register_module("Thing", module=list)
    things = owner("own_b", ["loc_b"])
    things.parent = root
    assert things.get("Thing").__name__ == "Thing"


def test_a_location_that_fails_leaves_no_name_and_the_next_try_is_fresh(
    owner: Any, write_module: Any
) -> None:
    things = owner("own_c", ["loc_c"])
    write_module("loc_c", REGISTERS.format(owner="own_c", name="Half") + "\nimport no_such_module")
    for _ in range(2):  # the second time must not say that 'Half' is already registered
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            things.build({"type": "Other"})
        assert len(things) == 0
    write_module("loc_c", REGISTERS.format(owner="own_c", name="Half") + "\nfixed = True")
    importlib.invalidate_caches()
    assert things.get("Half").__name__ == "Half"


def test_what_a_failing_location_imported_with_success_stays(owner: Any, write_module: Any) -> None:
    things = owner("own_d", ["loc_d"])
    write_module("good_d", REGISTERS.format(owner="own_d", name="Good"))
    write_module("loc_d", "import good_d\nimport no_such_module")
    with pytest.raises(ModuleNotFoundError):
        things.get("Other")
    assert things.get("Good").__name__ == "Good"


def test_a_module_imported_anew_may_register_again(owner: Any, write_module: Any) -> None:
    """Without any location: a plain import that fails half-way, and is tried again."""
    things = owner("own_e", [])
    write_module("part_e", REGISTERS.format(owner="own_e", name="Half") + "\nimport no_such_module")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            importlib.import_module("part_e")
    assert things.names == ["Half"]


def test_a_scopes_registry_module_is_imported_on_demand(write_module: Any) -> None:
    root = Registry("thing", scope="root")
    sys.modules[__name__ + "_root"] = root  # type: ignore[assignment]
    write_module(
        "some_library.registry",
        f"""
        import sys
        from engine_registry import Registry
        THINGS = Registry("thing", parent=sys.modules["{__name__}_root"], scope="some_library")
        THINGS.register_module("Deep", module=dict)
        """,
    )
    try:
        assert root.get("some_library.Deep") is dict
        assert root.build({"type": "Deep", "_scope_": "some_library"}) == {}
    finally:
        del sys.modules[__name__ + "_root"]


def test_a_scope_whose_registry_module_fails_is_named(write_module: Any) -> None:
    write_module("broken_library.registry", "raise RuntimeError('out of order')")
    with pytest.raises(UnknownNameError, match="to do: make broken_library") as caught:
        Registry("thing", scope="root").build({"type": "broken_library.Thing"})
    assert isinstance(caught.value.__cause__, BaseException)


def test_threads_that_meet_at_a_failing_location_all_get_the_error(
    owner: Any, write_module: Any
) -> None:
    things = owner("own_f", ["loc_f", "loc_g"])
    write_module("loc_f", REGISTERS.format(owner="own_f", name="Half") + "\nimport no_such_module")
    write_module("loc_g", REGISTERS.format(owner="own_f", name="Whole"))
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def look_up(number: int) -> None:
        start.wait()
        for _ in range(20):
            try:
                things.build({"type": "Whole" if number % 2 else "Missing"})
                outcomes.append("built")
            except ModuleNotFoundError as error:
                outcomes.append("import" if "no_such_module" in str(error) else str(error))

    threads = [threading.Thread(target=look_up, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(outcomes) == ["built"] * 80 + ["import"] * 80
    assert things.names == ["Whole"]


def test_a_location_that_looks_names_up_while_it_is_imported_does_not_hang(
    owner: Any, write_module: Any
) -> None:
    things = owner("own_h", ["loc_h"])
    write_module(
        "loc_h",
        """
        import threading
        import own_h
        seen = []
        thread = threading.Thread(target=lambda: seen.append(own_h.THINGS.get("First")))
        assert own_h.THINGS.get("Nothing") is None
        @own_h.THINGS.register_module()
        class First: ...
        thread.start(); thread.join(timeout=60)
        assert seen == [First]
        @own_h.THINGS.register_module()
        class Second: ...
        """,
    )
    assert things.get("Second").__name__ == "Second"
