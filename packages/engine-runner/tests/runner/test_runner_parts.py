"""The parts of a runner, each by itself: none of these tests has a runner."""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from engine_config import Config
from engine_logging import MessageHub
from engine_model import PlainModel
from engine_optim import OptimWrapper
from engine_optim.scheduler import StepLR
from engine_runner.hooks import Hook, HookTable
from engine_runner.logs import LogProcessor
from engine_runner.runner.checkpointer import Checkpointer
from engine_runner.runner.delegation import delegated, forwarded
from engine_runner.runner.hook_registrar import HookRegistrar
from engine_runner.runner.loop_table import REQUESTED, LoopTable
from engine_runner.runner.object_builder import ObjectBuilder
from engine_runner.runner.run_info import RunInfo
from engine_runner.state import TrainState
from engine_runner.strategy import SingleDeviceStrategy


@dataclass
class Training:
    """What a checkpointer sees of a runner; its steps note that they were called."""

    work_dir: str
    model: nn.Module = field(default_factory=lambda: nn.Linear(2, 1))
    state: TrainState = field(default_factory=TrainState)
    called: list[str] = field(default_factory=list)
    epoch: int = 0
    iter: int = 0
    seed: int | None = 3
    diff_rank_seed: bool = False
    experiment_name: str = "alone"
    model_name: str = "Linear"

    def __post_init__(self) -> None:
        self.strategy = SingleDeviceStrategy()
        optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1, momentum=0.9)
        self.optim_wrapper = OptimWrapper(optimizer)
        self.param_schedulers = [StepLR(self.optim_wrapper, step_size=1)]
        self.message_hub = MessageHub("alone")
        self.logger = logging.getLogger("alone")
        self.cfg = Config({"a": 1})
        self.train_loop = SimpleNamespace(epoch=0, iter=0, by_epoch=True, dataloader=[1, 2])
        self.info = RunInfo(self.work_dir, resume=True)
        loops = LoopTable(dict.fromkeys(REQUESTED), lambda mode, config: None)
        self.checkpointer = Checkpointer(
            *(self, self.info, loops), prepare_optimizer=lambda: self.called.append("prepare")
        )

    def step(self) -> None:
        self.optim_wrapper.update_params(self.model(torch.ones(1, 2)).sum())
        self.param_schedulers[0].step()

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        self.called.append(fn_name)

    def build_param_scheduler(self, scheduler: Any) -> Any:
        return scheduler

    def set_randomness(self, **settings: Any) -> None:
        self.called.append("set_randomness")

    def load_checkpoint(self, filename: str, map_location: Any = "cpu") -> Any:
        self.called.append("load_checkpoint")
        return self.checkpointer.load_checkpoint(filename, map_location)

    def resume(self, filename: str) -> None:
        self.called.append("resume")
        self.checkpointer.resume(filename)


def test_a_checkpointer_saves_and_resumes_through_the_steps_of_a_training(tmp_path: Path) -> None:
    first = Training(str(tmp_path))
    first.step()
    first.checkpointer.save_checkpoint(str(tmp_path), "epoch_1.pth", meta={"epoch": 1, "iter": 2})
    (tmp_path / "last_checkpoint").write_text(str(tmp_path / "epoch_1.pth"))
    again = Training(str(tmp_path))
    again.checkpointer.load_or_resume()
    again.checkpointer.load_or_resume()
    assert first.called == ["before_save_checkpoint"]
    assert again.called == ["resume", "load_checkpoint", "after_load_checkpoint", "prepare"]
    assert again.checkpointer.resumed_from == str(tmp_path / "epoch_1.pth")
    assert (again.state.epoch, again.state.iteration) == (1, 2)
    for training in (first, again):
        training.step()
    for one, other in zip(first.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert again.param_schedulers[0].last_step == first.param_schedulers[0].last_step


def test_a_checkpointer_loads_weights_alone_where_no_resume_is_asked_for(tmp_path: Path) -> None:
    first = Training(str(tmp_path))
    first.checkpointer.save_checkpoint(str(tmp_path), "epoch_1.pth")
    other = Training(str(tmp_path))
    other.info.resume, other.info.load_from = False, str(tmp_path / "epoch_1.pth")
    other.checkpointer.load_or_resume()
    assert other.called == ["load_checkpoint", "after_load_checkpoint"]
    assert torch.equal(first.model.weight, other.model.weight)
    assert other.checkpointer.has_loaded and other.checkpointer.resumed_from is None


def test_a_resume_that_was_overridden_reads_the_checkpoint_once(tmp_path: Path) -> None:
    first = Training(str(tmp_path))
    first.checkpointer.save_checkpoint(str(tmp_path), "epoch_1.pth")
    (tmp_path / "last_checkpoint").write_text(str(tmp_path / "epoch_1.pth"))
    again = Training(str(tmp_path))
    read, count = again.strategy.read, []

    def counted(*arguments: Any, **options: Any) -> Any:
        count.append(arguments[0])
        return read(*arguments, **options)

    again.strategy.read = counted  # type: ignore[method-assign]
    again.checkpointer.load_or_resume()
    assert count == [str(tmp_path / "epoch_1.pth")]


def test_run_info_keeps_what_it_seeded_with(tmp_path: Path) -> None:
    info = RunInfo(str(tmp_path))
    info.set_randomness(5, diff_rank_seed=True, per_sample=True)
    assert (info.seed, info.diff_rank_seed, info.per_sample) == (5, True, True)
    first = torch.rand(2)
    info.set_randomness(**info.randomness)
    assert torch.equal(torch.rand(2), first)


def test_a_loop_is_built_once_of_what_is_requested_then() -> None:
    built: list[tuple[str, Any]] = []
    loops = LoopTable(
        {**dict.fromkeys(REQUESTED), "train_cfg": {"max_epochs": 4}},
        lambda mode, config: built.append((mode, config)) or SimpleNamespace(max_epochs=9),
    )
    assert (loops.limit("max_epochs", 1), loops.limit("max_iters", None)) == (4, None)
    assert loops.get("val") is None
    loops.put("train", {"max_epochs": 5})
    assert loops.peek("train") == {"max_epochs": 5}
    assert loops.get("train") is loops.get("train") is loops.train
    assert built == [("train", {"max_epochs": 5})]
    assert loops.limit("max_epochs", 1) == 9
    with pytest.raises(RuntimeError, match="can't test: it was made without test_cfg"):
        loops.require("test", "test_cfg")


def test_each_hook_is_added_by_the_step_that_may_be_overridden() -> None:
    class Steps:
        def __init__(self) -> None:
            self.table = HookTable()
            self.registrar = HookRegistrar(self.table, self)
            self.added: list[Any] = []

        def register_hook(self, hook: Any, priority: Any = None) -> None:
            self.added.append(hook)
            self.registrar.register_hook(hook, priority)

        def register_default_hooks(self, hooks: Any = None) -> None:
            self.registrar.register_default_hooks(hooks)

        def register_custom_hooks(self, hooks: list[Any]) -> None:
            self.registrar.register_custom_hooks(hooks)

    steps, own = Steps(), Hook()
    steps.registrar.register_hooks({"timer": None, "checkpoint": {"interval": 3}}, [own])
    assert steps.added[-1] is own and len(steps.added) == len(steps.table.hooks) == 6
    assert steps.added[-2] == {"type": "CheckpointHook", "interval": 3}


@pytest.fixture
def context(tmp_path: Path) -> Any:
    return SimpleNamespace(
        **{"cfg": Config({}), "model": nn.Linear(2, 1), "strategy": SingleDeviceStrategy()},
        **{"experiment_name": "alone", "log_dir": str(tmp_path), "timestamp": "now"},
        **{"optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.5}}, "distributed": False},
    )


def test_a_builder_makes_objects_of_configs(context: Any) -> None:
    builder = ObjectBuilder(context, {}, loss=nn.functional.mse_loss)
    assert isinstance(builder.build_model(context.model), PlainModel)
    assert isinstance(builder.build_log_processor({"window_size": 5}), LogProcessor)
    assert builder.build_message_hub().instance_name == "alone"
    assert isinstance(builder.build_strategy(None), SingleDeviceStrategy)
    with pytest.raises(TypeError, match="log_processor must be a LogProcessor or a config, got 3"):
        builder.build_log_processor(3)  # type: ignore[arg-type]


def test_a_builder_takes_the_optimizer_of_the_step_that_may_be_overridden(context: Any) -> None:
    builder = ObjectBuilder(context, {})
    made = builder.build_optim_wrapper(context.optim_wrapper)
    context.build_optim_wrapper = lambda given: made
    builder.prepare_optimizer()
    assert context.optim_wrapper is made


def test_what_is_delegated_looks_like_the_part_and_acts_on_it() -> None:
    class Part:
        def __init__(self) -> None:
            self.value = 1

        def add(self, number: int, *, twice: bool = False) -> int:
            """Add a number."""
            self.value += 2 * number if twice else number
            return self.value

    class Whole:
        def __init__(self) -> None:
            self.part = Part()

        add = delegated("part", Part.add)
        value = forwarded("part", "value", "The sum.")

    whole = Whole()
    assert whole.add(2, twice=True) == whole.value == 5
    whole.value = 7
    assert whole.part.value == 7
    assert str(inspect.signature(Whole.add)) == str(inspect.signature(Part.add))
    assert (Whole.add.__doc__, Whole.value.__doc__) == ("Add a number.", "The sum.")
