"""MMEngine as the oracle: programs run on both sides; collected by `hatch run oracle` and with the
clients, whose environment has what MMEngine imports."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
asked = "ENGINE_ORACLE" in os.environ or "ENGINE_CLIENTS" in os.environ
collect_ignore_glob = [] if asked else ["test_*.py"]

sys.path.insert(0, str(HERE / "library"))
sys.path.insert(0, str(HERE))


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the search is."""
    parser.addoption("--examples", type=float, default=1.0, help="times as many programs")
    parser.addoption(
        "--seed", type=int, default=0, help="of the programs; -1 for other ones each time"
    )
    parser.addoption("--areas", default="", help="names of areas, with commas")


@pytest.fixture(scope="session")
def pair(original: tuple[str, dict[str, str]]) -> Iterator[object]:
    """Both sides, alive for all tests."""
    from sides import Pair

    with Pair.started(*original) as pair:
        yield pair


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``area`` runs for each of those that are wanted."""
    if "area" in metafunc.fixturenames:
        from areas import AREAS

        wanted = metafunc.config.getoption("--areas").split(",")
        metafunc.parametrize("area", [a for a in AREAS if wanted == [""] or a in wanted])
