"""What a checkpoint may hold: whatever is written is read again, and equal."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import io
import pathlib
import uuid
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine_checkpoint import (
    CheckpointError,
    NotKeptError,
    Snapshots,
    kept,
    kept_parts,
    read_file,
)
from engine_checkpoint.kinds_numpy import WRITTEN_CLASSES
from engine_checkpoint.recursion import DEEPEST
from engine_checkpoint.standard_values import FACTORIES
from engine_config import ConfigDict
from engine_logging.plain_data import is_plain

FACTS = (torch.dtype, torch.layout, torch.qscheme)
Pair = namedtuple("Pair", "a b")


class Level(enum.IntEnum):
    LOW = 1


class Name(enum.StrEnum):
    A = "a"


class Colour(enum.Enum):
    RED = 1


def read_again(value: Any, *, protocol: int = 2) -> Any:
    file = io.BytesIO()
    torch.save(kept(value, "value"), file, pickle_protocol=protocol)
    return read_file(file, name="file")


def alike(one: Any, other: Any) -> bool:
    """Whether two values are of one type and equal, nan equal to itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and alike(one.numpy(), other.numpy())
    if isinstance(one, np.ndarray):
        return (
            one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == (other.tobytes())
        )
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            alike(a, b) and alike(one[a], other[b]) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, list | tuple | deque):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == other or (one != one and other != other)


zones = st.timedeltas(datetime.timedelta(hours=-23), datetime.timedelta(hours=23)).map(
    datetime.timezone
)
numbers = st.integers() | st.floats() | st.booleans() | st.complex_numbers(allow_nan=False)
hashable = (
    st.none()
    | st.integers()
    | st.text()
    | st.binary(max_size=9)
    | st.dates()
    | st.uuids()
    | st.fractions()
    | st.tuples(st.text(), st.integers())
)
dtypes = hnp.scalar_dtypes() | hnp.byte_string_dtypes() | hnp.unicode_string_dtypes()
types = dtypes | hnp.array_dtypes(dtypes, min_size=1, max_size=3)
arrays = types.flatmap(lambda of: hnp.arrays(of, hnp.array_shapes(min_dims=0, min_side=0)))
simple = (
    hashable
    | numbers
    | st.datetimes(timezones=st.none() | zones)
    | st.times(timezones=st.none() | zones)
    | st.timedeltas()
    | zones
    | st.decimals(allow_nan=False)
    | st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 3))
    | st.builds(slice, st.none() | st.integers(), st.none() | st.integers())
    | st.binary(max_size=9).map(bytearray)
    | st.lists(st.text("ab.", min_size=1), max_size=3).map(lambda parts: pathlib.Path(*parts))
    | st.lists(st.text("ab", min_size=1), max_size=3).map(
        lambda parts: pathlib.PureWindowsPath(*parts)
    )
    | arrays
    | types
    | st.sampled_from(sorted(WRITTEN_CLASSES, key=repr))
    | st.sampled_from([each for each in vars(torch).values() if isinstance(each, FACTS)])
    | st.just(torch.device("cuda", 1))
    | st.lists(st.integers(0, 9), max_size=3).map(torch.Size)
    | hnp.arrays("f4", hnp.array_shapes(min_side=0)).map(torch.from_numpy)
)
factories = sorted({*FACTORIES.values()}, key=repr)
values = st.recursive(
    simple,
    lambda inner: st.lists(inner, max_size=4)
    | st.lists(inner, max_size=4).map(tuple)
    | st.builds(deque, st.lists(inner, max_size=4), st.none() | st.integers(4, 6))
    | st.dictionaries(hashable, inner, max_size=4)
    | st.dictionaries(hashable, inner, max_size=4).map(OrderedDict)
    | st.builds(
        defaultdict, st.sampled_from(factories), st.dictionaries(hashable, inner, max_size=4)
    )
    | st.lists(hashable, max_size=4).map(Counter)
    | st.sets(hashable, max_size=4)
    | st.frozensets(hashable, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300)
@given(value=values, protocol=st.sampled_from([2, 4, 5]))
def test_whatever_can_be_written_is_read_again_as_it_was(value: Any, protocol: int) -> None:
    assert alike(read_again(value, protocol=protocol), value)
    assert is_plain(value)  # so a hub keeps it as well


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (Pair(1, Pair(2, [3])), (1, (2, [3]))),
        (Level.LOW, 1),
        (Name.A, "a"),
        (ConfigDict(a={"b": [{"c": 1}]}), {"a": {"b": [{"c": 1}]}}),
        (np.asfortranarray(np.arange(6).reshape(2, 3)), np.arange(6).reshape(2, 3)),
    ],
)
def test_subclasses_are_written_as_what_they_are_of(value: Any, read: Any) -> None:
    assert alike(read_again(value), read)


def test_arrays_of_records_masked_ones_and_those_of_objects_are_kept() -> None:
    records = np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
    found = read_again(records)
    assert type(found) is np.recarray
    assert found.b.tolist() == [2.0]
    assert read_again(records[0]).a == 1
    masked = read_again(np.ma.masked_array([1, 2], [False, True], fill_value=9))
    assert (masked.tolist(), masked.fill_value) == ([1, None], 9)
    objects = read_again(np.array([[1, [2, Pair(3, 4)]]], dtype=object))
    assert objects.tolist() == [[1, [2, (3, 4)]]]


def test_a_time_in_a_zone_with_rules_keeps_its_moment() -> None:
    when = datetime.datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert read_again(when) == when
    assert read_again(when).utcoffset() == datetime.timedelta(hours=2)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.ones(2, 3).t(),
        torch.ones(3).to_sparse(),
        torch.zeros(2).to(torch.float8_e4m3fn),
        torch.ones(2, dtype=torch.complex64).conj(),
        torch.nn.Parameter(torch.ones(2)),
        torch.ones(2, requires_grad=True),
        torch.empty(3, device="meta"),
        torch.zeros(0, 4),
        torch.tensor(1, dtype=torch.uint16),
    ],
)
@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_tensors_of_every_kind_are_kept(tensor: torch.Tensor) -> None:
    found = read_again([tensor])[0]
    assert (type(found), found.dtype, found.shape) == (type(tensor), tensor.dtype, tensor.shape)
    assert (found.layout, found.requires_grad) == (tensor.layout, tensor.requires_grad)
    assert found.is_conj() == tensor.is_conj()
    if not tensor.is_meta and tensor.layout == torch.strided:
        assert found.stride() == tensor.stride()
        assert found.to(torch.complex64).tolist() == tensor.to(torch.complex64).tolist()


def test_what_shares_memory_or_is_one_object_does_so_again() -> None:
    weight, many = torch.ones(4), [1, 2]
    found = read_again({"a": weight, "b": weight[:2], "c": many, "d": many})
    found["a"][0] = 7
    assert found["b"][0] == 7
    assert found["c"] is found["d"]


def test_the_metadata_of_a_state_dict_is_kept() -> None:
    found = read_again(torch.nn.BatchNorm1d(2).state_dict())
    assert found._metadata == {"": {"version": 2}}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (Colour.RED, "value is a .*Colour: a member of an Enum"),
        ({"a": [0, print]}, r"value\['a'\]\[1\] is a builtin_function_or_method"),
        ({"a": (object(),)}, r"value\['a'\]\[0\] is a object"),
        ([torch.nn.Linear], r"value\[0\] is the class Linear, .*put its name in"),
        (torch.nn.Linear(1, 1), "value is a torch.nn.modules.linear.Linear"),
        (defaultdict(lambda: 1), "value: its default_factory is a function"),
        ({Colour.RED: 1}, "value: its key, a Colour is a .*Colour: a member"),
        (np.array([object()]), r"value\[0\] is a object"),
        (np.dtype("f4", metadata={"a": 1}), "metadata"),
    ],
)
def test_what_can_not_be_kept_is_refused_by_its_place(value: Any, place: str) -> None:
    with pytest.raises(NotKeptError, match=place):
        kept(value, "value")
    assert not is_plain(value)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("factory", factories)
def test_every_factory_of_a_defaultdict_is_read_by_the_name_it_is_written_by(
    factory: Any, protocol: int
) -> None:
    found = read_again(defaultdict(factory, a=factory()), protocol=protocol)
    assert found.default_factory is factory
    assert alike(found, defaultdict(factory, a=factory()))
    assert is_plain(found)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("named", sorted(WRITTEN_CLASSES, key=repr))
def test_every_class_is_read_by_the_name_it_is_written_by(named: Any, protocol: int) -> None:
    assert read_again(named, protocol=protocol) is named


LONG = 2**40_000


@pytest.mark.parametrize(
    "value",
    [[LONG], [-LONG], fractions.Fraction(LONG, 3), range(LONG), slice(None, LONG)],
    ids=type,
)
def test_numbers_that_are_too_long_to_be_read_are_refused_at_the_save(value: Any) -> None:
    with pytest.raises(NotKeptError, match="bits: too many"):
        kept(value, "value")


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_nested_tensor_is_refused_by_name() -> None:
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    with pytest.raises(NotKeptError, match=r"value\['a'\] is a .*a nested tensor"):
        kept({"a": nested}, "value")


NESTINGS: dict[str, Any] = {
    "list": lambda inner: [inner],
    "tuple": lambda inner: (inner,),
    "dict": lambda inner: {"a": inner},
    "ordered": lambda inner: OrderedDict(a=inner),
    "frozenset": lambda inner: frozenset({inner}),
    "deque": lambda inner: deque([inner]),
    "slice": slice,
    "objects": lambda inner: np.array([inner, None], dtype=object),
}


def nested(kind: str, levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = NESTINGS[kind](value)
    return value


@pytest.mark.parametrize("kind", NESTINGS)
def test_what_is_kept_is_as_deep_as_it_may_be_and_no_deeper(kind: str) -> None:
    read_again(nested(kind, DEEPEST - 1))
    with pytest.raises(NotKeptError, match="nested more than 200 deep"):
        kept(nested(kind, 5 * DEEPEST), "value")


class Failing(dict[str, Any]):
    """A mapping that can neither be copied nor looked into."""

    def __deepcopy__(self, memo: Any) -> Any:
        raise RuntimeError("no copy")


class Unreadable(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise OSError(key)

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __len__(self) -> int:
        return 2


def test_an_entry_whose_own_methods_fail_is_left_out_and_told() -> None:
    told: list[Any] = []
    whole = {"a": Unreadable(), "b": Failing(c=1), "d": MappingProxyType({"e": 1})}
    found = kept_parts(whole, "whole", told.append)
    assert found == {"b": {"c": 1}, "d": {"e": 1}}
    assert [str(each) for each in told] == [
        f"whole['a'] is a {__name__}.Unreadable that can't be looked through: OSError: a"
    ]


def test_a_tensor_with_a_graph_is_kept_without_it() -> None:
    weight = torch.ones(2, requires_grad=True)
    found = read_again({"a": [weight * 2], "b": weight})
    assert found["a"][0].tolist() == [2, 2]
    assert not found["a"][0].requires_grad
    assert found["b"].requires_grad


def test_a_tensor_without_memory_is_copied_as_it_is() -> None:
    found = Snapshots().take(
        {"a": torch.empty(3, device="meta"), "b": torch.nn.UninitializedParameter()}
    )
    assert found["a"].is_meta
    assert torch.nn.parameter.is_lazy(found["b"])


def test_what_holds_itself_or_very_much_in_few_bytes_is_refused_both_ways() -> None:
    itself: list[Any] = []
    itself.append(itself)
    shared: Any = ()
    for _ in range(60):
        shared = (shared, shared)
    for value, reason in ((itself, "holds itself"), (shared, "holds more than 20000000 values")):
        with pytest.raises(NotKeptError, match=reason):
            kept(value, "value")
        file = io.BytesIO()
        torch.save(value, file)
        with pytest.raises(CheckpointError, match=reason):
            read_file(file, name="file")


def test_keys_that_take_long_to_hash_are_refused() -> None:
    key: Any = ("a",)
    for _ in range(16):
        key = (key, key)
    for value in ({key: 1}, {key}, OrderedDict([(key, 1)])):
        file = io.BytesIO()
        torch.save(value, file)
        with pytest.raises(CheckpointError, match="a key of more than 10000 values"):
            read_file(file, name="file")


def test_numbers_and_texts_that_are_exact_stay_so() -> None:
    long = decimal.Decimal("1." + "3" * 6000)
    exact = [
        2**100,
        long,
        fractions.Fraction(1, 3),
        decimal.Decimal("1.10"),
        uuid.UUID(int=1),
        "\ud800",
    ]
    assert [repr(each) for each in read_again(exact)] == [repr(each) for each in exact]
