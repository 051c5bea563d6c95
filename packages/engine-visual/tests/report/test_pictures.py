from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine_visual.report.pictures import OF_A_NAME, SHOWN, SIDE, find_pictures


def write(folder: Path, name: str, size: tuple[int, int] = (8, 6)) -> None:
    path = folder / "run" / "vis_data" / "vis_image" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0], 3), 90, np.uint8)).save(path)


def test_names_and_steps_are_told_apart(tmp_path: Path) -> None:
    for name in ("val/cat_1_20.png", "val/cat_1_3.png", "plain.png"):
        write(tmp_path, name)
    found = [(picture.name, picture.step) for picture in find_pictures(tmp_path)]
    assert found == [("plain", None), ("val/cat_1", 3), ("val/cat_1", 20)]


@pytest.mark.parametrize("names", [1, 2, 5, 12, 30])
def test_the_first_and_the_last_are_among_those_shown(tmp_path: Path, names: int) -> None:
    for number in range(names):
        for step in range(1, 41):
            write(tmp_path, f"image{number:02}_{step}.png")
    found = find_pictures(tmp_path)
    assert len(found) == max(1, min(OF_A_NAME, SHOWN // names)) * min(names, SHOWN)
    steps = [picture.step for picture in found if picture.name == "image00"]
    assert steps == sorted(set(steps)) and steps[-1] == 40
    assert len(steps) == 1 or steps[0] == 1


def test_large_images_are_made_small(tmp_path: Path) -> None:
    write(tmp_path, "large_1.png", (2000, 1000))
    (picture,) = find_pictures(tmp_path)
    head, _, data = picture.address.partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.size == (SIDE, SIDE // 2)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert find_pictures(tmp_path) == []
