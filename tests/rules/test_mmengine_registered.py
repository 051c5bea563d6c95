"""Whatever a config of MMEngine's can name is registered with us under the same name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_registry.root import ROOT_REGISTRIES

LIST = Path(__file__).parents[1] / "reference" / "mmengine_registered.tsv"


def listed() -> Iterator[tuple[str, str]]:
    """(registry, name) of each line."""
    for line in LIST.read_text("utf-8").splitlines():
        registry, _, name, _ = line.split("\t")
        yield registry, name


def is_there(registry: str, name: str) -> bool:
    """Whether a name is registered; an optimizer of another package may lack only that."""
    try:
        return ROOT_REGISTRIES[registry].get(name) is not None
    except ImportError as error:
        return "pip install" in str(error)


def test_every_name_is_registered() -> None:
    entries = [*listed()]
    assert len(entries) > 150
    assert not [(registry, name) for registry, name in entries if not is_there(registry, name)]


@pytest.mark.parametrize("registry", ["OPTIMIZERS", "HOOKS"])
def test_a_name_that_is_missing_would_be_seen(registry: str) -> None:
    assert not is_there(registry, "NoSuchThing")
