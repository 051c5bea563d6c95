from __future__ import annotations

import functools
import threading
from typing import Any

import pytest

from engine_registry import ManagerMeta, ManagerMixin


class Hub(ManagerMixin):
    def __init__(self, name: str = "", value: int = 1) -> None:
        super().__init__(name)
        self.value = value


@pytest.fixture(autouse=True)
def no_hubs() -> None:
    Hub._instance_dict.clear()


def test_an_instance_is_made_once_and_found_by_name() -> None:
    first = Hub.get_instance("a", value=3)
    assert Hub.get_instance("a", value=9) is first
    assert first.value == 3
    assert first.instance_name == "a"
    assert Hub.check_instance_created("a")
    assert not Hub.check_instance_created("b")


def test_the_current_instance_is_the_one_made_last() -> None:
    with pytest.raises(RuntimeError, match=r"there is no Hub yet; .*Hub\.get_instance\(name\)"):
        Hub.get_current_instance()
    first = Hub.get_instance("a")
    second = Hub.get_instance("b")
    Hub.get_instance("a")
    assert Hub.get_current_instance() is second is not first


def test_an_object_made_by_a_call_is_not_global() -> None:
    Hub("a")
    assert not Hub.check_instance_created("a")


def test_a_subclass_has_instances_of_its_own() -> None:
    class Other(Hub): ...

    Hub.get_instance("a")
    assert not Other.check_instance_created("a")
    assert isinstance(Other, ManagerMeta)


def test_names_are_texts_that_are_not_empty() -> None:
    for make in (Hub, Hub.get_instance):
        with pytest.raises(ValueError, match="Hub: the name must not be empty"):
            make("")
        with pytest.raises(TypeError, match="Hub: the name must be a str, got 3"):
            make(3)  # type: ignore[operator]


def test_a_class_that_cannot_be_named_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Bad\.__init__ must take an argument called 'name'"):

        class Bad(ManagerMixin):
            def __init__(self, value: int) -> None: ...


def test_a_decorated_constructor_is_looked_through() -> None:
    def decorated(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapper

    class Decorated(ManagerMixin):
        @decorated
        def __init__(self, name: str) -> None:
            super().__init__(name)

    assert Decorated.get_instance("a").instance_name == "a"


def test_a_constructor_that_fails_leaves_nothing_and_no_lock() -> None:
    with pytest.raises(TypeError):
        Hub.get_instance("a", wrong=1)
    assert not Hub.check_instance_created("a")
    made: list[Hub] = []
    thread = threading.Thread(target=lambda: made.append(Hub.get_instance("a")))
    thread.start()
    thread.join(timeout=30)
    assert made == [Hub.get_instance("a")]


def test_threads_that_ask_together_get_one_instance() -> None:
    start = threading.Barrier(8)
    made: list[Hub] = []

    def ask() -> None:
        start.wait()
        made.append(Hub.get_instance("shared"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(made) == 8 and len(set(map(id, made))) == 1
