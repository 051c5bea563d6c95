"""Runs side by side: what the table says, and what a browser shows of the page."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from engine_config import Config
from engine_fileio import copytree_from_local
from engine_runner.cli import main
from engine_runner.compare import comparison_table, differences, read_runs, write_comparison
from engine_visual import Visualizer

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser: apt-get install chromium"
)


def run_of(folder: Path, *, lr: float, best: float, **settings: object) -> Path:
    """What a run of ten epochs leaves behind, written by the back-end itself."""
    session = folder / "20260101_000000"
    v = Visualizer(vis_backends=[{"type": "LocalVisBackend"}], save_dir=str(session))
    v.add_config(Config({"model": {"type": "</script>"}, "lr": lr, **settings}))
    for step in range(10, 101, 10):
        line = {"lr": lr, "time": 0.1 + step / 1000, "loss": 3 / step, "epoch": step // 10}
        v.add_scalars({**line, "iter": step}, step=step)
        v.add_scalars({"accuracy": best - abs(step - 60) / 100}, step=step // 10)
    v.add_image("val/cat", np.full((20, 30, 3), (0, 160, 60), np.uint8), 5)
    v.close()
    log = session / "20260101_000000.log"
    log.write_text("2026/01/01 - engine - INFO - Python 3.11.7, torch 2.13.0, cpu, seed 7\n")
    return folder


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    slow = run_of(tmp_path / "slow", lr=0.01, best=0.8)
    return [slow, run_of(tmp_path / "fast <b>", lr=0.1, best=0.9, depth=[1, 2])]


def test_a_run_tells_its_numbers_and_what_it_ran_on(two: list[Path]) -> None:
    slow, fast = read_runs(two)
    assert (slow.best("accuracy"), slow.last("accuracy")) == pytest.approx((0.8, 0.4))
    assert fast.best("accuracy") == pytest.approx(0.9) and fast.best("depth") is None
    assert slow.seconds_per_iter == pytest.approx(0.155) and slow.memory_mb is None
    assert slow.facts == {"seed": "7", "torch": "2.13.0", "python": "3.11.7"}
    assert [each.name for each in slow.pictures] == ["val/cat"]


def test_remote_runs_are_read_as_those_on_the_disk(two: list[Path]) -> None:
    for folder in two:
        copytree_from_local(folder, f"memory://runs/{folder.name}")
    addresses = [f"memory://runs/{folder.name}/" for folder in two]
    there, here = read_runs(addresses), read_runs(two)
    assert comparison_table(there) == comparison_table(here)
    (lr,) = [each for each in differences(there) if each.key == "lr"]
    line = "20260101_000000/vis_data/config.py:1:"
    assert lr.places[0].startswith(f"memory://runs/slow/{line}")


def test_configs_are_compared_value_by_value_with_their_lines(two: list[Path]) -> None:
    found = {each.key: each for each in differences(read_runs(two))}
    assert set(found) == {"lr", "depth"}
    assert found["lr"].values == ["0.01", "0.1"] and found["depth"].values == [None, "[1, 2]"]
    for place, folder in zip(found["lr"].places, two, strict=True):
        path, line, _ = place.rsplit(":", 2)
        text = Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert folder in Path(path).parents and text.startswith("lr = ")


def test_the_command_prints_a_table_and_writes_the_page(
    two: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["compare", *map(str, two), "--key", "loss"])
    assert done.exit_code == 0, done.output
    head, slow, *_ = done.output.splitlines()
    assert head.split() == ["run", "loss", "best", "loss", "last", "s/iter", "MB", "seed", "torch"]
    assert slow.split() == ["slow", "0.03", "0.03", "0.155", "7", "2.13.0"]
    assert "page: compared.html" in done.output and Path("compared.html").is_file()
    wrong = CliRunner().invoke(main, ["compare", *map(str, two), "--key", "mAP"])
    assert wrong.exit_code == 1 and "no run has a scalar 'mAP'; there are loss" in wrong.output


def test_runs_of_one_name_are_told_apart_and_a_config_is_not_executed(tmp_path: Path) -> None:
    first, second = (run_of(tmp_path / part / "run", lr=1.0, best=1.0) for part in "ab")
    (config,) = second.glob("**/config.py")
    config.write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    runs = read_runs([first, second])
    assert [each.name for each in runs] == ["run", "run (2)"]
    assert runs[1].config is None and not (tmp_path / "ran").exists()
    assert "configs differ" not in comparison_table(runs)
    with pytest.raises(FileNotFoundError, match="no scalars below"):
        read_runs([tmp_path / "a" / "run" / "20260101_000000" / "vis_data" / "vis_image"])


def test_what_crashed_or_is_garbled_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good, garbled = (run_of(tmp_path / name, lr=1.0, best=1.0) for name in ("good", "garbled"))
    (path,) = garbled.glob("**/scalars.json")
    before = len(read_runs([garbled])[0].run.curves["loss"].values)
    path.write_bytes(
        path.read_bytes() + b'\xff\x00\n{"loss": 1' + 400 * b"0" + b', "step": 999}\n{"lo'
    )
    (tmp_path / "crashed").mkdir()
    runs = read_runs([good, tmp_path / "crashed", garbled])
    assert [each.name for each in runs] == ["good", "garbled"]
    assert len(runs[1].run.curves["loss"].values) == before
    assert "crashed is left out" in caplog.text and "unfinished" in caplog.text


def test_long_curves_are_thinned_and_keep_their_extremes(tmp_path: Path) -> None:
    folder = run_of(tmp_path / "long", lr=1.0, best=1.0)
    (path,) = folder.glob("**/scalars.json")
    values = [math.sin(i) for i in range(20_000)]
    values[7777], values[12345] = 5.0, float("nan")
    lines = ({"loss": v, "iter": i, "step": i} for i, v in enumerate(values))
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    page = write_comparison(read_runs([folder]), tmp_path / "page.html")
    text = page.read_text(encoding="utf-8")
    data = json.loads(re.findall(r'id="data">(.*?)</script>', text)[0])
    steps, kept = data["runs"][0]["curves"]["loss"]
    assert len(steps) <= 1001 and (steps[kept.index(5.0)], steps[-1]) == (7777, 19_999)
    assert min(kept) == pytest.approx(-1, abs=1e-3)


def browse(page: Path, script: str = "") -> str:
    """What a browser makes of a page in which a script does what a user would."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
               "--no-first-run", "--disable-background-networking", "--disable-sync",
               "--disable-component-update", "--disable-dev-shm-usage", "--dump-dom",
               page.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@needs_chromium
def test_a_browser_sorts_chooses_and_shows_values(two: list[Path], tmp_path: Path) -> None:
    page = write_comparison(read_runs(two), tmp_path / "page.html")
    script = """
    const heads = () => [...document.querySelectorAll("#runs th")];
    heads().find((each) => each.textContent === "accuracy best").click();
    heads().find((each) => each.textContent.startsWith("accuracy best")).click();
    document.querySelector("#key").value = "loss";
    document.querySelector("#key").dispatchEvent(new Event("input"));
    document.querySelectorAll("#runs input")[1].click();
    const canvas = document.querySelector("canvas");
    const at = {offsetX: canvas.clientWidth - 16, offsetY: canvas.clientHeight - 50};
    canvas.onmousemove({...at, target: canvas});
    """
    shown = browse(page, script)
    table = re.findall(r'<table id="runs">.*?</table>', shown, flags=re.S)[0]
    names = [re.sub("<.*?>", "", row) for row in re.findall(r"<tr[^>]*>(<td>.*?)</tr>", table)]
    assert names[0].startswith("fast &lt;b&gt;0.90.5") and names[1].startswith("slow0.80.4")
    assert re.search(r'id="value"[^>]*>fast [^:]*: 0.03 at epoch 10<', shown)
    settings = re.findall(r'<section id="settings">.*?</section>', shown, flags=re.S)[0]
    assert "[1, 2]<small>" in settings and ">slow<" not in settings
    assert shown.count('src="data:image/jpeg;base64,') == 1
