"""Times of parts, on a host and on a device that is behind it."""

from __future__ import annotations

from typing import Any

import pytest

from engine_runner.hooks.step_clock import PARTS, StepClock


class Device:
    """A device's stream: work takes its time there, begins when the work before is done."""

    def __init__(self) -> None:
        self.host = 0.0
        self.busy_until = 0.0
        self.num_events = 0

    def work(self, seconds: float, launch: float = 0.0) -> None:
        self.host += launch
        self.busy_until = max(self.busy_until, self.host) + seconds

    def event(self) -> Any:
        self.num_events += 1
        return Event(self)


class Event:
    """A point in the stream of a `Device`, with the methods of torch's."""

    def __init__(self, device: Device) -> None:
        self.device, self.at = device, 0.0

    def record(self) -> None:
        self.at = max(self.device.busy_until, self.device.host)

    def query(self) -> bool:
        return self.at <= self.device.host

    def elapsed_time(self, other: Event) -> float:
        assert self.query() and other.query()
        return (other.at - self.at) * 1e3


def parts(**given: float) -> Any:
    return pytest.approx({name: given.get(name, 0.0) for name in PARTS})


def iterate(clock: StepClock, wait: Any, *, data: float, forward: float, hooks: float) -> None:
    """An iteration: its batch is waited for, it is computed, hooks follow."""
    clock.mark("data")
    wait.host += data
    clock.turn()
    clock.mark("hooks")
    clock.mark("forward")
    wait.work(forward, 0.1)
    clock.mark("backward")
    wait.work(2 * forward, 0.1)
    clock.mark("hooks")
    wait.host += hooks


def test_a_host_knows_at_once() -> None:
    host, seen = Device(), []
    clock = StepClock(seen.append, now=lambda: host.host)
    for _ in range(3):
        iterate(clock, host, data=1.0, forward=0.0, hooks=0.5)
    clock.mark("")
    host.host += 100.0  # a validation, which isn't counted
    clock.mark("data")
    host.host += 1.0
    clock.turn()
    whole = parts(data=1.0, forward=0.1, backward=0.1, hooks=0.5)
    assert seen == [whole, whole, whole]
    assert clock.totals == parts(data=3.0, forward=0.3, backward=0.3, hooks=1.5)


def run_on_device(*, data: float, forward: float) -> tuple[dict[str, float], Device]:
    device = Device()
    seen: list[Any] = []
    clock = StepClock(seen.append, device.event, now=lambda: device.host)
    for _ in range(20):
        iterate(clock, device, data=data, forward=forward, hooks=0.1)
        clock.read()
    device.host = max(device.host, device.busy_until)
    iterate(clock, device, data=data, forward=forward, hooks=0.1)
    clock.read()
    assert len(seen) == 20
    assert clock.totals == pytest.approx({n: sum(each[n] for each in seen) for n in PARTS})
    return {name: value / 20 for name, value in clock.totals.items()}, device


def test_a_device_that_is_kept_waiting_waits_for_data() -> None:
    found, device = run_on_device(data=5.0, forward=1.0)
    assert found["backward"] == pytest.approx(2.0)
    assert found["forward"] == pytest.approx(1.1)  # with what launching takes
    # An iteration takes 5.3 s, and the device works for three of them; the first waits for all.
    assert found["data"] == pytest.approx(2.2 + 5 / 20, abs=0.2)
    assert found["hooks"] == pytest.approx(0.0, abs=0.1)
    assert device.num_events < 12  # they are used again


def test_a_device_that_is_behind_waits_for_nothing() -> None:
    found, _ = run_on_device(data=1.0, forward=2.0)
    assert found["forward"] == pytest.approx(2.0, abs=0.1)
    assert found["backward"] == pytest.approx(4.0)
    assert found["data"] + found["hooks"] == pytest.approx(0.0, abs=0.2)
