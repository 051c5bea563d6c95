"""The version that libraries ask for, and the one that was installed."""

from importlib.metadata import version

import mmengine
from mmengine.utils import digit_version
from mmengine.version import parse_version_info


def test_the_version_is_one_that_libraries_accept() -> None:
    assert digit_version("0.8.3") <= digit_version(mmengine.__version__) < digit_version("1.0.0")
    assert mmengine.version_info == (0, 10, 7)


def test_our_own_version_is_the_installed_one() -> None:
    assert mmengine.__engine_version__ == version("engine-compat")


def test_a_candidate_is_told_from_a_release() -> None:
    assert parse_version_info("1.2.3rc4") == (1, 2, 3, "rc4")
