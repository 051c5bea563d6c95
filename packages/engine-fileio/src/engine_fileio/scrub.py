"""Logins and signatures, taken out of addresses and out of whatever an error says of them.

`hide_secrets` is the one function that knows what in a text is secret; `scrubbing` applies it to
all that an operation of a back-end raises, with its causes, whoever wrote the message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from importlib import import_module
from pathlib import PurePath
from types import GeneratorType
from typing import Any, NoReturn
from unicodedata import normalize
from urllib.parse import unquote

# a quote ends an address in a text; in a `repr` with both kinds of quotes, a backslash before one
_IN_TEXT = re.compile(
    r"""(?P<scheme>\w[\w+.-]+:/{1,3}|\w://)(?P<rest>(?:[^\s"'<>\\]|\\(?!\\*["']))*)"""
)
_WEB = re.compile(r"(?:https?|ftps?|webdavs?|davs?):/+$", re.IGNORECASE)
# how urllib3 tells of a request: `with url: /path?query`, `"GET /path?query HTTP/1.1"`
_TARGET = re.compile(
    r"""(?<=url: |"GET |HEAD |POST )(?P<path>/[^\s?"']*)"""
    r"""(?P<tail>\?(?:[^\s"\\]|\\(?!\\*["']))*)"""  # where urllib3 lets a single quote stand
)
_MARK = re.compile(r"[?&;#%]")  # without one of them there is no pair
_PAIR = re.compile(
    r"""(?P<before>[?&;#]|%3[fF]|%26|%3[bB]|%23)(?P<name>[\w.%~+-]{1,80})(?P<mark>=|%3[dD])"""
    r"""(?:[^\s&;#"'<>,)\]}\\]|\\(?!\\*["']))+"""
)
_SECRET = re.compile(
    r"sig$|signature|token|secret|passw|passcode|passphrase|pwd$|cred|api[-_.]?key|access[-_.]?key"
    r"|auth(?!or(?!iz))|session|bearer|cookie|jwt|dsn$|sas$|[-_.]pat$|webhook|conn"
    r"|service[-_.]?account"
    r"|(?:account|app|deploy|encryption|hmac|license|master|private|shared|signing|ssh|customer)"
    r"[-_.]?key"
)
# a login where the slashes are missing: `http:user:password@host/`
_SLASHLESS = re.compile(
    r"""(?P<scheme>(?<![\w+.-])[a-zA-Z][\w+.-]+:)(?!/)[^\s:/@"'<>]*:[^\s@"'<>]*@"""
)
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]*)(?::\d*)?")
_NAME = re.compile(r"[\w.%~\[\]-]{1,80}")


def hide_secrets(text: str) -> str:
    """``text`` for a message: without logins, and without the values of queries and fragments."""
    if "@" in text:
        text = _SLASHLESS.sub(lambda found: found["scheme"], text)
    if ":/" in text:
        text = _IN_TEXT.sub(lambda found: _shown(found["scheme"], found["rest"]), text)
    if _MARK.search(text) is None:
        return text
    text = _TARGET.sub(lambda found: found["path"] + _tail(found["tail"]), text)
    return _PAIR.sub(_without_value, text)


def shown_address(address: str) -> str:
    """``address``, which may have spaces and quotes in it, for a message."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return hide_secrets(address) if ":/" in address or "@" in address else address  # local
    return _PAIR.sub(_without_value, _shown(scheme + mark, rest))


def _shown(scheme: str, rest: str) -> str:
    host, slash, path = rest.partition("/")
    if "@" in host:
        rest = host.rpartition("@")[2] + slash + path
    elif "@" in rest and not _PORT.fullmatch(re.split("[?#]", host, maxsplit=1)[0]):
        rest = rest.rpartition("@")[2]  # a password with a slash in it
    if _WEB.search(scheme):
        before = re.split("[?#]", rest, maxsplit=1)[0]
        return scheme + before + _tail(rest[len(before) :])
    before, mark, after = rest.partition("?")  # in other stores it may be part of a name
    return scheme + before + mark + re.sub(r"=[^&#]*", "=...", after)


def _tail(tail: str) -> str:
    """A query and a fragment, of which the names stay."""
    parts = re.split(r"([?#&;])", tail)
    return "".join(
        part if index % 2 or not part else _part(part) for index, part in enumerate(parts)
    )


def _part(part: str) -> str:
    name, mark, value = part.partition("=")
    is_pair = mark and value.strip("=") and _NAME.fullmatch(name)
    return f"{name}=..." if is_pair else "..."


def _without_value(found: re.Match[str]) -> str:
    name = normalize("NFKC", unquote(unquote(found["name"]))).lower().rstrip("0123456789_-")
    if not _SECRET.search(name):
        return found[0]
    return f"{found['before']}{found['name']}{found['mark']}..."


def scrubbing(operation: Callable[..., Any]) -> Callable[..., Any]:
    """``operation``, a method of a back-end, raising its errors without secrets.

    Of a generator it is what comes while it runs; of a context manager, what comes on entering.
    """
    if operation.__name__ == "get_local_path":
        return _scrubbing_context(operation)

    @wraps(operation)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            found = operation(*args, **kwargs)
        except Exception as error:
            _raise(error)
        return _scrubbing_generator(found) if type(found) is GeneratorType else found

    return call


def _scrubbing_generator(generator: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from generator
    except Exception as error:
        _raise(error)


def _scrubbing_context(
    operation: Callable[..., AbstractContextManager[Any]],
) -> Callable[..., AbstractContextManager[Any]]:
    @wraps(operation)
    @contextmanager
    def enter(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with ExitStack() as stack:
            try:
                value = stack.enter_context(operation(*args, **kwargs))
            except Exception as error:
                _raise(error)
            yield value  # what its user raises is not ours

    return enter


def _raise(error: Exception) -> NoReturn:
    """Raise ``error`` without secrets; where it can't be changed, one that says the same."""
    if _scrub(error, set()):
        raise error
    raise _in_other_words(error) from None


def _in_other_words(error: Exception) -> Exception:
    """An error of the nearest class that one can catch in place of this one, without secrets."""
    text = hide_secrets(str(error))
    for kind in type(error).__mro__:
        if kind in (Exception, BaseException):
            break
        try:
            other = kind(text)
        except Exception:  # it wants other arguments
            continue
        if isinstance(other, Exception) and text in str(other) and _is_clean(other):
            return other
    return OSError(f"{type(error).__name__}: {text}")


def _scrub(error: BaseException, seen: set[int]) -> bool:
    """Take the secrets out of an error and its causes; False if it has some that stay."""
    seen.add(id(error))
    for link in ("__cause__", "__context__"):
        other = getattr(error, link)
        if other is not None and id(other) not in seen and not _scrub(other, seen):
            suppressed = error.__suppress_context__
            setattr(error, link, None)
            error.__suppress_context__ = suppressed
    if _is_clean(error):
        return True
    _change(error)
    return _is_clean(error)


def _is_clean(error: BaseException) -> bool:
    texts = [str(error), *getattr(error, "__notes__", ())]
    if not isinstance(error, UnicodeError):  # whose repr has the file's content
        texts.append(repr(error))
    return all(hide_secrets(text) == text for text in texts)


def _change(error: BaseException) -> None:
    error.args = tuple(_hidden(one) for one in error.args)
    own = [*vars(error)]
    if isinstance(error, OSError):
        own += ["strerror", "filename", "filename2"]
    if isinstance(error, UnicodeDecodeError | UnicodeEncodeError):
        own.append("reason")
    for name in own:
        value = getattr(error, name)
        hidden = _hidden(value)
        if hidden != value:  # to set None would change what is told
            setattr(error, name, hidden)


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return hide_secrets(value)
    if isinstance(value, PurePath):
        text = os.fspath(value)
        hidden = hide_secrets(text)
        return value if text == hidden else hidden
    return [_hidden(one) for one in value] if isinstance(value, list) else value


_ours: ContextVar[bool] = ContextVar("_ours", default=False)


@contextmanager
def unsecret_logs() -> Iterator[None]:
    """Let the requests of the block be logged without secrets; those of others are not touched."""
    _filter_logs()
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)


@cache
def _filter_logs() -> None:
    """Take the secrets out of what urllib3 logs of our own requests."""

    def hide(record: Any) -> bool:
        if _ours.get():
            record.msg, record.args = hide_secrets(record.getMessage()), ()
        return True

    for name in ("urllib3.connectionpool", "urllib3.poolmanager", "urllib3.util.retry"):
        import_module("logging").getLogger(name).addFilter(hide)
