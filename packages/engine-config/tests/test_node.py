"""ConfigDict: attributes, nested conversion, merging, copies."""

from __future__ import annotations

import copy
import pickle

import pytest

from engine_config import ConfigDict


@pytest.fixture
def node() -> ConfigDict:
    return ConfigDict(a={"b": 1}, items_=[{"c": 1}], pair=({"d": 1},))


def test_dicts_at_any_depth_are_config_dicts(node: ConfigDict) -> None:
    assert all(type(x) is ConfigDict for x in (node.a, node.items_[0], node.pair[0]))
    node.new = {"x": [{"y": 1}]}
    assert node.new.x[0].y == 1
    assert ConfigDict([("a", 1)], b=2) == {"a": 1, "b": 2} == ConfigDict({"a": 1, "b": 2})
    assert ConfigDict({1: {2: 3}})[1][2] == 3


def test_wrong_arguments_are_refused() -> None:
    assert ConfigDict({"a": 1}, None, {"b": 2}, c=3) == {"a": 1, "b": 2, "c": 3}
    with pytest.raises((TypeError, ValueError)):
        ConfigDict([1])


def test_a_list_without_dicts_is_shared() -> None:
    values = [1, 2]
    node = ConfigDict(a=values)
    node.a.append(3)
    assert values == [1, 2, 3]


def test_what_is_missing(node: ConfigDict) -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'itms_'; did you mean 'items_'\?"):
        _ = node.itms_
    with pytest.raises(KeyError, match="zz"):
        _ = node["zz"]
    assert node.get("zz") is None and node.pop("zz") is None and node.pop("zz", 4) == 4
    assert not hasattr(node, "zz") and "zz" not in node
    for missing in ("zz", "a.b"):
        with pytest.raises(AttributeError):
            delattr(node, missing)


def test_entries_are_set_and_deleted(node: ConfigDict) -> None:
    assert node.setdefault("n", {"x": 1}).x == 1 and node.setdefault("n", 2).x == 1
    del node.a
    del node["pair"]
    assert list(node) == ["items_", "n"] and list(reversed(node)) == ["n", "items_"]
    with pytest.raises(AttributeError, match=r"set config\['items'\]|config\['items'\] ="):
        node.items = 1
    node["items"] = 1
    assert node["items"] == 1 and callable(node.items)


def test_update_merges_dicts(node: ConfigDict) -> None:
    node.update({"a": {"e": 2}}, pair=3)
    node.update([("q", 1)])
    assert node.a == {"b": 1, "e": 2} and node.pair == 3 and node.q == 1
    with pytest.raises(TypeError, match="at most one"):
        node.update({}, {})


def test_merge_deletes_where_it_is_told(node: ConfigDict) -> None:
    node.merge({"a": {"_delete_": True, "z": 1}, "items_": 5})
    assert node == {"a": {"z": 1}, "items_": 5, "pair": ({"d": 1},)}


def test_or_merges_into_a_new_one(node: ConfigDict) -> None:
    both = node | {"a": {"c": 2}}
    assert both.a == {"b": 1, "c": 2} and node.a == {"b": 1}
    assert type({"a": 1, "z": 2} | node) is ConfigDict
    assert ({"a": 1, "z": 2} | node).to_dict()["z"] == 2
    node |= {"k": 1}
    assert node.k == 1
    with pytest.raises(TypeError):
        _ = node | 3


def test_copies(node: ConfigDict) -> None:
    for shallow in (copy.copy(node), node.copy()):
        assert type(shallow) is ConfigDict and shallow.a is node.a
    deep = copy.deepcopy(node)
    deep.a.b = deep.items_[0].c = deep.pair[0].d = 9
    assert node == {"a": {"b": 1}, "items_": [{"c": 1}], "pair": ({"d": 1},)}
    assert pickle.loads(pickle.dumps(node)) == node


def test_a_deep_copy_keeps_what_is_shared() -> None:
    shared = [1]
    node = copy.deepcopy(ConfigDict(a=shared, b=shared))
    assert node.a is node.b and node.a is not shared


def test_it_is_a_dict(node: ConfigDict) -> None:
    assert isinstance(node, dict) and {**node} == dict(node) == node
    assert type(node.to_dict()["a"]) is dict and type(node.to_dict()["items_"][0]) is dict
    assert node != {} and ConfigDict() == {} and not ConfigDict()
    assert len(node) == 3 and next(iter(node.items())) == ("a", {"b": 1})


def test_merge_with_delete_replaces_all_of_it() -> None:
    node = ConfigDict(a={"b": 1, "c": 2}, d=3)
    node.a.merge({"_delete_": True, "k": {"z": 1}})
    assert node == {"a": {"k": {"z": 1}}, "d": 3}
    node.merge({"a": {"k": 1}, "_delete_": True})
    assert node == {"a": {"k": 1}}
    node.update({"_delete_": True, "d": 1})
    assert node == {"a": {"k": 1}, "_delete_": True, "d": 1}


def test_a_frozen_one_takes_no_new_keys_until_it_is_unfrozen() -> None:
    node = ConfigDict(a={"b": 1}, items_=[{"c": 1}])
    node.freeze()
    node.a.b = 2
    node.items_[0].z = 3
    for change in (
        lambda: setattr(node, "n", 1),
        lambda: node.a.__setitem__("n", 1),
        lambda: node.update(n=1),
        lambda: node.merge({"a": {"n": 1}}),
        lambda: node.setdefault("n", 1),
    ):
        with pytest.raises(KeyError, match="frozen"):
            change()
    assert node == {"a": {"b": 2}, "items_": [{"c": 1, "z": 3}]}
    for other in (node.copy(), node.deepcopy(), ConfigDict(node), copy.deepcopy(node)):
        other.n = 1
    node.unfreeze()
    node.a.n = 1
    node.freeze(False)
    assert node.deepcopy() == node and node.deepcopy().a is not node.a


def test_items_and_values_are_lists_and_what_is_missing_is_a_key_error(node: ConfigDict) -> None:
    assert type(node.items()) is list and node.a.items()[0] == ("b", 1)
    assert type(node.values()) is list and node.a.values() == [1]
    for error in (KeyError, AttributeError):
        with pytest.raises(error, match="has no 'nothing'"):
            del node.nothing
