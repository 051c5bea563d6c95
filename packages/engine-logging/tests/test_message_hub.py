from __future__ import annotations

import json
import logging
import pickle
from collections import deque
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine_logging import HistoryBuffer, MessageHub


@pytest.fixture
def hub() -> MessageHub:
    return MessageHub.get_instance("hub")


def values(hub: MessageHub, key: str) -> list[float]:
    found: list[float] = hub.get_scalar(key).data[0].tolist()
    return found


def test_a_hub_is_found_by_name_and_there_is_always_a_current_one(hub: MessageHub) -> None:
    assert MessageHub.get_instance("hub") is MessageHub.get_current_instance() is hub
    MessageHub._instance_dict.clear()
    assert MessageHub.get_current_instance().instance_name == "engine"


def test_scalars_are_kept_with_their_counts(hub: MessageHub, tensor: Any) -> None:
    hub.update_scalar("loss", 0.5)
    hub.update_scalar("loss", tensor(1.5), 2)
    hub.update_scalars({"loss": {"value": 4.0, "count": 3}, "acc": np.float32(0.25)})
    assert values(hub, "loss") == [0.5, 1.5, 4.0]
    assert hub.log_scalars["loss"].data[1].tolist() == [1, 2, 3]
    assert values(hub, "acc") == [0.25]


def test_what_is_no_scalar_is_refused_and_leaves_nothing(hub: MessageHub) -> None:
    with pytest.raises(ValueError, match="one element, got 2"):
        hub.update_scalar("a", np.zeros(2))
    with pytest.raises(TypeError):
        hub.update_scalar("a", "text")
    with pytest.raises(TypeError, match="log_dict must be a dict"):
        hub.update_scalars([1])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"log_dict\['a'\] needs the key 'value'"):
        hub.update_scalars({"a": {"v": 1}})
    assert hub.log_scalars == {}
    assert hub.state_dict()["resumed_keys"] == {}


def test_a_missing_scalar_is_named_with_close_ones(hub: MessageHub) -> None:
    hub.update_scalar("loss_cls", 1)
    with pytest.raises(KeyError, match="holds no scalar 'loss_csl'; close names: loss_cls"):
        hub.get_scalar("loss_csl")


def test_facts_are_set_read_and_removed(hub: MessageHub) -> None:
    hub.update_info("iter", 3)
    hub.update_info_dict({"epoch": 1, "stage": "train"})
    assert (hub.get_info("iter"), hub.get_info("none"), hub.get_info("none", 5)) == (3, None, 5)
    assert hub.pop_info("stage") == "train"
    assert hub.pop_info("stage", "gone") == "gone"
    assert hub.runtime_info == {"iter": 3, "epoch": 1}
    with pytest.raises(TypeError, match="info_dict must be a dict"):
        hub.update_info_dict([1])  # type: ignore[arg-type]


def test_whether_a_key_is_resumed_is_said_once(hub: MessageHub) -> None:
    hub.update_scalar("loss", 1.0)
    hub.update_info("iter", 1, resumed=False)
    with pytest.raises(ValueError, match="'loss' was updated with resumed=True before, now False"):
        hub.update_scalar("loss", 1.0, resumed=False)
    with pytest.raises(ValueError, match="'iter' was updated with resumed=False before"):
        hub.update_info("iter", 2)
    assert hub.get_info("iter") == 1


def test_a_state_restores_what_is_resumed(hub: MessageHub) -> None:
    hub.update_scalar("loss", 0.5)
    hub.update_scalar("time", 0.1, resumed=False)
    hub.update_info("iter", 7)
    hub.update_info("stage", "train", resumed=False)
    state = hub.state_dict()
    other = MessageHub.get_instance("other")
    other.update_info("own", 1)
    other.load_state_dict(json.loads(json.dumps(state)))
    assert values(other, "loss") == [0.5]
    assert other.runtime_info == {"own": 1, "iter": 7}
    assert list(other.log_scalars) == ["loss"]
    hub.update_scalar("loss", 9.0)
    assert values(other, "loss") == [0.5]


def test_a_state_does_not_grow_with_the_iterations(hub: MessageHub) -> None:
    sizes = []
    for _ in range(3):
        for _ in range(3000):
            hub.update_scalar("loss", 0.25)
        sizes.append(len(pickle.dumps(hub.state_dict())))
    assert max(sizes) - min(sizes) < 10
    assert max(sizes) < 20_000


def test_a_fact_that_is_no_plain_data_is_said_when_it_is_put_in_and_left_out(
    hub: MessageHub, tensor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    plain = {
        "list": [1, {"a": (2.0, None)}],
        "array": np.arange(3),
        "number": np.float64(3),
        "tensor": tensor(1.0),
        "bytes": b"1",
    }
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            hub.update_info_dict({**plain, "function": print, "nested": [object()]})
    state = hub.state_dict()
    assert list(state["runtime_info"]) == list(plain)
    assert state["runtime_info"]["list"] is not plain["list"]
    assert len(caplog.messages) == 2  # when they are put in, and once
    assert "'function' of the hub" in caplog.text
    assert "'nested' of the hub" in caplog.text


class WithGraph:
    """Can only be copied apart from what it comes from, as a tensor with a gradient."""

    device = "cpu"

    def __init__(self, value: int) -> None:
        self.value = value

    def detach(self) -> WithGraph:
        return self

    def clone(self) -> WithGraph:
        return WithGraph(self.value)

    def __deepcopy__(self, memo: Any) -> Any:
        raise RuntimeError("only leaves can be copied")


class Broken(dict[str, Any]):
    def __iter__(self) -> Any:
        raise OSError("no keys")


def test_facts_that_copy_themselves_badly_are_copied_and_broken_ones_left_out(
    hub: MessageHub, caplog: pytest.LogCaptureFixture
) -> None:
    deep: Any = 1
    for _ in range(3000):
        deep = [deep]
    proxy = MappingProxyType({"a": deque([WithGraph(3)], 4)})
    hub.update_info_dict({"proxy": proxy, "deep": deep, "broken": Broken(a=1)})
    info = hub.state_dict()["runtime_info"]
    assert {*info} == {"proxy"}
    assert (info["proxy"]["a"][0].value, info["proxy"]["a"].maxlen) == (3, 4)
    assert info["proxy"]["a"] is not proxy["a"]
    hub.state_dict()
    assert [each.args[0] for each in caplog.records] == ["deep", "broken"]  # type: ignore[index]


def test_the_state_of_another_hub_is_taken_whole(hub: MessageHub) -> None:
    hub.update_scalar("loss", 0.5)
    hub.update_info("iter", 7)
    other = MessageHub.get_instance("other")
    other.load_state_dict(hub)
    assert values(other, "loss") == [0.5]
    assert other.get_info("iter") == 7
    other.update_scalar("loss", 1.0)
    assert values(hub, "loss") == [0.5]


@pytest.mark.parametrize("form", ["our class", "a stand-in"])
def test_the_hub_of_an_mmengine_checkpoint_is_read(hub: MessageHub, form: str) -> None:
    """Its histories are objects with two arrays, of its class or of what stood in for it."""
    arrays = {"_log_history": np.array([0.1, 0.5]), "_count_history": np.array([1, 1])}
    history: Any = SimpleNamespace(**arrays, max_length=1000000, statistics_methods={})
    if form == "our class":
        history = HistoryBuffer.__new__(HistoryBuffer)
        history.__setstate__({**arrays, "max_length": 1000000, "statistics_methods": {}})
    hub.load_state_dict(
        {
            "log_scalars": {"loss": history},
            "runtime_info": {"iter": 7, "function": print},
            "resumed_keys": {"loss": True, "iter": True, "function": True, "skipped": False},
        }
    )
    hub.update_scalar("loss", 0.9)
    assert values(hub, "loss") == [0.1, 0.5, 0.9]
    assert hub.get_info("iter") == 7


def test_a_state_that_promises_more_than_it_holds_is_read_as_far_as_it_goes(
    hub: MessageHub, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        hub.load_state_dict(
            {
                "log_scalars": {"odd": 3, "odder": {"a": 1}},
                "runtime_info": {"iter": 1},
                "resumed_keys": {"odd": True, "odder": True, "gone": True, "iter": True},
            }
        )
    assert hub.runtime_info == {"iter": 1}
    assert hub.log_scalars == {}
    assert [record.args[0] for record in caplog.records if record.args] == ["odd", "odder", "gone"]


@pytest.mark.parametrize(
    ("state", "error"), [(3, TypeError), ({}, ValueError), ({"log_scalars": {}}, ValueError)]
)
def test_what_is_no_state_is_refused(hub: MessageHub, state: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="state"):
        hub.load_state_dict(state)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"log_scalars": {"a": 3}}, TypeError),
        ({"runtime_info": 3}, TypeError),
        ({"resumed_keys": {"z": True}}, ValueError),
    ],
)
def test_a_hub_begins_with_what_it_is_given(
    arguments: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        MessageHub("x", **arguments)
    given = MessageHub("x", {"a": HistoryBuffer([1], [1])}, {"b": 1}, {"a": True, "b": False})
    assert given.state_dict()["resumed_keys"] == {"a": True, "b": False}


def test_a_state_tells_which_keys_are_not_resumed() -> None:
    hub = MessageHub("resumed_or_not")
    hub.update_scalar("shown", 1, resumed=False)
    hub.update_info("kept", 2)
    state = hub.state_dict()
    assert state["resumed_keys"] == {"shown": False, "kept": True}
    assert (state["log_scalars"], state["runtime_info"]) == ({}, {"kept": 2})
    later = MessageHub("resumed_later")
    later.load_state_dict(state)
    later.update_scalar("shown", 5, resumed=True)  # nothing of it was taken over
    copied = MessageHub("resumed_copy")
    copied.load_state_dict(hub)
    assert copied.get_scalar("shown").current() == 1
    assert copied.state_dict()["resumed_keys"] == state["resumed_keys"]
