"""What a subclass overrides, or an object is assigned, is called as it is with MMEngine 0.10.7."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parent / "library" / "subclasses.py"
# What MMEngine calls on its own way, and nothing here does: a step inside of another method.
OWN_STEPS = {
    "BaseModel": {"_dump_init_info"},  # the log has it, by another way
    "LoggerHook": {"end_of_epoch"},
    "Runner": {"build_test_loop", "build_train_loop", "build_val_loop"},  # where assigned, too late
    "EpochBasedTrainLoop": {"runner"},
    "IterBasedTrainLoop": {"runner"},
    "ValLoop": {"runner"},
    "TestLoop": {"runner"},
    "OptimWrapper": {"defaults"},
    "LinearLR": {"print_value"},  # which prints where it is verbose
    "MultiStepLR": {"print_value"},
    "CosineAnnealingMomentum": {"print_value"},
    "Visualizer": {"close"},  # `release`; a `close` that is overridden alone is called
    "LocalVisBackend": {"close"},
    "TensorboardVisBackend": {"add_scalar", "close"},
    "InstanceData": {"all_keys", "keys", "metainfo", "metainfo_keys", "values"},
    "Registry": {
        *("_get_root_registry", "_register_module", "children", "import_from_location"),
        *("split_scope_key", "switch_scope_and_registry"),
    },
}
# Those of torch's that need a device.
ON_A_DEVICE = {"cuda"}


def found(python: str, environment: dict[str, str]) -> dict[str, Any]:
    command = [python, "-W", "ignore", str(PROGRAM)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def theirs(original: tuple[str, dict[str, str]]) -> dict[str, Any]:
    return found(*original)


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return found(sys.executable, dict(os.environ))


@pytest.mark.parametrize("way", ["called", "assigned"])
def test_what_is_overridden_is_called(
    theirs: dict[str, Any], ours: dict[str, Any], way: str
) -> None:
    not_called = {
        kind: missed
        for kind, facts in theirs.items()
        if (missed := {*facts[way]} & {*ours[kind]["names"]} - {*ours[kind][way]})
        - OWN_STEPS.get(kind, set())
    }
    assert not_called == {}


def test_what_works_without_a_constructor_does_so_here(
    theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    broken = {
        f"{kind}.{name}": ours[kind]["bare"][name]
        for kind, facts in theirs.items()
        for name, how in facts["bare"].items()
        if how == "works" and ours[kind]["bare"].get(name, how) != how and name not in ON_A_DEVICE
    }
    assert broken == {}


def test_the_steps_that_are_listed_are_missing_still(
    theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    called = {
        kind: known
        for kind, names in OWN_STEPS.items()
        if (known := names & {*ours[kind]["called"]} & {*ours[kind]["assigned"]})
    }
    assert called == {}
    assert set(theirs) == set(ours)
