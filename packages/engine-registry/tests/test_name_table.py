from __future__ import annotations

from collections.abc import Callable

import pytest

from engine_registry.name_table import NameTable, state_of_names


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.__setitem__("b", list),
        lambda table: table.__delitem__("a"),
        lambda table: table.pop("a"),
        lambda table: table.popitem(),
        lambda table: table.clear(),
        lambda table: table.update(b=list),
        lambda table: table.setdefault("b", list),
    ],
)
def test_every_change_is_seen_and_changes_what_a_dict_would(
    change: Callable[[dict[str, type]], object],
) -> None:
    table, plain = NameTable(a=dict), {"a": dict}
    before = state_of_names()
    assert change(table) == change(plain)  # type: ignore[arg-type]
    assert table == plain
    assert state_of_names() is not before


def test_reading_changes_nothing() -> None:
    table = NameTable(a=dict)
    before = state_of_names()
    assert table["a"] is table.get("a") is dict
    assert state_of_names() is before
