from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine_visual import compare, plot_scalars


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "20260101_000000" / "vis_data"
    folder.mkdir(parents=True)
    lines = []
    for step in range(10, 101, 10):
        loss = 2 / step if step != 50 else math.nan
        clock = {"epoch": (step - 1) // 20 + 1, "iter": step, "step": step}
        lines.append({"loss": loss, "lr": 0.1, **clock})
    lines += [{"acc": epoch / 5, "step": epoch} for epoch in range(1, 6)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "scalars.json").write_text(text, encoding="utf-8")
    return tmp_path / "work"


def test_each_scalar_has_a_panel_with_its_best_value(work_dir: Path, tmp_path: Path) -> None:
    figure = plot_scalars(work_dir, out=tmp_path / "new" / "a.png")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "acc", "lr"]
    assert [axes.get_title(loc="right") for axes in figure.axes] == [
        *("best 0.02 at 5", "best 1 at 5", ""),
    ]
    assert {axes.get_xlabel() for axes in figure.axes} == {"epoch"}
    (line, best) = figure.axes[1].lines
    assert list(line.get_xdata()) == [1, 2, 3, 4, 5]
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (5, 1)
    with Image.open(tmp_path / "new" / "a.png") as image:
        assert 1438 <= image.width <= 1440 and np.ptp(np.asarray(image.convert("L"))) > 200


def test_the_axis_can_be_iterations(work_dir: Path) -> None:
    figure = plot_scalars(work_dir, "acc", axis="iteration")
    assert list(figure.axes[0].lines[0].get_xdata()) == [20, 40, 60, 80, 100]


def test_smoothing_leaves_the_values_behind_it(work_dir: Path) -> None:
    figure = plot_scalars(work_dir, ["loss"], smooth=0.5)
    faint, line, _ = figure.axes[0].lines
    assert faint.get_alpha() < 0.5 and line.get_alpha() is None
    assert line.get_ydata()[2] > faint.get_ydata()[2]


def test_a_learning_rate_is_not_smoothed(work_dir: Path) -> None:
    assert len(plot_scalars(work_dir, "lr", smooth=0.5).axes[0].lines) == 1


def test_svg_is_written(work_dir: Path, tmp_path: Path) -> None:
    plot_scalars(work_dir, "loss", out=tmp_path / "a.svg")
    assert "<svg" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_runs_are_compared_panel_by_panel(work_dir: Path) -> None:
    figure = compare({"a": work_dir, "b": work_dir}, ["loss", "acc"])
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels == ["a: best 1 at 5", "b: best 1 at 5"]
    names = [
        text.get_text().split(":")[0]
        for text in compare([work_dir, work_dir], "acc").axes[0].get_legend().get_texts()
    ]
    assert names == ["work", "work (2)"]


def test_a_scalar_that_one_run_lacks_is_drawn_for_the_others(
    work_dir: Path, tmp_path: Path
) -> None:
    other = tmp_path / "scalars.json"
    other.write_text('{"loss": 1.0, "step": 100}\n', encoding="utf-8")
    figure = compare({"a": work_dir, "b": other}, ["loss", "acc"])
    assert [len(axes.get_legend().get_texts()) for axes in figure.axes] == [2, 1]
    assert figure.axes[0].get_xlabel() == "iteration"
    with pytest.raises(KeyError, match="no scalar 'nonesuch'"):
        compare({"a": work_dir, "b": other}, ["loss", "nonesuch"])
    with pytest.raises(ValueError, match="at least one run"):
        compare([])
