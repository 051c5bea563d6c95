"""Hooks: their order, their stages, and names that are misspelt."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from toy import QUIET, Points, loader, without_validation

from engine_runner import Runner
from engine_runner.hooks import Hook, HookTable, Priority, get_priority
from engine_runner.hooks.hook import STAGES


def named(name: str, priority: Any = "NORMAL") -> Hook:
    hook = type(name, (Hook,), {"before_run": lambda self, runner: None})()
    hook.priority = priority
    return hook


def order(table: HookTable) -> list[str]:
    return [type(hook).__name__ for hook in table.hooks]


@pytest.mark.parametrize(
    ("given", "number"),
    [("HIGHEST", 0), ("very_high", 10), ("Normal", 50), (Priority.LOW, 70), (100, 100), (0, 0)],
)
def test_a_priority_is_a_number(given: Any, number: int) -> None:
    assert get_priority(given) == number


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (101, ValueError, r"priority must lie in \[0, 100\], got 101"),
        (-1, ValueError, "got -1"),
        ("VERY_HIHG", ValueError, "no priority is called 'VERY_HIHG'; VERY_HIGH"),
        (1.5, TypeError, "priority must be an int, a name or a Priority, got 1.5"),
    ],
)
def test_what_is_no_priority_is_refused(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        get_priority(given)


def test_hooks_come_by_priority_and_then_as_they_were_added() -> None:
    table = HookTable()
    for hook in (named("A"), named("B", "LOW"), named("C"), named("D", 0), named("E", 60)):
        table.add(hook)
    table.add(named("F", "LOWEST"), "HIGHEST")
    assert order(table) == ["D", "F", "A", "C", "E", "B"]


def test_mmengines_default_hooks_come_in_its_order(toy: Any) -> None:
    assert [type(hook).__name__ for hook in toy().hooks] == [
        "RuntimeInfoHook",
        "IterTimerHook",
        "DistSamplerSeedHook",
        "LoggerHook",
        "ParamSchedulerHook",
        "CheckpointHook",
    ]


def test_stages_are_found_that_a_hook_its_parent_or_its_instance_overrides() -> None:
    class Parent(Hook):
        def _before_iter(self, *args: Any, **kwargs: Any) -> None: ...

    class Child(Parent):
        def after_run(self, runner: Any) -> None: ...

    child = Child()
    child.before_run = lambda runner: None  # type: ignore[method-assign]
    assert child.get_triggered_stages() == [
        "before_run",
        "before_train_iter",
        "before_val_iter",
        "before_test_iter",
        "after_run",
    ]
    assert Hook().get_triggered_stages() == []


def test_only_what_is_overridden_is_called() -> None:
    table = HookTable()
    table.add(Hook())
    table.add(named("A"))
    assert [each.__self__.__class__.__name__ for each in table.stage("before_run")] == ["A"]
    for stage in STAGES[1:]:
        assert not list(table.stage(stage))


@pytest.mark.parametrize(
    ("method", "meant"),
    [
        ("before_trian", "before_train"),
        ("after_train_iters", "after_train_iter"),
        ("before_save_checkpiont", "before_save_checkpoint"),
    ],
)
def test_a_misspelt_stage_is_refused(method: str, meant: str) -> None:
    hook = type("Mine", (Hook,), {method: lambda self, runner: None})()
    with pytest.raises(ValueError, match=f"the hook Mine has a method '{method}'.*'{meant}'"):
        HookTable().add(hook)


def test_a_misspelt_call_is_refused_and_a_stage_of_ones_own_is_called(toy: Any) -> None:
    class Mine(Hook):
        def at_midnight(self, runner: Any, hour: int) -> None:
            self.hour = hour

    mine = Mine()
    runner = toy(default_hooks=QUIET, custom_hooks=[mine])
    runner.call_hook("at_midnight", hour=24)
    assert mine.hour == 24
    runner.call_hook("nobodys_stage")
    with pytest.raises(
        ValueError, match="hooks have no stage 'before_trian'; did you mean 'before_t"
    ):
        runner.call_hook("before_trian")


def test_a_training_calls_its_stages_in_order(toy: Any) -> None:
    called: list[str] = []

    def record(stage: str) -> Any:
        return lambda self, runner, **kwargs: called.append(stage)

    recorder = type("Recorder", (Hook,), {stage: record(stage) for stage in STAGES})()
    runner = toy(
        default_hooks=QUIET,
        custom_hooks=[recorder],
        train_cfg={"by_epoch": True, "max_epochs": 1},
        train_dataloader=loader(Points(2)),
    )
    runner.train()
    assert called == [
        *("before_run", "before_train", "before_train_epoch", "before_train_iter"),
        *("after_train_iter", "after_train_epoch", "before_val", "before_val_epoch"),
        *("before_val_iter", "after_val_iter") * 3,
        *("after_val_epoch", "after_val", "after_train", "after_run"),
    ]


def test_generic_stages_know_whose_they_are(toy: Any) -> None:
    modes: list[tuple[str, str]] = []

    class Generic(Hook):
        def _before_epoch(self, runner: Any, mode: str = "train") -> None:
            modes.append(("epoch", mode))

        def _after_iter(
            self,
            runner: Any,
            batch_idx: int,
            data_batch: Any = None,
            outputs: Any = None,
            mode: str = "train",
        ) -> None:
            modes.append((str(batch_idx), mode))

    toy(default_hooks=QUIET, custom_hooks=[Generic()]).train()
    once = [("epoch", "train"), *((str(i), "train") for i in range(12))]
    once += [("epoch", "val"), *((str(i), "val") for i in range(3))]
    assert modes == once * 2


def test_an_error_in_a_hook_names_hook_and_stage(toy: Any) -> None:
    class Fails(Hook):
        def after_train_epoch(self, runner: Any) -> None:
            raise KeyError("x")

    runner = toy(**without_validation(), default_hooks=QUIET, custom_hooks=[Fails()])
    with pytest.raises(KeyError) as caught:
        runner.train()
    assert caught.value.__notes__ == ["in after_train_epoch of the hook Fails"]


def test_an_iteration_calls_hooks_by_names_where_their_order_is_another(toy: Any) -> None:
    got: list[Any] = []

    class Usual(Hook):
        def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
            got.append(batch_idx)

    class Swapped(Hook):
        def after_train_iter(  # type: ignore[override]  # of a user who knows the names alone
            self, runner: Any, outputs: Any = None, batch_idx: int = -1, **others: Any
        ) -> None:
            got.append((batch_idx, sorted(outputs), sorted(others)))
            if batch_idx == 1:
                raise KeyError("x")

    runner = toy(**without_validation(), default_hooks=QUIET, custom_hooks=[Usual(), Swapped()])
    with pytest.raises(KeyError) as caught:
        runner.train()
    names = ["acc", "loss"], ["data_batch"]
    assert got == [0, (0, *names), 1, (1, *names)]
    assert caught.value.__notes__ == ["in after_train_iter of the hook Swapped"]


def test_an_iteration_goes_through_a_call_hook_of_ones_own(
    toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    class Replaces(Hook):
        def before_train_epoch(self, runner: Any) -> None:
            plain = runner.call_hook

            def call_hook(fn_name: str, **kwargs: Any) -> None:
                called.append(fn_name)
                plain(fn_name, **kwargs)

            monkeypatch.setattr(runner, "call_hook", call_hook)

    toy(**without_validation(), default_hooks=QUIET, custom_hooks=[Replaces()]).train()
    assert called.count("before_train_iter") == called.count("after_train_iter") > 0


def test_a_subclass_that_calls_hooks_itself_is_asked_in_each_iteration() -> None:
    class Own(Runner):
        def call_hook(self, fn_name: str, **kwargs: Any) -> None:
            super().call_hook(fn_name, **kwargs)

    assert Own.__new__(Own).hooks_in_order is None
    assert Runner.__new__(Runner).hooks_in_order == {}


def test_the_order_is_described_stage_by_stage() -> None:
    table = HookTable()
    table.add(named("Later", 55))
    table.add(named("First", "HIGH"))
    lines = table.describe().splitlines()
    assert lines[0] == "before_run:"
    assert lines[1].split() == ["(HIGH", ")", "First"]
    assert lines[2].split() == ["(55", ")", "Later"]


def test_a_list_that_is_changed_counts_at_the_next_stage() -> None:
    table = HookTable()
    first, second, third = named("A"), named("B"), named("C")
    table.add(first)
    assert len(table.stage("before_run")) == 1
    table.hooks.append(second)
    assert len(table.stage("before_run")) == 2
    table.hooks[0] = third
    table.hooks.remove(second)
    again = pickle.loads(pickle.dumps(HookTable()))
    again.stage("before_run")
    again.hooks += [third]
    for each in (table, again):
        assert [method.__self__ for method in each.stage("before_run")] == [third]  # type: ignore[attr-defined]


class Mistaken(Hook):
    def after_val_epoch(self, runner: Any) -> None: ...

    def after_train_iter(self, runner: Any, number: int, batch: Any, outputs: Any) -> None: ...

    def _before_iter(self, runner: Any, batch_idx: int) -> None: ...

    def before_train_iter(self, trainer: Any, *, batch_idx: int, **others: Any) -> None: ...


def test_a_stage_that_cant_take_what_it_gets_is_told_when_the_hook_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    HookTable().add(Mistaken())
    assert caplog.messages == [
        "the hook Mistaken can't be called at after_train_iter: missing a required argument: "
        "'number'; a hook has it as after_train_iter(self, runner, batch_idx, data_batch=None, "
        "outputs=None)",
        "the hook Mistaken can't be called at after_val_epoch: got an unexpected keyword argument "
        "'metrics'; a hook has it as after_val_epoch(self, runner, metrics=None)",
        "the hook Mistaken can't be called at _before_iter: got an unexpected keyword argument "
        "'data_batch'; a hook has it as _before_iter(self, runner, batch_idx, data_batch=None, "
        "mode='train')",
    ]
