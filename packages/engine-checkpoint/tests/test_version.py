"""The version is the one that was installed."""

from importlib.metadata import version

import engine_checkpoint


def test_the_version_is_the_installed_one() -> None:
    assert engine_checkpoint.__version__ == version("engine-checkpoint")
