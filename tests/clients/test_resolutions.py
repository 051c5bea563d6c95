"""Weights of one input size go into backbones of another as with MMEngine 0.10.7, in every way."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from programs import LIBRARY, start

# Whose own hooks make them fit. Swin's and BEiT's call `scipy.interpolate.interp2d`, which SciPy
# has no more: with them the error is compared.
RESIZED = ("VisionTransformer", "DistilledVisionTransformer", "ViTEVA02", "Old")


@pytest.fixture(scope="module")
def both(original: tuple[str, dict[str, str]]) -> list[dict[str, Any]]:
    """What MMEngine's loading leaves in each backbone, and what ours does."""
    folders = [Path(original[1]["PYTHONPATH"]), None]
    with ThreadPoolExecutor() as pool:
        told = pool.map(lambda first: start(LIBRARY / "resolutions.py", first=first), folders)
        return [json.loads(each.splitlines()[-1]) for each in told]


def test_every_way_of_loading_leaves_the_same(both: list[dict[str, Any]]) -> None:
    theirs, ours = both
    different = {
        (name, way): (found, ours[name][way])
        for name, ways in theirs.items()
        for way, found in ways.items()
        if found != ours[name][way]
    }
    assert different == {}


@pytest.mark.parametrize("name", RESIZED)
def test_what_its_hooks_make_fit_is_loaded_whole(both: list[dict[str, Any]], name: str) -> None:
    loaded = {way: found for way, found in both[1][name].items() if isinstance(found, dict)}
    assert len(loaded) >= 3
    for way, sums in loaded.items():
        assert [key for key, total in sums.items() if total == 0] == [], way
