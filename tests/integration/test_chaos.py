"""A training that is killed again and again ends as one that was never touched, to the bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHAOS = Path(__file__).parents[1] / "chaos"


def test_what_was_killed_25_times_alone_and_10_times_in_twos_ends_the_same(
    environment: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, str(CHAOS), "--kills", "25", "--kills-of-two", "10"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:3]]
    assert [(row[0], row[1]) for row in rows] == [("1", "25"), ("2", "10")]
    assert all(row[2] == row[3] != "0" for row in rows)


@pytest.mark.parametrize("options", [("--events", "13"), ("--damage", "64")])
def test_events_of_the_file_system_and_damage_end_no_training_and_lose_no_state(
    environment: dict[str, str], options: tuple[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, str(CHAOS), *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    # torch 2.9 prints in between what gloo connects
    told = [line.split() for line in done.stdout.splitlines()]
    rows = [row for row in told if len(row) > 2 and row[-2].isdigit()]
    assert len(rows) == (18 if options[0] == "--events" else 2)
    assert all(row[-1] == "0" for row in rows)
    assert all(int(row[-2]) >= (2 if "two" in row else 4) for row in rows)
