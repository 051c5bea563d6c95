"""OpenMMLab's libraries, unchanged; collected by `hatch run clients:test` alone, for minutes.

They run in processes of their own. There nothing is left out: a library that is missing fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

collect_ignore_glob = [] if "ENGINE_CLIENTS" in os.environ else ["test_*.py"]

sys.path.insert(0, str(HERE / "library"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every-client` trains every config, not one of each library."""
    parser.addoption("--every-client", action="store_true")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `trained` runs once for each training that is wanted."""
    if "trained" in metafunc.fixturenames:
        from trainings import TRAININGS

        every = metafunc.config.getoption("--every-client")
        wanted = [each for each in TRAININGS if every or each.is_quick]
        if "inferencer" in metafunc.function.__name__:
            wanted = [each for each in wanted if each.pictures]
        if not every and metafunc.function.__name__.startswith(("test_a_resumed", "test_an_inf")):
            wanted = wanted[:1]
        if "mixed_precision" in metafunc.function.__name__:  # minutes: a CPU is slow at float16
            wanted = [each for each in wanted if each.config == "mmocr_crnn" and every]
        ids = [each.config for each in wanted]
        metafunc.parametrize("trained", wanted, ids=ids, indirect=True, scope="module")


# mmdet and mmseg refuse mmcv 2.2 when they are imported, and so does mmpretrain where mmdet is
OLDER = ("mmcv-lite==2.1.0", "mmdet==3.3.0", "mmsegmentation==1.2.2")


@pytest.fixture(scope="session")
def older() -> Path:
    """A folder with the libraries that want mmcv below 2.2, and mmseg's own tests.

    The wheel has the tests, and the configs that they look for beside them in another place.
    """
    folder = Path(sys.prefix, "older")
    if not (folder / "configs").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
        subprocess.run([*pip, "--target", str(folder), *OLDER], check=True)
        shutil.copytree(folder / "mmseg/.mim/configs", folder / "configs")
    return folder
