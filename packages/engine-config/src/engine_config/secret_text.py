"""The text of a configuration without its secrets, whatever language it is written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from os.path import commonprefix

from engine_config.secrets import is_secret, masked, variable_in, variable_of

__all__ = ["excerpt_of", "masked_text"]

_SHORTEST = 4  # what is shorter stands in a text by chance
_CUT = 30  # characters of a secret that tell something of it
# Texts in quotes, also those that nothing ends: they end with the line, or with the whole text.
_TEXT = r"""
    [rRbBuUfF]{0,2} (?: '''(?:[^\\']|\\[\s\S]|'(?!''))*+(?:'''|\Z)
    | \"\"\"(?:[^\\"]|\\[\s\S]|"(?!""))*+(?:\"\"\"|\Z)
    | '(?:[^'\\\n]|\\[\s\S])*+(?:'|(?=\n)|\Z) | "(?:[^"\\\n]|\\[\s\S])*+(?:"|(?=\n)|\Z) )
"""
_TOKEN = re.compile(
    rf"""
    (?P<text>{_TEXT}) | (?P<open>[\[({{]) | (?P<close>[\])}}]) | (?P<end>[,\n]|(?<=\s)\#)
    | (?P<number>\d[\d._]*+(?![\w-])) | (?P<word>[\w-]+) | \\\n | [\s\S]
    """,
    re.VERBOSE,
)
_SET = re.compile(r"[ \t]{0,20}\]?[ \t]{0,20}[=:][ \t]{0,20}")  # what follows a key
_AFTER_KEY = "'\"] \t"
_KEYS = re.compile(rf"(?<![\w-])[\w-]++[{re.escape(_AFTER_KEY)}]{{0,40}}(?=[=:])")
_LOGIN = re.compile(r"""(?<=://)[^\s/?#"'<>@]*@""")
_QUERY = re.compile(r"""([?&;][\w.%~+-]{1,80}=)[^\s&;#"'<>]+""")
_IS_KEY = re.compile(r"[ \t]{0,20}:(?!=)")
# a value of YAML that needs no quotes
_BARE = re.compile(
    r"""^(?P<before>[ \t-]{0,100}(?P<key>[\w-]{1,100})['"]?:[ \t]{1,20}(?:!\S{0,80}[ \t]{1,20})?)"""
    r"""(?P<value>[^\s'"\[\]{}()#&*!|>,<][^\n#,{}]{0,1000})""",
    re.MULTILINE,
)
# a key of YAML whose value is what is indented below it
_BLOCK = re.compile(
    r"""^(?P<indent>[ \t-]{0,100})(?P<key>['"]?[\w-]{1,100}['"]?):[ \t]{0,20}[|>]?[-+\d]{0,3}"""
    r"""[ \t]{0,20}(?:\#.*)?$"""
)
_LINE = re.compile(r"""(?P<before>[ \t]*(?:-[ \t]+)*(?:[\w-]{1,100}:[ \t]+)?)(?P<value>.*)""")


def masked_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text of a config with a mask in the place of each secret that it writes.

    Args:
        text: in Python, YAML or JSON, or several of them.
        secrets: texts that are some, wherever they stand.
    """
    return _without(_Masking().whole(text), secrets)


def excerpt_of(text: str, place: tuple[int, int], message: str) -> tuple[str, int, str]:
    """Return what an error shows of a config and says of it, without the secrets of the config.

    Args:
        text: of the config.
        place: line and column of the error, from 1; 0 if unknown.
        message: what the error says.

    Returns:
        The line, the column in it, and the message.
    """
    line, column = place
    masking = _Masking(keep_lines=True)
    lines = masking.whole(text).split("\n")
    before = text.split("\n", line)[line - 1] if 0 < line <= text.count("\n") + 1 else ""
    shown = _without(lines[line - 1] if 0 < line <= len(lines) else "", masking.hidden)
    shown = _bare_address(shown)
    if shown != before and column:
        column = _moved(before, shown, column)
    return shown.rstrip("\r"), column, _bare_address(_without(message, masking.hidden))


def _moved(before: str, after: str, column: int) -> int:
    """Where a column of a line is in the line that took its place."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    if column <= same:
        return column
    return max(same + 1, column + len(after) - len(before))


def _without(text: str, secrets: Iterable[str]) -> str:
    known = {each for each in secrets if len(each) >= _SHORTEST}
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, "<secret>")
        if len(secret) > _CUT and (begin := text.find(secret[:_CUT])) >= 0:  # errors cut values
            end = begin + len(commonprefix([text[begin:], secret]))
            text = f"{text[:begin]}<secret>{text[end:]}"
    return text


def _bare_address(text: str) -> str:
    """A text whose addresses have no login, nor the values of their queries."""
    return _QUERY.sub(r"\1...", _LOGIN.sub("", text)) if "://" in text else text


class _Masking:
    """Masks a text, and remembers what it has hidden.

    Args:
        keep_lines: leave a text as many lines as it has.
    """

    def __init__(self, *, keep_lines: bool = False) -> None:
        self._keep_lines = keep_lines
        self.hidden: set[str] = set()

    def whole(self, text: str) -> str:
        """The text with its masks."""
        if not any(is_secret(each.rstrip(_AFTER_KEY)) for each in set(_KEYS.findall(text))):
            return text
        text = _BARE.sub(self._bare, "".join(self._quoted(text)))
        return "\n".join(self._blocks(text.split("\n")))

    def _bare(self, match: re.Match[str]) -> str:
        value = match["value"].strip()
        new = masked({match["key"]: value})[match["key"]]
        if new == value:
            return match[0]
        self.hidden.add(value)
        return f"{match['before']}'{new}'"

    def _quoted(self, text: str) -> Iterator[str]:
        """The parts of a text, with masks for what stands in quotes behind a secret's key."""
        done, at = 0, 0
        while (token := _TOKEN.match(text, at)) is not None:
            at = token.end()
            if token.lastgroup not in ("word", "text"):
                continue
            match = _SET.match(text, at)
            key = token[0] if token.lastgroup == "word" else _inner(token[0])
            if match is None or not is_secret(key) or text[token.start() - 1 :][:1] in ("?", "&"):
                continue
            values, at = _value(text, match.end())
            for value in values:
                yield text[done : value.start()] + self._mask(key, value[0], value.lastgroup)
                done = value.end()
        yield text[done:]

    def _mask(self, key: str, written: str, kind: str | None) -> str:
        """What stands in the place of a text in quotes, or of a number."""
        value = int(written[0]) if kind == "number" else _inner(written)
        if masked({key: value})[key] == value:
            return written
        self.hidden.add(str(value) if kind != "number" else written)
        quote = '"' if '"' in written[:3].partition("'")[0] else "'"
        lines = "\n" * written.count("\n") if self._keep_lines else ""
        return f"{quote}<secret {variable_of(key)}>{quote}{lines}"

    def _blocks(self, lines: list[str]) -> Iterator[str]:
        """The lines of a text, with masks for what is indented below a secret's key of YAML."""
        indent, key = -1, ""
        for line in lines:
            content = line.lstrip(" \t")
            here = len(line) - len(content)
            if key and content and (here < indent or (here == indent and content[:1] != "-")):
                key = ""
            match = None if key else _BLOCK.match(line)
            if match is not None and is_secret(match["key"].strip("'\"")):
                indent, key = len(match["indent"]), match["key"].strip("'\"")
            elif key and content:
                line = self._line(key, line)
            yield line

    def _line(self, key: str, line: str) -> str:
        found = _LINE.fullmatch(line)
        value = found["value"].strip() if found else line.strip()
        inner = value.strip("'\"")
        if not inner or variable_in(inner) or masked({key: inner})[key] == inner:
            return line
        self.hidden.add(inner)
        return f"{found['before'] if found else ''}'<secret {variable_of(key)}>'"


def _value(text: str, begin: int) -> tuple[list[re.Match[str]], int]:
    """The texts and numbers of the value that begins somewhere, and where it ends."""
    depth, found, end = 0, [], begin
    while (token := _TOKEN.match(text, end)) is not None:
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close" or (kind == "end" and not depth):
            depth -= 1
            if depth < 0:
                break
        elif kind == "number" or (kind == "text" and not _is_key(text, token, depth)):
            found.append(token)
        end = token.end()
    return found, end


def _is_key(text: str, token: re.Match[str], depth: int) -> bool:
    return depth > 0 and _IS_KEY.match(text, token.end()) is not None


def _inner(written: str) -> str:
    return written.lstrip("rRbBuUfF").strip("'\"")
