"""Which device there is to train on."""

from __future__ import annotations

import pytest
import torch

from engine_runner import device

HAS_GPU = torch.accelerator.is_available()


def test_the_device_is_torchs_accelerator_or_the_cpu() -> None:
    accelerator = torch.accelerator.current_accelerator()
    expected = accelerator.type if HAS_GPU and accelerator else "cpu"
    assert device.get_device() == expected
    assert torch.ones(1, device=device.get_device()).sum() == 1


@pytest.mark.parametrize("name", ["cuda", "npu", "mlu", "mps", "dipu", "musa", "xpu"])
def test_each_kind_can_be_asked_for(name: str) -> None:
    found = getattr(device, f"is_{name}_available")()
    assert found is (device.get_device() == name)


@pytest.mark.skipif(HAS_GPU, reason="there is an accelerator")
def test_without_an_accelerator_there_is_no_memory_to_tell() -> None:
    assert device.max_memory_mb("cpu") is None
    assert not device.is_npu_support_full_precision()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_the_memory_that_tensors_took_is_told() -> None:
    kept = torch.ones(2**22, device="cuda")  # 16 MB
    assert device.max_memory_mb("cuda") >= 16
    assert device.get_max_cuda_memory() >= 16
    del kept
