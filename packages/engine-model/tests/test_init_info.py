from __future__ import annotations

import logging
from typing import Any

import pytest
from torch import nn

from engine_model import BaseModule, update_init_info


class Net(BaseModule):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conv = nn.Conv2d(1, 1, 1)
        self.linear = nn.Linear(1, 1)
        self.rest = nn.Linear(1, 1, bias=False)

    def init_weights(self) -> None:
        super().init_weights()
        nn.init.constant_(self.rest.weight, 42)


class Outer(BaseModule):
    def __init__(self) -> None:
        super().__init__({"type": "Constant", "layer": "Conv2d", "val": 7.0, "bias": 8.0})
        self.net = Net(init_cfg={"type": "Constant", "layer": "Linear", "val": 3.0, "bias": 4.0})
        self.own = OwnWay()


class OwnWay(BaseModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1, bias=False)

    def init_weights(self) -> None:
        nn.init.constant_(self.layer.weight, 42)
        update_init_info(self.layer, init_info="by hand")


def test_the_log_file_says_once_where_each_parameter_is_from(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "engine_model.init_info")
    Outer().init_weights()
    (record,) = caplog.records
    assert getattr(record, "file_only", False)
    head, *lines = record.getMessage().splitlines()
    assert head == "initialisation of Outer"
    assert [line.strip() for line in lines] == [
        "net.conv.weight (1, 1, 1, 1): ConstantInit: val=7.0, bias=8.0",
        "net.conv.bias (1,): ConstantInit: val=7.0, bias=8.0",
        "net.linear.weight (1, 1): ConstantInit: val=3.0, bias=4.0",
        "net.linear.bias (1,): ConstantInit: val=3.0, bias=4.0",
        "net.rest.weight (1, 1): an init_weights that doesn't say how",
        "own.layer.weight (1, 1): by hand",
    ]


def test_what_nothing_has_changed_is_said_to_be_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "engine_model.init_info")
    Net().init_weights()
    assert {line.split(": ")[1] for line in caplog.records[0].getMessage().splitlines()[1:]} == {
        "as they were before init_weights of Net"
    }


def test_nothing_is_logged_at_higher_levels_or_outside(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "engine_model.init_info")
    Outer().init_weights()
    update_init_info(nn.Linear(1, 1), init_info="by hand")
    assert not caplog.records
