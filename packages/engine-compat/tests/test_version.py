"""The version is the one that was installed."""

from importlib.metadata import version

import mmengine


def test_the_version_is_the_installed_one() -> None:
    assert mmengine.__version__ == version("engine-compat")
