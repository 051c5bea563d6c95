"""Nobody is locked in: MMEngine goes on from our checkpoints, and we from its."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine_checkpoint import publish_model

SCRIPT = Path(__file__).parent / "library" / "either_way.py"
CASES = ["step", "paramwise", "momentum", "one cycle", "plateau"]


@pytest.fixture(scope="session")
def theirs(original: tuple[str, dict[str, str]]) -> Any:
    """Runs the script on MMEngine."""
    return lambda *words: run(*original, *words)


def run(python: str, environment: dict[str, str], *words: str) -> Any:
    done = subprocess.run(
        [python, "-W", "ignore", str(SCRIPT), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def ours(*words: str) -> Any:
    return run(sys.executable, dict(os.environ), *words)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What trainings come to that were never stopped."""
    return ours("4", str(tmp_path_factory.mktemp("whole")))


@pytest.fixture(scope="session")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what ours has trained for two epochs."""
    folder = tmp_path_factory.mktemp("half")
    ours("2", str(folder))
    return folder


def as_mmengines(folder: Path, target: Path) -> Path:
    """Checkpoints of ours, published as MMEngine pickles its own."""
    for case in CASES:
        address = str(folder / case / "epoch_2.pth")
        (target / case).mkdir(parents=True)
        publish_model(address, file_format="mmengine", target=str(target / case / "epoch_2.pth"))
    return target


@pytest.mark.parametrize("way", ["from ours", "from ours as its own", "to ours"])
def test_either_goes_on_from_the_other_as_if_it_were_its_own(
    theirs: Any, whole: Any, half: Path, tmp_path: Path, way: str
) -> None:
    former, second = half, theirs
    if way == "from ours as its own":
        former = as_mmengines(half, tmp_path / "published")
    elif way == "to ours":
        former, second = tmp_path / "first", ours
        theirs("2", str(former))
    found = second("4", str(tmp_path / "second"), str(former))
    for case in CASES:
        assert found[case]["iter"] == whole[case]["iter"]
        pairs = zip(found[case]["weights"], whole[case]["weights"], strict=True)
        for one, other in pairs:
            assert one == pytest.approx(other, rel=1e-6), case
        losses = whole[case]["losses"]
        known = losses[len(losses) // 2 :] if way == "from ours" else losses
        assert found[case]["losses"] == pytest.approx(known, rel=1e-5), case
