"""Installed packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mmengine
from mmengine.utils import call_command, get_installed_path, install_package, is_installed
from mmengine.utils.package_utils import package2module


def test_a_package_is_found_by_either_of_its_names() -> None:
    assert is_installed("PyYAML")
    assert is_installed("yaml")
    assert not is_installed("no-such-package")
    assert not is_installed("")
    assert package2module("PyYAML") == "yaml"


def test_its_folder_is_where_it_is_imported_from() -> None:
    assert get_installed_path("mmengine") == str(Path(mmengine.__file__).parent)
    assert get_installed_path("PyYAML") == str(Path(yaml.__file__).parent)


def test_what_is_missing_is_told_with_the_command() -> None:
    with pytest.raises(ModuleNotFoundError, match="pip install no-such-package"):
        get_installed_path("no-such-package")
    with pytest.raises(ValueError, match="is it installed"):
        package2module("no-such-package")


def test_a_command_that_fails_is_an_error() -> None:
    call_command([sys.executable, "-c", "pass"])
    with pytest.raises(subprocess.CalledProcessError):
        call_command([sys.executable, "-c", "raise SystemExit(3)"])


def test_what_is_there_is_not_installed_again() -> None:
    install_package("PyYAML")
