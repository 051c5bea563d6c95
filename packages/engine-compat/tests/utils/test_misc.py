"""Questions about types and sequences, and decorators; expectations are MMEngine 0.10.7's."""

from __future__ import annotations

import os
import sys
from collections import namedtuple

import pytest

from mmengine import utils

Point = namedtuple("Point", "x y")


class Base:
    def method(self) -> None: ...


class Derived(Base):
    def method(self) -> None: ...


def test_sequences_are_known_by_their_elements() -> None:
    assert utils.is_seq_of([1, 2], int)
    assert utils.is_seq_of([], int)
    assert not utils.is_seq_of((1,), int, list)
    assert utils.is_list_of([1, "a"], (int, str))
    assert not utils.is_list_of((1,), int)
    assert utils.is_tuple_of((1,), int)
    assert not utils.is_seq_of({1}, int)
    assert utils.is_str("a")


def test_lists_are_cut_and_joined() -> None:
    assert utils.slice_list([1, 2, 3, 4], [1, 3]) == [[1], [2, 3, 4]]
    assert utils.slice_list([1, 2], 2) == [[1, 2]]
    assert utils.concat_list([[1], [2, 3]]) == [1, 2, 3]
    for wrong in (3, 0, [1]):
        with pytest.raises(ValueError, match=r"pieces of|add up to 2"):
            utils.slice_list([1, 2], wrong)
    with pytest.raises(TypeError, match="lens must be"):
        utils.slice_list([1, 2], "2")


def test_elements_are_converted() -> None:
    assert utils.list_cast("12", int) == [1, 2]
    assert utils.tuple_cast(["1"], int) == (1,)
    assert list(utils.iter_cast("1", int)) == [1]
    assert utils.iter_cast("1", int, list) == [1]
    with pytest.raises(TypeError, match="inputs must be iterable"):
        utils.iter_cast(3, int)
    with pytest.raises(TypeError, match="dst_type must be a type"):
        utils.iter_cast([1], 3)


def test_a_value_is_repeated_and_an_iterable_is_not() -> None:
    assert utils.to_2tuple(3) == (3, 3)
    assert utils.to_2tuple([1, 2, 3]) == [1, 2, 3]
    assert utils.to_3tuple("ab") == "ab"
    assert utils.to_ntuple(5)(0) == (0,) * 5


def test_modules_are_imported_by_name() -> None:
    assert utils.import_modules_from_strings("os") is os
    assert utils.import_modules_from_strings(["os", "sys"]) == [os, sys]
    assert utils.import_modules_from_strings([]) is None
    with pytest.raises(ImportError, match="no_such_module"):
        utils.import_modules_from_strings("no_such_module")
    with pytest.warns(UserWarning, match="no_such_module failed to import"):
        found = utils.import_modules_from_strings("no_such_module", allow_failed_imports=True)
    assert found is None
    for wrong in (3, [3]):
        with pytest.raises(TypeError, match="imports must be"):
            utils.import_modules_from_strings(wrong)


def test_objects_are_found_by_name() -> None:
    assert utils.get_object_from_string("os.path.join") is os.path.join
    assert utils.get_object_from_string("os") is os
    assert utils.get_object_from_string("os.nothing") is None
    assert utils.get_object_from_string("no_such_module.a") is None


def test_a_function_is_applied_inside_containers() -> None:
    def double(data: object) -> object:
        return utils.apply_to(data, lambda x: isinstance(x, int), lambda x: 2 * x)

    assert double([1, (2, "a"), {"b": 3}]) == [2, (4, "a"), {"b": 6}]
    assert double(Point(1, "y")) == Point(2, "y")


def test_what_a_function_needs_is_asked_for_when_it_is_called() -> None:
    @utils.requires_package(["yaml", "no-such-package"])
    def packages() -> int:
        return 1

    @utils.requires_executable("no-such-program")
    def program() -> int:
        return 1

    @utils.requires_package("yaml")
    def fine() -> int:
        return 1

    with pytest.raises(RuntimeError, match='"no-such-package" are required in method "packages"'):
        packages()
    with pytest.raises(RuntimeError, match="no-such-program"):
        program()
    assert fine() == 1


def test_an_old_name_of_an_argument_is_passed_by_the_new_one() -> None:
    @utils.deprecated_api_warning({"old": "new"}, cls_name="Class")
    def method(new: int = 0) -> int:
        return new

    with pytest.warns(DeprecationWarning, match=r'"old" is deprecated in `Class.method`'):
        assert method(old=3) == 3
    assert method(new=4) == 4
    with pytest.raises(AssertionError, match="at once"):
        method(old=1, new=2)


def test_a_deprecated_function_says_so_once_and_in_its_doc(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @utils.deprecated_function("0.1", "0.2", "use x")
    def function(a: int) -> int:
        """Return it."""
        return a

    assert [function(1), function(2)] == [1, 2]
    assert len(caplog.records) == 1
    assert "deprecated in version 0.1" in caplog.text
    assert (function.__doc__ or "").startswith(".. deprecated:: 0.1")
    assert "Return it." in (function.__doc__ or "")


def test_methods_are_known_by_whose_they_are() -> None:
    assert utils.is_method_overridden("method", Base, Derived)
    assert utils.is_method_overridden("method", Base, Derived())
    assert not utils.is_method_overridden("method", Base, Base())
    with pytest.raises(AssertionError, match="must be a class"):
        utils.is_method_overridden("method", Base(), Derived)
    assert utils.has_method(Base(), "method")
    assert not utils.has_method(3, "method")
