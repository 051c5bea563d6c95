from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine_visual import Visualizer, write_report

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser: apt-get install chromium"
)


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    """What a run of ten epochs leaves behind, written by the back-end itself."""
    folder = tmp_path / "resnet <18>" / "20260101_000000"
    v = Visualizer(vis_backends=[{"type": "LocalVisBackend"}], save_dir=str(folder))
    v.add_config({"model": "ResNet", "comment": "<script>alert(1)</script>"})
    for step in range(5, 101, 5):
        line = {"lr": 0.1 / step, "data_time": 0.01, "time": 0.1 + step % 3 / 100}
        line |= {"loss": 3 / step, "epoch": (step + 9) // 10, "iter": step}
        v.add_scalars(line, step=step)
        if step % 10 == 0:
            v.add_scalars({"accuracy/top1": 1 - 5 / (step + 5)}, step=step // 10)
    v.set_image(np.full((60, 80, 3), (0, 160, 60), np.uint8))
    for name, step in (("val/cat_1", 3), ("val/cat_1", 20), ("dog", 5)):
        v.add_image(name, v.draw_texts(str(step), np.array([5, 5])).get_image(), step)
    v.close()
    return folder.parent


def test_the_report_holds_everything_of_the_run(work_dir: Path) -> None:
    path = write_report(work_dir)
    assert path == work_dir / "report.html"
    text = path.read_text(encoding="utf-8")
    assert "<h1>resnet &lt;18&gt;</h1>" in text
    charts = re.findall(r"<figcaption>(\S+) <small>([^<]*)</small></figcaption><svg", text)
    assert dict(charts) == {
        "loss": "best 0.03 at epoch 10, last 0.03",
        "lr": "last 0.001",
        "accuracy/top1": "best 0.9524 at epoch 10, last 0.9524",
        "data_time": "last 0.01",
        "time": "last 0.11",
    }
    assert re.findall(r"<figcaption>(\S+) <small>step (\d+)", text) == [
        *(("dog", "5"), ("val/cat_1", "3"), ("val/cat_1", "20")),
    ]
    assert html.escape("<script>alert(1)</script>", quote=False) in text


def test_the_report_asks_for_nothing_else(work_dir: Path) -> None:
    text = write_report(work_dir).read_text(encoding="utf-8")
    addresses = re.findall(r"""(?:src|href)=["']?([^"'\s>]{5})|url\(|@import""", text)
    assert set(addresses) == {"data:"}
    assert re.findall(r"https?://[^\s\"'<)]+", text) == ["http://www.w3.org/2000/svg"]
    assert text.count("<script>") == 1


def test_the_report_goes_where_it_is_told(work_dir: Path, tmp_path: Path) -> None:
    path = write_report(work_dir, tmp_path / "new" / "page.html")
    assert path.is_file() and not (work_dir / "report.html").exists()


def test_a_run_without_images_and_config_has_curves(tmp_path: Path) -> None:
    folder = tmp_path / "vis_data"
    folder.mkdir()
    (folder / "scalars.json").write_text(json.dumps({"loss": 1.0, "step": 1}) + "\n")
    (folder / "vis_image").mkdir()
    (folder / "vis_image" / "broken_1.png").write_bytes(b"no image")
    text = write_report(tmp_path).read_text(encoding="utf-8")
    assert "<svg" in text and "<img" not in text and "<pre>" not in text


def test_without_scalars_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no scalars below"):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())


def browse(page: Path, *options: str) -> str:
    """What a browser without a screen and without a network says about ``page``."""
    assert CHROMIUM
    profile = page.parent / "profile"
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               f"--user-data-dir={profile}", "--proxy-server=127.0.0.1:1",
               "--disable-dev-shm-usage", *options, page.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@needs_chromium
def test_a_browser_shows_curves_and_pictures(work_dir: Path, tmp_path: Path) -> None:
    page = write_report(work_dir, tmp_path / "page.html")
    shot = tmp_path / "shot.png"
    browse(page, "--window-size=1340,1500", f"--screenshot={shot}")
    with Image.open(shot) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape == (1500, 1340, 3)
    line, best, cat = (31, 111, 235), (209, 72, 15), (0, 160, 60)
    for color, least in ((line, 1000), (best, 20), (cat, 3000)):
        assert (np.abs(pixels - color).max(axis=2) < 25).sum() > least


@needs_chromium
def test_the_pointer_shows_a_value(work_dir: Path, tmp_path: Path) -> None:
    page = write_report(work_dir, tmp_path / "page.html")
    text = page.read_text(encoding="utf-8")
    move = """<script>
      const svg = document.querySelector("svg[aria-label='loss']");
      const box = svg.getBoundingClientRect();
      svg.dispatchEvent(new PointerEvent("pointermove", {clientX: box.right, clientY: box.top}));
    </script></body>"""
    page.write_text(text.replace("</body>", move), encoding="utf-8")
    assert re.search(r'visibility="visible"[^>]*>0\.03 at 10</text>', browse(page, "--dump-dom"))
