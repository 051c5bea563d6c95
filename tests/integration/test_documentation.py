"""The snippets of docs/ run, in their order, and print what the page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pages
import pytest

# pages that a test of their own runs, which knows what has to come out
RUN_ELSEWHERE = {
    *(
        "get_started/fifteen_minutes",
        "how_to/debugging",
        "how_to/detection_segmentation",
        "how_to/reproducibility",
        "how_to/speed",
    ),
    *("tutorials/evaluation", "tutorials/hooks", "tutorials/inference", "tutorials/models"),
}
PAGES = [page for page in pages.pages_with_code() if page not in RUN_ELSEWHERE]
TRANSLATIONS = sorted(
    path.relative_to(pages.DOCS).with_suffix("").as_posix() for path in pages.DOCS.rglob("*.zh.md")
)

RunPage = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_and_prints_what_it_says(
    page: str, run_page: RunPage, capfd: pytest.CaptureFixture[str]
) -> None:
    run_page(page)
    shown = capfd.readouterr().out
    assert pages.first_missing(pages.said_of(pages.blocks_of(page)), shown) is None, shown


@pytest.mark.parametrize("page", TRANSLATIONS)
def test_a_translation_has_the_same_code(page: str) -> None:
    translated, original = (
        [(block.language, block.title, pages.code_of(block)) for block in pages.blocks_of(name)]
        for name in (page, page.removesuffix(".zh"))
    )
    assert translated == original


def test_models_run_as_documented(run_page: RunPage, capsys: pytest.CaptureFixture[str]) -> None:
    names = run_page("tutorials/models")
    assert names["report"].is_ready
    shown = capsys.readouterr().out
    assert "nothing is wrong" in shown


def test_interrupted_trainings_go_on_as_documented(run_page: RunPage) -> None:
    names = run_page("how_to/reproducibility")
    assert names["whole"].equal(names["rest"])


def test_times_and_failures_are_as_documented(
    run_page: RunPage, capsys: pytest.CaptureFixture[str]
) -> None:
    run_page("how_to/speed")
    assert "'train/hooks_time'" in capsys.readouterr().out
    run_page("how_to/debugging")
    said = capsys.readouterr().out
    assert "(samples [" in said and "77" in said
    assert "tensor(nan" in said
    assert "the layer norm (LayerNorm) is the first whose output is not finite" in said


@pytest.mark.usefixtures("torchvision_imports")
def test_models_of_other_libraries_train_as_written(
    run_page: RunPage, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torchvision.models", reason="needs torchvision")
    test_a_page_runs_and_prints_what_it_says("how_to/detection_segmentation", run_page, capfd)


def test_fifteen_minutes_are_as_written(
    run_page: RunPage, capsys: pytest.CaptureFixture[str]
) -> None:
    names = run_page("get_started/fifteen_minutes")
    assert names["trained"].epoch == 20
    log = capsys.readouterr().out
    assert "resumed epoch: 10" in log
    found, labels = (re.findall(r"\d", text) for text in log.splitlines()[-1].split(" are "))
    assert sum(a == b for a, b in zip(found, labels, strict=True)) >= 4
    assert Path("work_dirs/digits/report.html").stat().st_size > 10_000
