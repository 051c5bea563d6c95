"""Groups of processes, each started once for all tests that ask what happened in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import engine_dist

sys.path.insert(0, str(Path(__file__).parent / "library"))


@pytest.fixture(scope="session", params=[2, 4])
def outcome(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, str]]:
    """What each check gave in a group of so many processes, by rank."""
    import dist_checks

    os.environ["ENGINE_DIST_TEST_FOLDER"] = str(tmp_path_factory.mktemp("results"))
    names = [name for name in vars(dist_checks) if name.startswith("check_")]
    return engine_dist.launch(
        dist_checks.run_all, request.param, (names,), start_method="forkserver", timeout=60
    )
