"""Back-ends against the platforms themselves; collected by `hatch run trackers:test` alone.

The platforms' packages are heavy, and only that environment has them all. There nothing is left
out: a platform that is missing fails its tests.
"""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

HERE = Path(__file__).parent

collect_ignore_glob = [] if "ENGINE_TRACKERS" in os.environ else ["test_*.py"]

# the contract that the package's own tests hold the local back-end to
sys.path.insert(0, str(HERE.parents[1] / "packages/engine-visual/tests/backends"))


def pytest_configure(config: pytest.Config) -> None:
    """Send what platforms read once, when they are imported, to a folder of ours."""
    if "ENGINE_TRACKERS" not in os.environ:
        return
    home = TemporaryDirectory(ignore_cleanup_errors=True)
    atexit.register(home.cleanup)
    folder = Path(home.name)
    # a task is closed in milliseconds instead of eleven seconds if a thread reports, not a process
    clearml = folder / "clearml.conf"
    clearml.write_text("sdk { development { report_use_subprocess: false } }\n")
    os.environ |= {
        "AIM_UI_TELEMETRY_ENABLED": "0",
        "CLEARML_CACHE_DIR": str(folder / "clearml"),
        "CLEARML_CONFIG_FILE": str(clearml),
        "CLEARML_OFFLINE_MODE": "1",
        "DVC_NO_ANALYTICS": "1",
        "GIT_AUTHOR_EMAIL": "nobody@example.com",
        "GIT_AUTHOR_NAME": "nobody",
        "GIT_COMMITTER_EMAIL": "nobody@example.com",
        "GIT_COMMITTER_NAME": "nobody",
        "HF_HUB_OFFLINE": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "TRACKIO_DIR": str(folder / "trackio"),
        "WANDB_MODE": "offline",
        "WANDB_SILENT": "true",
    }
    # what platforms warn of is theirs, what our code causes is an error
    config.addinivalue_line("filterwarnings", "default")
    config.addinivalue_line("filterwarnings", r"error:::engine_visual(\.|$)")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some platforms write to the working directory, and read what they find around it."""
    folder = tmp_path / "working_directory"
    folder.mkdir()
    monkeypatch.chdir(folder)
