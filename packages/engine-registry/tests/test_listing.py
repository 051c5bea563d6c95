from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from engine_registry import MODELS, Registry, count_registered_modules, traverse_registry_tree
from engine_registry.root import ROOT_REGISTRIES


def test_a_tree_is_listed_from_its_root(tree: dict[str, Registry]) -> None:
    from collections import OrderedDict
    from xml.etree.ElementTree import Element

    tree["left"].register_module(module=OrderedDict)
    tree["left"].register_module(module=Element)
    listed = traverse_registry_tree(tree["right"], verbose=False)
    assert [each["scope"] for each in listed] == ["base", "left", "leaf", "right"]
    assert listed[1]["num_modules"] == 4
    assert listed[1]["xml/etree"] == ["Element"]
    assert "OrderedDict" in listed[1][""]


def test_the_survey_is_returned_written_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    MODELS.register_module("SurveyTest", module=list)
    try:
        with caplog.at_level(logging.INFO):
            survey = count_registered_modules(str(tmp_path))
    finally:
        MODELS.module_dict.pop("SurveyTest")
    assert list(survey["registries"]) == list(ROOT_REGISTRIES)
    assert "SurveyTest" in survey["registries"]["MODELS"][0][""]
    file = tmp_path / "modules_statistic_results.json"
    assert json.loads(file.read_text(encoding="utf-8")) == survey
    assert "in the model registry of engine" in caplog.text


def test_a_quiet_survey_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        count_registered_modules(verbose=False)
    assert not [each for each in caplog.records if "registry" in each.message]
