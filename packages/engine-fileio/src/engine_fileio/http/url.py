"""What a URL of the web is made of, and what keeps it from being one."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit, urlunsplit

from engine_fileio.optional import later


def without_login(url: str, header: str = "Authorization") -> tuple[str, dict[str, str]]:
    """``url`` without ``user:password@``, and the header that says it instead."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    word = later("base64").b64encode(unquote(login).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {header: f"Basic {word}"}


def fault_of(url: str) -> str | None:
    """Why ``url`` can't be asked for, to be put behind it in a message; None if it can.

    What a parser says has pieces of what it could not parse: of a password, say, in which there
    is a ``/`` that is not written ``%2F``. It is told where there can't be one, only.
    """
    try:
        host = later("urllib3").util.parse_url(without_login(url)[0]).host
        if not host:
            return ": No host specified."
        if host[0] != "[":
            host.encode("idna")
    except ValueError as error:  # urllib3's errors are, too
        if "@" in url:
            return "; marks such as / ? # @ in a login have to be written as %2F %3F %23 %40"
        return f": {error}"
    return None
