"""Headers of an HTTP request, checked before they are sent."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["check_headers"]


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what can't be sent before http.client does, in whose message the value stands."""
    for name, value in headers.items():
        if not (isinstance(value, str) and value.isprintable() and _is_latin_1(value)):
            raise ValueError(
                f"the value of the header {name!r} can't be sent: it must be one line of Latin-1"
                " text; was it read from a file with a line end?"
            )


def _is_latin_1(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)
