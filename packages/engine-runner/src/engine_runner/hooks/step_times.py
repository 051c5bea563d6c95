"""Where the time of a step goes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final

import torch
from torch import nn

from engine_dist.wrapping import without_wrapper
from engine_optim.patching import replace_method, wrappers_of
from engine_runner.hooks.bottleneck import breakdown, verdict
from engine_runner.hooks.iter_timer import IterTimerHook
from engine_runner.hooks.step_clock import StepClock
from engine_runner.protocols import RunnerLike

__all__ = ["StepTimesHook"]

logger = logging.getLogger(__name__)

_OUTSIDE: Final = ""
# What goes on after a stage; after any other it is what went on before.
_THEN: Final = {
    "before_train_epoch": "data",
    "before_train_iter": "forward",
    "after_train_iter": "data",
    "before_val": _OUTSIDE,
    "after_val": "data",
    "after_train_epoch": _OUTSIDE,
}
_ITERATION: Final = ("before_train_iter", "after_train_iter")
_TIMED: Final = {"backward": "backward", "step": "optimizer", "zero_grad": "optimizer"}


class StepTimesHook(IterTimerHook):
    """Times the parts of each step, in place of `IterTimerHook`, which it does the work of, too.

    Logged in seconds are ``wait_time`` (for data), ``transfer_time`` (the data preprocessor: the
    copy to the device, and what else it does), ``forward_time`` (the rest of ``train_step``),
    ``backward_time``, ``optimizer_time`` and ``hooks_time``; at the end a sentence says what keeps
    the model waiting. On a device they are the device's times: they are read when they are ready,
    and nothing is waited for.

    A training with it: ``default_hooks=dict(timer=dict(type="StepTimesHook"))``.

    Args:
        report_after: seconds of training from which on the sentence is logged.
    """

    def __init__(self, *, report_after: float = 0.0) -> None:
        super().__init__(report_after=report_after)
        self._undo: list[Callable[[], None]] = []
        self._clock = StepClock(_ignore)

    def before_train(self, runner: RunnerLike) -> None:
        """Begin to time."""
        super().before_train(runner)
        hub = runner.message_hub

        def done(parts: dict[str, float]) -> None:
            for name, seconds in parts.items():
                hub.update_scalar(f"train/{'wait' if name == 'data' else name}_time", seconds)

        self._clock = StepClock(done, _event_maker(runner.model))
        self._attach(runner)
        at_end = getattr(runner.train_loop, "at_end", None)
        if at_end is not None:
            at_end(self._detach)

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Take in the times that are known by now."""
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        self._clock.read()

    def after_train(self, runner: RunnerLike) -> None:
        """Say what the model waited for."""
        self._clock.turn()
        self._clock.mark(_OUTSIDE)
        self._clock.read()
        self._detach()
        super().after_train(runner)

    def _report(self, runner: RunnerLike) -> str:
        parts = self._clock.totals
        loop = runner.train_loop
        first = 0.0 if self._waits is None else self._waits.first
        ahead = getattr(loop, "prefetch", 0)
        said = verdict(parts, runner.train_dataloader, first=first, prefetch=ahead)
        return f"{said} ({breakdown(parts)})"

    def _attach(self, runner: RunnerLike) -> None:
        clock = self._clock
        call: Any = runner.call_hook

        @wraps(call)
        def call_hook(fn_name: str, **kwargs: Any) -> None:
            before = clock.part
            if fn_name == "before_train_iter":
                clock.turn()
            clock.mark("hooks" if fn_name in _ITERATION else _OUTSIDE)
            call(fn_name, **kwargs)
            clock.mark(_THEN.get(fn_name, before))

        self._undo.append(replace_method(runner, "call_hook", call_hook))
        for each in wrappers_of(runner.optim_wrapper):
            for name, part in _TIMED.items():
                if hasattr(each, name):
                    timed = _timed(getattr(each, name), part, clock)
                    self._undo.append(replace_method(each, name, timed))
        model = without_wrapper(runner.model)
        preprocessor = getattr(model, "data_preprocessor", None)
        if isinstance(preprocessor, nn.Module):
            stack: list[str] = []
            begin = preprocessor.register_forward_pre_hook(partial(_enter, clock, stack))
            end = preprocessor.register_forward_hook(partial(_leave, clock, stack))
            self._undo += [begin.remove, end.remove]

    def _detach(self) -> None:
        while self._undo:
            self._undo.pop()()


def _ignore(parts: dict[str, float]) -> None: ...


def _timed(function: Callable[..., Any], part: str, clock: StepClock) -> Callable[..., Any]:
    @wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        before = clock.part
        clock.mark(part)
        try:
            return function(*args, **kwargs)
        finally:
            clock.mark(before)

    return timed


def _enter(clock: StepClock, stack: list[str], *_: Any) -> None:
    stack.append(clock.part)
    clock.mark("transfer" if clock.part == "forward" else clock.part)


def _leave(clock: StepClock, stack: list[str], *_: Any) -> None:
    clock.mark(stack.pop())


def _event_maker(model: nn.Module) -> Callable[[], Any] | None:
    """What makes events on the model's device; None where only the host has a clock."""
    first = next(model.parameters(), None)
    if first is None or first.device.type == "cpu":
        return None
    make: Any = partial(torch.Event, device=first.device, enable_timing=True)
    try:
        begin, end = make(), make()
        begin.record()
        end.record()
        end.synchronize()  # once, before the training
        begin.elapsed_time(end)
    except (RuntimeError, NotImplementedError, TypeError, ValueError) as error:
        logger.warning("%s has no events to time: the host's times are logged", first.device)
        logger.debug("its error", exc_info=error)
        return None
    found: Callable[[], Any] = make
    return found
