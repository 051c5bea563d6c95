"""Optimizers of other packages are found by name, and a missing package is named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from engine_optim import build_optim_wrapper, external_optimizers
from engine_optim.external_optimizers import OPTIONAL


@pytest.mark.parametrize("name", ["Lion", "DAdaptAdam", "DAdaptSGD", "Prodigy", "SophiaG"])
def test_it_trains(name: str) -> None:
    package = OPTIONAL[name][0]
    pytest.importorskip(package, reason=f"{OPTIONAL[name][2]} is an optional package")
    model = nn.Linear(2, 1)
    before = model.weight.detach().clone()
    wrapper = build_optim_wrapper(model, {"optimizer": {"type": name, "lr": 0.1}})
    for _ in range(3):
        wrapper.update_params(model(torch.ones(4, 2)).square().mean())
    assert type(wrapper.optimizer).__name__ == name
    assert not torch.equal(model.weight, before)


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_missing_package_is_named_with_its_command(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _, package = OPTIONAL[name]
    for each in (module, module.partition(".")[0]):  # it may have been imported before
        monkeypatch.setitem(sys.modules, each, None)
    with pytest.raises(ImportError, match=f"{name} needs a package: pip install {package}$"):
        getattr(external_optimizers, name)


def test_a_config_that_names_it_gets_that_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(ImportError, match="SGD8bit needs a package: pip install bitsandbytes"):
        build_optim_wrapper(nn.Linear(1, 1), {"optimizer": {"type": "SGD8bit", "lr": 0.1}})


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Makes a package prodigyopt of some code."""
    monkeypatch.syspath_prepend(tmp_path)
    before = sys.modules.pop("prodigyopt", None)

    def make(code: str) -> None:
        (tmp_path / "prodigyopt.py").write_text(code, "utf-8")

    yield make
    sys.modules.pop("prodigyopt", None)
    if before is not None:
        sys.modules["prodigyopt"] = before


def test_a_package_that_is_broken_says_so_itself(package: Callable[[str], None]) -> None:
    package("import a_part_that_is_missing")
    with pytest.raises(ModuleNotFoundError, match="a_part_that_is_missing"):
        _ = external_optimizers.Prodigy


def test_a_package_without_the_optimizer_is_named(package: Callable[[str], None]) -> None:
    package("")
    with pytest.raises(ImportError, match=r"prodigyopt\.Prodigy.*pip install --upgrade prodigyopt"):
        _ = external_optimizers.Prodigy


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Prodgy'"):
        _ = external_optimizers.Prodgy
