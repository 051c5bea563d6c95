"""The version is the one that was installed."""

from importlib.metadata import version

import engine_sweep


def test_the_version_is_the_installed_one() -> None:
    assert engine_sweep.__version__ == version("engine-sweep")
