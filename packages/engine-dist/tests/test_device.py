"""Devices: of data, of groups, and accelerators that torch does not know by itself."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict, namedtuple

import pytest
import torch

from engine_dist import cast_data_device, get_data_device
from engine_dist.device import accelerator_backend

Pair = namedtuple("Pair", ["a", "b"])
META = torch.device("meta")


def test_the_device_of_nested_data() -> None:
    data = [torch.ones(1), {"a": Pair(torch.ones(2), (torch.ones(1),))}]
    assert get_data_device(data) == torch.device("cpu")
    assert get_data_device(cast_data_device(data, META)) == META


@pytest.mark.parametrize("data", [[], {}, [[], {}]])
def test_data_without_tensors_has_no_device(data: object) -> None:
    with pytest.raises(ValueError, match="at least one tensor"):
        get_data_device(data)


def test_data_on_two_devices_has_no_device() -> None:
    with pytest.raises(ValueError, match="one device: got cpu, meta"):
        get_data_device((torch.ones(1), torch.ones(1, device="meta")))


@pytest.mark.parametrize("data", [1, "text", [1], {"a": None}])
def test_what_is_no_tensor_is_refused(data: object) -> None:
    with pytest.raises(TypeError, match="must be a tensor"):
        get_data_device(data)
    with pytest.raises(TypeError, match="must be a tensor"):
        cast_data_device(data, META)


def test_a_cast_keeps_the_containers() -> None:
    data = OrderedDict(pair=Pair(torch.ones(1), torch.ones(2)), many=[(torch.ones(3),)])
    moved = cast_data_device(data, META)
    assert type(moved) is OrderedDict and type(moved["pair"]) is Pair
    assert type(moved["many"]) is list and type(moved["many"][0]) is tuple
    assert moved["pair"].b.is_meta and moved["many"][0][0].shape == (3,)


def test_a_cast_fills_out() -> None:
    data = {"a": torch.ones(2), "b": [torch.ones(1)]}
    out = {"a": torch.zeros(2), "b": [torch.zeros(1)]}
    assert cast_data_device(data, torch.device("cpu"), out=out) is out
    assert out["a"].tolist() == [1.0, 1.0] and out["b"][0].tolist() == [1.0]
    for wrong in ([torch.zeros(2), torch.zeros(1)], {"a": torch.zeros(2)}):
        with pytest.raises(ValueError, match="structure of data"):
            cast_data_device(data, torch.device("cpu"), out=wrong)


def test_a_back_end_stands_for_that_of_the_machine() -> None:
    here = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    if here is None:
        assert accelerator_backend("nccl") == accelerator_backend("hccl") == "gloo"
    else:
        assert accelerator_backend("hccl") == accelerator_backend("nccl") != "gloo"
    assert accelerator_backend("gloo") == "gloo"
    assert accelerator_backend("cpu:gloo,cuda:nccl") == "cpu:gloo,cuda:nccl"


FAKE = """
import sys, types, torch
from torch.utils import rename_privateuse1_backend
name = sys.argv[1]
rename_privateuse1_backend(name)
module = types.ModuleType("torch." + name)
chosen = []
module.is_available = lambda: True
module.device_count = lambda: 2
module.current_device = lambda: chosen[-1]
module.set_device = chosen.append
torch._register_device_module(name, module)
from engine_dist import device
device.set_device(5)
print(device.accelerator(), device.accelerator_backend("nccl"), chosen)
"""


@pytest.mark.parametrize(
    ("name", "backend"), [("npu", "hccl"), ("mlu", "cncl"), ("musa", "mccl"), ("other", "gloo")]
)
def test_an_accelerator_from_outside_of_torch_is_found_by_its_name(name: str, backend: str) -> None:
    if torch.accelerator.is_available():
        pytest.skip("this machine has an accelerator of torch's own, which comes first")
    result = subprocess.run(
        [sys.executable, "-c", FAKE, name], capture_output=True, text=True, check=True
    )
    assert result.stdout.split(maxsplit=2) == [name, backend, "[1]\n"]
