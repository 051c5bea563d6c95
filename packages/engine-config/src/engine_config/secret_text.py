"""The text of a configuration without its secrets, whatever language it is written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine_config.secrets import is_secret, masked, variable_of

__all__ = ["masked_text"]

_SHORTEST = 4  # what is shorter stands in a text by chance
_TEXT = r"""
    [rRbBuUfF]{0,2} (?: '''[\s\S]{0,2000}?''' | \"\"\"[\s\S]{0,2000}?\"\"\"
    | '(?:[^'\\\n]|\\.){0,2000}' | "(?:[^"\\\n]|\\.){0,2000}" )
"""
_QUOTED = re.compile(_TEXT, re.VERBOSE)
_SET = re.compile(r"""['"]?\]?[ \t]{0,20}[=:]\s{0,20}""")  # what follows a key
_YEK = re.compile(r"[\w-]{1,100}")  # a key, read backwards from there
_VALUE = re.compile(
    rf"{_TEXT} | [\[({{] \s{{0,20}} (?: {_TEXT} [\s,]{{0,20}} ){{1,50}}", re.VERBOSE
)
# a value of YAML that needs no quotes
_BARE = re.compile(
    r"""^(?P<before>[ \t-]{0,100}(?P<key>[\w-]{1,100})['"]?:[ \t]{1,20})"""
    r"""(?P<value>[^\s'"\[\]{}()#&*!|>,<][^\n#,{}]{0,1000})""",
    re.MULTILINE,
)


def masked_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text of a config with a mask in the place of each secret that it writes.

    Args:
        text: in Python, YAML or JSON, or several of them.
        secrets: texts that are some, wherever they stand.
    """

    def hide_bare(match: re.Match[str]) -> str:
        new = masked({match["key"]: match["value"].strip()})[match["key"]]
        same = new == match["value"].strip()
        return match[0] if same else f"{match['before']}'{new}'"

    text = _BARE.sub(hide_bare, "".join(_without_quoted(text)))
    known = {each for each in secrets if len(each) >= _SHORTEST}
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, "<secret>")
    return text


def _without_quoted(text: str) -> Iterator[str]:
    """The parts of a text, with masks for what stands in quotes behind a secret's key."""
    done = 0
    for match in _SET.finditer(text):
        begin = match.start()
        found = _YEK.match(text[max(0, begin - 100) : begin][::-1])
        key = found[0][::-1] if found else ""
        value = _VALUE.match(text, match.end()) if is_secret(key) else None
        if value is not None and begin - len(key) >= done:
            yield text[done : match.end()]
            yield "".join(_masks(key, value[0]))
            done = value.end()
    yield text[done:]


def _masks(key: str, value: str) -> Iterator[str]:
    done = 0
    for found in _QUOTED.finditer(value):
        yield value[done : found.start()] + _mask(key, found[0])
        done = found.end()
    yield value[done:]


def _mask(key: str, written: str) -> str:
    """What stands in the place of a text in quotes."""
    inner = written.lstrip("rRbBuUfF").strip("'\"")
    new = masked({key: inner})[key]
    return written if new == inner else f"{written[-1]}<secret {variable_of(key)}>{written[-1]}"
