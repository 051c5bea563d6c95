"""The config files of libraries have the values that they have with MMEngine 0.10.7.

Some are of OpenMMLab, some of others who build on mmengine. `--every-client` loads all of them,
which takes minutes; otherwise it's a few of each library.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from trainings import GROUPS, HERE, MMENGINE, Side, installed

# group of what is installed together: the folders of configs in it, and how many there are at least
FOLDERS = {
    "mmcv-2.0": {"mmocr/.mim/configs": 110, "mmyolo/.mim/configs": 140},
    "mmcv-2.1": {
        "mmaction/.mim/configs": 240,
        "mmdet/.mim/configs": 860,
        "mmpose/.mim/configs": 450,
        "mmseg/.mim/configs": 760,
    },
    "published": {
        "mmselfsup/.mim/configs": 180,
        "opencompass/configs": 2100,
        "xtuner/configs": 320,
    },
}
FEW = 12


@pytest.fixture(params=FOLDERS)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> list[dict[str, dict[str, Any]]]:
    """What ours and what MMEngine's loads of the files of each folder."""
    home = Path(sys.prefix, "clients")
    home.mkdir(exist_ok=True)
    # from elsewhere: MMEngine takes what lies in Python's own folder for Python's, and imports it
    library, original = (tmp_path / name for name in (request.param, "mmengine"))
    library.symlink_to(installed(home / library.name, GROUPS[library.name]))
    original.symlink_to(installed(home / original.name, (MMENGINE,)))
    every = request.config.getoption("--every-client")
    folders = FOLDERS[request.param]
    steps = [f"{each}:{1 if every else number // FEW}" for each, number in folders.items()]
    found = []
    for side in (Side((library,)), Side((original, library), is_original=True)):
        said = side.python(HERE / "configs.py", library, *steps, folder=tmp_path).splitlines()
        files = [json.loads(line[7:]) for line in said if line.startswith("found: ")]
        assert len(files) >= (sum(folders.values()) if every else FEW * len(folders))
        found.append({each.pop("file"): each for each in files})
    return found


def without_marks(value: Any) -> Any:
    """A value without each `_delete_` that MMEngine keeps, since its base has nothing there."""
    if isinstance(value, list):
        return [without_marks(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: without_marks(each) for key, each in value.items() if key != "str _delete_"}


def test_a_published_config_has_the_values_that_it_has_with_mmengine(
    both: list[dict[str, dict[str, Any]]],
) -> None:
    ours, theirs = both
    assert sorted(ours) == sorted(theirs)
    loaded = [name for name, each in theirs.items() if "values" in each]
    assert len(loaded) > len(theirs) / 2
    others = [name for name in loaded if ours[name] != theirs[name]]
    assert [name for name in others if ours[name] != without_marks(theirs[name])] == []
    # few, and named in docs/differences.md
    assert len(others) <= 3
