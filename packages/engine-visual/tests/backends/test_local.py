from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from backend_contract import PICTURE, BackendContract, PlainConfig, Recorded
from PIL import Image

import engine_fileio
from engine_visual.backends import BaseVisBackend, LocalVisBackend


class TestLocal(BackendContract):
    def make(self, folder: Path, **kwargs: Any) -> LocalVisBackend:
        return LocalVisBackend(str(folder), **{"strict": True, **kwargs})

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        found = Recorded()
        lines = folder / "scalars.json"
        for text in lines.read_text().splitlines() if lines.exists() else []:
            line = json.loads(text)
            step = line.pop("step")
            for name, value in line.items():
                found.scalars.setdefault(name, []).append((step, value))
        for path in (folder / "vis_image").glob("*.png"):
            name, _, step = path.stem.rpartition("_")
            found.images[name, int(step)] = np.asarray(Image.open(path))
        if (folder / "config.py").exists():
            found.config = (folder / "config.py").read_text()
        return found


def test_names_of_files_are_arguments(tmp_path: Path) -> None:
    backend = LocalVisBackend(str(tmp_path), "pictures", "my_config.py", "numbers.json")
    backend.add_image("a", PICTURE)
    backend.add_config(PlainConfig(seed=1))
    backend.add_scalar("loss", 1)
    backend.close()
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert found == {"pictures/a_0.png", "my_config.py", "numbers.json"}


@pytest.mark.parametrize("argument", ["config_save_file", "scalar_save_file"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, argument: str) -> None:
    with pytest.raises(ValueError, match=rf"{argument} must end in '\.\w+', got 'a\.txt'"):
        LocalVisBackend(str(tmp_path), **{argument: "a.txt"})


def test_a_line_has_the_numbers_and_the_step(tmp_path: Path) -> None:
    backend = LocalVisBackend(str(tmp_path), strict=True)
    backend.add_scalar("loss", 0.1, step=10)
    backend.add_scalars({"x": 1, "note": "text", "several": np.array([1, 2])}, step=3)
    assert (tmp_path / "scalars.json").read_text() == (
        '{"loss": 0.1, "step": 10}\n{"x": 1, "note": "text", "several": [1, 2], "step": 3}\n'
    )
    backend.close()


def test_a_further_file_gets_the_same_line(tmp_path: Path) -> None:
    backend = LocalVisBackend(str(tmp_path), strict=True)
    backend.add_scalar("loss", 1.0, step=1)
    backend.add_scalars({"acc": 0.5}, step=2, file_path="val.json")
    assert (tmp_path / "val.json").read_text() == '{"acc": 0.5, "step": 2}\n'
    assert (tmp_path / "scalars.json").read_text().count("\n") == 2
    with pytest.raises(ValueError, match="holds all scalars"):
        backend.add_scalars({"acc": 0.5}, file_path="scalars.json")
    with pytest.raises(ValueError, match=r"file_path must end in '\.json', got 'a\.txt'"):
        backend.add_scalars({"acc": 0.5}, file_path="a.txt")
    backend.close()


def test_a_killed_process_loses_no_line(tmp_path: Path) -> None:
    program = (
        "import os; from engine_visual.backends import LocalVisBackend\n"
        f"backend = LocalVisBackend({str(tmp_path)!r})\n"
        "for step in range(100): backend.add_scalar('loss', 1.0, step)\n"
        "os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    lines = (tmp_path / "scalars.json").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(100))


def test_a_line_that_a_crash_cut_is_removed(tmp_path: Path) -> None:
    (tmp_path / "scalars.json").write_text('{"loss": 1.0, "step": 1}\n{"loss": 1.')
    backend = LocalVisBackend(str(tmp_path), strict=True)
    backend.add_scalar("loss", 0.5, step=2)
    backend.close()
    lines = (tmp_path / "scalars.json").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of a file's size")
def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    program = f"""
import resource, signal
from engine_visual.backends import LocalVisBackend
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (110, 110))
backend = LocalVisBackend({str(tmp_path)!r})
for step in range(10): backend.add_scalar("loss", 1.0, step)
backend.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    lines = (tmp_path / "scalars.json").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [0, 1, 2, 3]
    assert "missed 6 calls (6 of add_scalar)" in done.stderr


def test_a_name_with_folders_makes_them(tmp_path: Path) -> None:
    backend = LocalVisBackend(str(tmp_path), strict=True)
    backend.add_image("val/first", PICTURE, step=2)
    backend.close()
    assert (tmp_path / "vis_image/val/first_2.png").exists()


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (np.zeros((4, 4, 3)), TypeError, "got ndarray of float64"),
        ([[0]], TypeError, "got list"),
        (np.zeros((4, 4, 4), np.uint8), ValueError, r"\(4, 4, 4\)"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, r"\(0, 4, 3\)"),
    ],
)
def test_what_is_no_image_is_refused(
    tmp_path: Path, image: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        LocalVisBackend(str(tmp_path), strict=True).add_image("a", image)


def test_a_grey_image_is_written_too(tmp_path: Path) -> None:
    backend = LocalVisBackend(str(tmp_path), strict=True)
    backend.add_image("a", np.full((4, 5), 7, np.uint8))
    assert np.asarray(Image.open(tmp_path / "vis_image/a_0.png")).tolist() == [[[7] * 3] * 5] * 4


def test_a_mapping_is_a_config(tmp_path: Path) -> None:
    backend = LocalVisBackend(str(tmp_path), strict=True)
    backend.add_config({"seed": 1, "sizes": (1, 2)})
    assert (tmp_path / "config.py").read_text() == "seed = 1\nsizes = [1, 2]\n"
    with pytest.raises(TypeError, match="to_dict"):
        backend.add_config(3)


def test_a_store_that_is_no_folder_will_do() -> None:
    backend = LocalVisBackend("memory://run", strict=True)
    backend.add_scalar("loss", 1.0, step=1)
    backend.add_image("a", PICTURE, step=1)
    backend.close()
    backend.add_scalar("loss", 0.5, step=2)
    backend.close()
    backend.close()
    lines = engine_fileio.get_text("memory://run/scalars.json").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2]
    assert engine_fileio.get("memory://run/vis_image/a_1.png").startswith(b"\x89PNG")


def test_warnings_are_of_our_own_logger(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    backend = LocalVisBackend(str(tmp_path))
    with caplog.at_level(logging.WARNING):
        backend.add_scalars(3)  # type: ignore[arg-type] # what a user might do
    (record,) = caplog.records
    assert record.name.startswith("engine_visual.")
    assert record.exc_info is not None
