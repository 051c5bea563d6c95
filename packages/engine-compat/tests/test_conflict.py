"""The original distribution in the same environment is pointed out."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from mmengine.conflict import warn_of_the_original


@pytest.mark.parametrize("folder", ["mmengine-0.10.7.dist-info", "mmengine_lite-0.10.7.dist-info"])
def test_the_original_is_pointed_out_with_what_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (tmp_path / folder).mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(RuntimeWarning, match="pip uninstall -y mmengine mmengine-lite") as told:
        warn_of_the_original("mmengine")
    name = folder.split("-0")[0].replace("_", "-")
    assert str(told[0].message).startswith(f"{name} is installed beside engine-compat")


def test_nothing_is_said_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mmengine_more-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_the_original("mmengine")
