"""The steps of an inferencer, and what a subclass may change."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from engine_config import Config
from engine_logging import MMLogger
from engine_registry import DefaultScope
from engine_runner.infer import BaseInferencer
from engine_visual import Visualizer


def test_inputs_go_through_the_four_steps_in_batches(sums: Any, weights: str, doubles: Any) -> None:
    inferencer = doubles(sums, weights)
    found = inferencer(["1.x", "2.x", "3.x"], batch_size=2)
    assert found["predictions"] == [4.0, 8.0, 12.0]
    assert len(found["visualization"]) == 3
    assert inferencer.model.sizes == [2, 1]


def test_one_input_is_a_list_of_one(sums: Any, weights: str, doubles: Any) -> None:
    assert doubles(sums, weights)("7.x")["predictions"] == [28.0]
    assert doubles(sums, weights)([])["predictions"] == []


def test_inputs_may_come_of_any_iterator(sums: Any, weights: str, doubles: Any) -> None:
    inferencer = doubles(sums, weights)
    names = ["1.x", "2.x", "3.x"]
    for inputs in (iter(names), (name for name in names), tuple(names), map(str, names)):
        assert inferencer(inputs, batch_size=2)["predictions"] == [4.0, 8.0, 12.0]


def test_a_subclass_may_yield_inputs_and_batches(sums: Any, weights: str, doubles: Any) -> None:
    class Yields(doubles):  # type: ignore[misc]
        def _inputs_to_list(self, inputs: Any) -> Any:
            yield from inputs

        def preprocess(self, inputs: Any, batch_size: int = 1, **kwargs: Any) -> Any:
            yield from super().preprocess(inputs, batch_size, **kwargs)

    found = Yields(sums, weights)(["1.x", "2.x", "3.x"], batch_size=2)
    assert found["predictions"] == [4.0, 8.0, 12.0]
    assert len(found["visualization"]) == 3


def test_a_folder_is_its_files_by_name(sums: Any, weights: str, doubles: Any, arrays: Path) -> None:
    assert doubles(sums, weights)(str(arrays))["predictions"] == [4.0, 8.0, 12.0]


def test_arguments_go_to_the_step_that_takes_them(sums: Any, weights: str, doubles: Any) -> None:
    inferencer = doubles(sums, weights)
    inferencer("1.x", before=1, during=2, drawing=3, after=4)
    assert inferencer.seen == {
        "preprocess": {"before": 1},
        "forward": {"during": 2},
        "visualize": {"drawing": 3},
        "postprocess": {"after": 4},
    }


def test_an_unknown_argument_is_told_with_close_names(
    sums: Any, weights: str, doubles: Any
) -> None:
    with pytest.raises(ValueError, match="no argument 'drawings'; close names: drawing"):
        doubles(sums, weights)("1.x", drawings=3)


def test_predictions_may_stay_objects(sums: Any, weights: str, doubles: Any) -> None:
    (found,) = doubles(sums, weights)("1.x", return_datasamples=True)["predictions"]
    assert found.shape == () and not found.requires_grad


def test_an_input_that_fails_is_named(sums: Any, weights: str, doubles: Any) -> None:
    with pytest.raises(ValueError, match="could not convert") as failure:
        doubles(sums, weights)(["1.x", "a.x"])
    assert failure.value.__notes__ == ["in the input a.x"]


def test_the_config_may_come_out_of_the_checkpoint(sums: Any, weights: str, doubles: Any) -> None:
    inferencer = doubles(weights=weights)
    assert inferencer.cfg.model == {"type": "Sum"}
    assert inferencer("1.x")["predictions"] == [4.0]


def test_without_weights_it_warns(sums: Any, doubles: Any) -> None:
    with pytest.warns(UserWarning, match="there are no weights"):
        inferencer = doubles(sums)
    assert inferencer("1.x")["predictions"] == [2.0]


def test_a_published_model_comes_with_its_weights(sums: Any, library: Path, doubles: Any) -> None:
    assert doubles("one", scope="mmsums")("1.x")["predictions"] == [4.0]
    assert doubles("mmsums::sum/one")("1.x")["predictions"] == [4.0]
    with pytest.raises(ValueError, match="mmsums publishes no weights of 'zwei'; give weights"):
        doubles("zwei", scope="mmsums")


def test_a_scope_that_is_given_comes_before_the_configs_and_the_one_in_force(
    sums: Any, weights: str, doubles: Any
) -> None:
    with DefaultScope.overwrite_default_scope("mmengine"):
        assert doubles(sums, weights).scope == "mmengine"
        assert doubles({**sums, "default_scope": "engine"}, weights).scope == "engine"
        assert doubles({**sums, "default_scope": "engine"}, weights, scope="mmb").scope == "mmb"


def test_neither_model_nor_weights_is_told(doubles: Any) -> None:
    with pytest.raises(ValueError, match="give a model, or weights that hold the config"):
        doubles()


def test_a_name_for_two_steps_is_refused_when_the_class_is_made(doubles: Any) -> None:
    with pytest.raises(ValueError, match="Twice: drawing would go to several steps"):
        type("Twice", (doubles,), {"forward_kwargs": {"drawing"}})
    with pytest.raises(TypeError, match="forward_kwargs must be a set of names"):
        type("Listed", (doubles,), {"forward_kwargs": ["during"]})


def test_what_a_library_must_say_is_abstract() -> None:
    wanted = {"_init_pipeline", "visualize", "postprocess"}
    assert BaseInferencer.__abstractmethods__ == wanted


def test_several_live_side_by_side_and_leave_nothing_behind(
    sums: Any, weights: str, doubles: Any
) -> None:
    handlers = [*logging.getLogger().handlers]
    first = doubles(
        Config({**sums, "default_scope": "mmengine", "visualizer": {"type": "Visualizer"}}), weights
    )
    second = doubles({**sums, "visualizer": {"type": "Visualizer", "_scope_": "mmengine"}}, weights)
    assert first.visualizer is not second.visualizer
    assert first("1.x")["predictions"] == second("1.x")["predictions"]
    assert first.scope == "mmengine" and second.scope is None
    assert DefaultScope.get_current_instance() is None
    assert not MMLogger._instance_dict and not Visualizer._instance_dict
    assert logging.getLogger().handlers == handlers
