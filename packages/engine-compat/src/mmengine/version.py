"""The version of MMEngine that libraries ask for, and the one that this is."""

from __future__ import annotations

from mmengine.__about__ import __version__ as __engine_version__

__all__ = ["__engine_version__", "__version__", "parse_version_info", "version_info"]

__version__ = "0.10.7"  # MMEngine's interface; libraries assert that it lies in [0.8.3, 1.0.0)


def parse_version_info(version_str: str) -> tuple[int | str, ...]:
    """Return the parts of a version such as ``1.2.0rc1``: ``(1, 2, 0, "rc1")``."""
    found: list[int | str] = []
    for part in version_str.split("."):
        number, candidate, of_candidate = part.partition("rc")
        found += [int(number)] if number.isdigit() else []
        found += [f"rc{of_candidate}"] if candidate else []
    return tuple(found)


version_info = parse_version_info(__version__)
