"""Checkpoint check: what checkpoints would hold that none can, found before a training begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from torch import nn

from engine_checkpoint import NotKeptError, kept_parts
from engine_optim.scheduler.base import ParamScheduler, holds_function
from engine_runner.hooks import CheckpointHook, PreemptionHook
from engine_runner.loaders import metainfo_of
from engine_runner.strategy.base import optimizers_of

__all__ = ["check_storable"]


def check_storable(runner: Any, tell: Callable[[NotKeptError], None]) -> None:
    """Look once through what checkpoints of a training will hold, if a hook saves any.

    Args:
        runner: what is about to train; its model, optimizers and schedulers are built.
        tell: is told of what checkpoints are complete without, such as facts of a data set, or the
            functions of a scheduler, which come from the config again.

    Raises:
        NotKeptError: an extra state of a module, or a state of an optimizer or a scheduler, without
            which nothing could go on from them, holds what none can; each is named by its place.
    """
    savers = [hook for hook in runner.hooks if isinstance(hook, CheckpointHook | PreemptionHook)]
    if not savers:
        return
    needed: dict[str, Any] = {"state_dict": dict(_extra_states(runner.model))}
    if any(getattr(hook, "save_optimizer", True) for hook in savers):
        needed["optimizer"] = _optimizer_states(runner.optim_wrapper)
    if any(getattr(hook, "save_param_scheduler", True) for hook in savers):
        needed["param_schedulers"] = _scheduler_states(
            runner.param_schedulers, "checkpoint['param_schedulers']", tell
        )
    found: list[NotKeptError] = []
    kept_parts(needed, "checkpoint", found.append)
    if found:
        listed = "\n  ".join(map(str, found))
        raise NotKeptError(
            f"the training could not be gone on with from its checkpoints:\n  {listed}"
        )
    metainfo = metainfo_of(getattr(runner.train_loop, "dataloader", None))
    if metainfo is not None:
        kept_parts({"meta": {"dataset_meta": metainfo}}, "checkpoint", tell)


def _extra_states(model: nn.Module) -> Iterator[tuple[str, Any]]:
    for name, module in model.named_modules():
        if type(module).get_extra_state is not nn.Module.get_extra_state:
            with suppress(Exception):  # it may need what comes later; the save will tell
                place = f"{name.removeprefix('module.')}._extra_state".removeprefix(".")
                yield place, module.get_extra_state()


def _optimizer_states(optim_wrapper: Any) -> Any:
    """Without the parameters, and without what a strategy would have to gather."""
    if isinstance(getattr(optim_wrapper, "optim_wrappers", None), Mapping):
        wrappers = optim_wrapper.optim_wrappers
        return {name: _optimizer_states(each) for name, each in wrappers.items()}
    (optimizer,) = optimizers_of(optim_wrapper)
    groups = [
        {key: each for key, each in group.items() if key != "params"}
        for group in getattr(optimizer, "param_groups", ())
    ]
    values = dict(enumerate(getattr(optimizer, "state", {}).values()))
    return {"state": values, "param_groups": groups}


def _scheduler_states(schedulers: Any, where: str, tell: Callable[[NotKeptError], None]) -> Any:
    """Without functions, of which is told."""
    if isinstance(schedulers, Mapping):
        return {
            name: _scheduler_states(each, f"{where}[{name!r}]", tell)
            for name, each in schedulers.items()
        }
    states = []
    for place, scheduler in enumerate(schedulers or ()):
        state = scheduler.state_dict()
        functions = {key for key, each in state.items() if holds_function(each)}
        own = {key for key, each in vars(scheduler).items() if holds_function(each)}
        for key in sorted(functions | own if isinstance(scheduler, ParamScheduler) else functions):
            tell(
                NotKeptError(
                    f"{where}[{place}][{key!r}] holds a function, which comes from the config when "
                    "the training is resumed"
                )
            )
        states.append({key: each for key, each in state.items() if key not in functions})
    return states
