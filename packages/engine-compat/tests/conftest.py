"""Importing `mmengine` renames what has no name: here, and not for the tests of other packages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mmengine.naming import show_native_names, show_our_names


def pytest_collection_finish() -> None:
    """The imports at the top of test files have renamed things, too."""
    show_native_names()


@pytest.fixture(autouse=True)
def _our_names() -> Iterator[None]:
    show_our_names()
    yield
    show_native_names()
