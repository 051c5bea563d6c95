"""Which device there is to train on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine_dist import accelerator as device

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


# Torch's name of the back-end, and the package that adds it, of every device that is known.
BACKENDS = {
    "npu": "torch_npu",
    "mlu": "torch_mlu",
    "dipu": "torch_dipu",
    "musa": "torch_musa",
}


def run(code: str, folder: Path) -> str:
    """What a fresh interpreter prints, with ``folder`` among its modules."""
    paths = [str(folder), os.environ.get("PYTHONPATH", "")]
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


# What a package for a new accelerator does when it is imported.
FAKE = """
import sys, types, torch

torch.utils.rename_privateuse1_backend("{name}")
module = types.ModuleType("torch.{name}")
module.is_available = lambda: True
module.device_count = lambda: 1
module.current_device = lambda: 0
module.max_memory_allocated = lambda device=None: 5 * 2**20
module.reset_peak_memory_stats = lambda device=None: None
module.empty_cache = lambda: print("emptied")
torch._register_device_module("{name}", module)
"""


@pytest.mark.skipif(HAS_GPU, reason="there is an accelerator")
def test_a_device_of_nobodys_table_is_found_through_torch(tmp_path: Path) -> None:
    (tmp_path / "fake_device.py").write_text(FAKE.format(name="toaster"))
    code = (
        "import fake_device\nfrom engine_dist import accelerator as device\n"
        "print(device.get_device(), device.max_memory_mb('toaster'))\n"
        "device.empty_cache('toaster')"
    )
    assert run(code, tmp_path).splitlines() == ["toaster 5", "emptied"]


@pytest.mark.skipif(HAS_GPU, reason="there is an accelerator")
def test_a_device_that_a_package_adds_is_found(tmp_path: Path) -> None:
    (tmp_path / "torch_npu.py").write_text(FAKE.format(name="npu"))
    code = (
        "from engine_dist import accelerator as device\n"
        "print(device.get_device(), device.is_npu_available(), device.is_cuda_available())"
    )
    assert run(code, tmp_path) == "npu True False"


@pytest.mark.skipif(HAS_GPU, reason="there is an accelerator")
@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("name", BACKENDS)
def test_a_package_may_be_there_without_its_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_there: bool
) -> None:
    (tmp_path / f"{BACKENDS[name]}.py").write_text(
        "import torch, types\n"
        f"torch.{name} = types.SimpleNamespace(is_available=lambda: {is_there})"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, BACKENDS[name], raising=False)
    monkeypatch.setattr(torch, name, None, raising=False)
    assert getattr(device, f"is_{name}_available")() is is_there
    assert device.get_device() == (name if is_there else "cpu")
    sys.modules.pop(BACKENDS[name])


def test_nothing_is_given_back_where_torch_keeps_nothing() -> None:
    device.empty_cache("cpu")
