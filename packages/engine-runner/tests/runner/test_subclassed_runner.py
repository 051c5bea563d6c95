"""What libraries do with a runner of their own: assign, override, copy."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from toy import toy_runner, without_validation

from engine_runner import Runner


def arguments_of(work_dir: Any, **options: Any) -> dict[str, Any]:
    made: Any = toy_runner(work_dir, **without_validation(), **options)
    return {**made._arguments}


@pytest.mark.parametrize(
    "name", ["_load_from", "_hooks", "_train_loop", "_has_loaded", "_val_dataloader", "launcher"]
)
def test_what_is_assigned_before_the_constructor_is_replaced_by_it(
    tmp_path: Any, name: str
) -> None:
    class Own(Runner):
        def __init__(self, **arguments: Any) -> None:
            setattr(self, name, ["early"])
            assert getattr(self, name) == ["early"]
            super().__init__(**arguments)

    own = Own(**arguments_of(tmp_path))
    assert getattr(own, name) != ["early"]


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_of_a_runner_is_a_runner_of_its_own(tmp_path: Any, twin: Any) -> None:
    first = toy_runner(tmp_path, **without_validation())
    second = twin(first)
    second.train()
    assert second.train_loop.runner is second
    assert (first.iter, first.epoch, second.epoch) == (0, 0, 2)
    assert first.model.layer.weight.tolist() == [[0.5, 0.5]]


def test_loops_that_a_subclass_gives_are_run(tmp_path: Any) -> None:
    class Loop:
        def run(self) -> dict[str, int]:
            return {"mine": 1}

    class Own(Runner):
        @property
        def val_loop(self) -> Any:
            return Loop()

    assert Own(**toy_runner(tmp_path)._arguments).val() == {"mine": 1}


def test_a_resume_loads_as_a_subclass_does(tmp_path: Any) -> None:
    class Own(Runner):
        def load_checkpoint(self, filename: str, *arguments: Any, **options: Any) -> Any:
            found = super().load_checkpoint(filename, *arguments, **options)
            self.model.layer.weight.data.fill_(7.0)
            return {**found, "meta": {**found["meta"], "seed": 5}}

    toy_runner(tmp_path, **without_validation()).train()
    again = Own(**arguments_of(tmp_path, resume=True))
    again.train()
    assert again.model.layer.weight.tolist() == [[7.0, 7.0]]
    assert (again.epoch, again.seed) == (2, 5)


def test_a_validation_loop_finds_optimizer_and_schedulers_built(tmp_path: Any) -> None:
    class Own(Runner):
        def build_val_loop(self, loop: Any) -> Any:
            assert self.optim_wrapper.get_lr() == {"lr": [0.01]}
            assert len(self.param_schedulers) == 1
            return super().build_val_loop(loop)

    scheduler = {"type": "StepLR", "step_size": 1}
    Own(**toy_runner(tmp_path, param_scheduler=scheduler)._arguments).prepare_training()


def test_the_model_has_its_name_when_it_is_wrapped(tmp_path: Any) -> None:
    names = []

    class Own(Runner):
        def wrap_model(self, model_wrapper_cfg: Any, model: Any) -> Any:
            names.append(self.model_name)
            return super().wrap_model(model_wrapper_cfg, model)

    Own(**arguments_of(tmp_path))
    assert names == ["Line"]


def test_a_validation_needs_no_scheduler_to_be_built(tmp_path: Any) -> None:
    scheduler = {"type": "StepLR", "step_size": 1}
    assert toy_runner(tmp_path, param_scheduler=scheduler).val()["count"] == 5
