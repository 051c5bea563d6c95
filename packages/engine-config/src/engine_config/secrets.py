"""Secrets in configurations: masked where one is written or shown, and asked for again by name.

A value is one if its key is a secret's name, and so is all that lies in it: texts, bytes and
numbers. A text in the place of one says by which environment variable it is given when the
configuration is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from unicodedata import normalize

__all__ = [
    "ORDINARY_NAMES",
    "SECRET_NAMES",
    "add_secret_names",
    "filled",
    "hold_secrets",
    "is_secret",
    "is_secret_path",
    "is_token",
    "masked",
    "missing_secrets",
    "secret_texts",
    "variable_in",
    "variable_of",
]

SECRET_NAMES: Final = set(
    """
    access_key access_key_id access_token account_key api_key api_secret api_token apikey app_key
    auth auth_key auth_token authorization authtoken authkey bearer client_secret conn_str
    connection_string cookie cred credential creds credentials deploy_key dsn
    encryption_key hmac_key jwt license_key master_key passcode passphrase passwd password
    password_hash private_key pwd sas sas_token secret secret_access_key secret_key security_token
    service_account session_key session_token shared_key signing_key sse_customer_key ssh_key
    token webhook webhook_url
    """.split()  # noqa: SIM905 - too many for a list
) | {
    f"{service}_{word}"
    for word in ("key", "pass")
    for service in """
    admin aim amazon anthropic aws azure blob bot clearml cloud cohere comet dagshub database db
    deepseek discord docker ftp gcp gcs gemini git github gitlab google groq hf hub huggingface
    hugging_face kaggle login mail minio mistral mlflow modelscope mongo mysql neptune ngc nvidia
    openai openrouter oss pinecone postgres pypi qwen redis replicate s3 sendgrid sentry sftp slack
    smtp ssh storage stripe swanlab telegram together twilio user vault wandb webdav xai
    """.split()  # noqa: SIM905 - too many for a list
}
"""Names of secrets, in small letters; also at the end of a key, after the name of their service,
in the plural, with a number, and in any spelling: ``hf_token``, ``hfToken``, ``HF-TOKEN``,
``hf_token_2`` and one in full-width letters are one."""

ORDINARY_NAMES: Final = {
    f"{word}_token"
    for word in """
    additional audio bbox begin blank bos box class cls context decoder det dist distill
    distillation dummy empty encoder end eos eot extra fake fill first func global ignore image
    img input invalid keep label language last latent local mask max memory meta min modality
    model n negative new next noise null num number object pad padding patch point pooling
    position positive prefix prompt quality query reg register relation sample segment sep
    separator soft sos source spatial special start stop suffix summary switch tag target task
    temporal text time unk unknown valid video vision visual word
    """.split()  # noqa: SIM905 - too many for a list
}
"""Names that end as a secret's do, and are those of what a model learns or a vocabulary has."""

_ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None)})
_NUMBERS = frozenset({complex, float, int})
_SEQUENCES = frozenset({frozenset, list, set, tuple})
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHERS = re.compile(r"[^a-zA-Z0-9]+")
_VOCABULARY = re.compile(r"[\[<({|].*[\]>)}|]", re.DOTALL)  # `[CLS]`, `<pad>`
_BEFORE, _AFTER = "<secret ", ">"
_LONGEST = 100
_KNOWN = 4096
_ordinary: set[Any] = set()  # keys that were looked at, and are no secrets'


def add_secret_names(*names: str) -> None:
    """Let values of these keys be masked, too."""
    SECRET_NAMES.update(map(_spelt, names))
    _is_name_of_secret.cache_clear()
    _unspaced.cache_clear()
    _ordinary.clear()


def is_secret(key: Any) -> bool:
    """Whether the value of ``key`` is a secret."""
    return isinstance(key, str) and _is_name_of_secret(key)


def is_secret_path(path: str) -> bool:
    """Whether the value at a dotted path is a secret, or lies in one."""
    return any(map(_is_name_of_secret, path.split(".")))


def hold_secrets(values: dict[Any, Any]) -> bool:
    """Whether one of a dict's keys is that of a secret."""
    if _ordinary.issuperset(dict.keys(values)):
        return False
    if any(type(key) is str and _is_name_of_secret(key) for key in dict.keys(values)):
        return True
    if len(_ordinary) > _KNOWN:
        _ordinary.clear()
    _ordinary.update(dict.keys(values))
    return False


@lru_cache(maxsize=4096)
def _spelt(key: str) -> str:
    """A key in the one spelling that secrets' names have."""
    if not key.isascii():
        key = normalize("NFKC", key[-_LONGEST:])  # full-width letters, ligatures
    return _OTHERS.sub("_", _WORDS.sub("_", key[-_LONGEST:])).strip("_").lower()


@lru_cache(maxsize=4096)
def _is_name_of_secret(key: str) -> bool:
    name = _spelt(key).rstrip("0123456789_")
    return _ends_as_secret(name) or (name[-1:] == "s" and _is_plural(name[:-1]))


def _ends_as_secret(name: str) -> bool:
    parts = name.split("_")
    ends = ["_".join(parts[at:]) for at in range(len(parts))]
    if any(end in ORDINARY_NAMES for end in ends):
        return False
    return any(end in SECRET_NAMES or end.replace("_", "") in _unspaced() for end in ends)


@lru_cache(maxsize=1)
def _unspaced() -> frozenset[str]:
    """Secrets' names as one word: ``secretkey``, ``passWord``."""
    return frozenset(name.replace("_", "") for name in SECRET_NAMES)


def _is_plural(name: str) -> bool:
    """Whether the singular is a secret's; a model has `tokens`, and a pipeline has `cookies`."""
    return name in ("password", "secret") or ("_" in name and _ends_as_secret(name))


def masked(value: Any) -> Any:
    """Return ``value`` with a mask in the place of each secret; itself where it holds none."""
    if name := getattr(type(value), "__secret__", _no_name)(value):
        return _hidden(value, name)
    return _masked(value) if _holds_secret(value) else value


def _no_name(_: Any) -> str:
    return ""


def _holds_secret(value: Any) -> bool:
    """Whether a secret's key is somewhere in ``value``: quicker than to look at each value."""
    if isinstance(value, dict):
        if hold_secrets(value):
            return True
        value = dict.values(value)
    elif type(value) not in (list, tuple):
        return False
    return any(type(each) not in _ATOMS and _holds_secret(each) for each in value)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return _with_entries(value, _masked_entry)
    if type(value) in (list, tuple):
        parts = [each if type(each) in _ATOMS else _masked(each) for each in value]
        return _with_parts(value, parts)
    return value


def _masked_entry(key: Any, value: Any) -> Any:
    if type(key) is str and _is_name_of_secret(key):
        return _hidden(value, variable_of(key))
    return value if type(value) in _ATOMS else _masked(value)


def _with_entries(value: dict[Any, Any], new: Any) -> dict[Any, Any]:
    """A dict with ``new(key, value)`` for each value; itself if these are the same."""
    node = value
    for key, each in dict.items(value):
        other = new(key, each)
        if other is not each:
            if node is value:
                node = value.copy()
            dict.__setitem__(node, key, other)
    return node


def _with_parts(value: Any, parts: list[Any]) -> Any:
    """A list, tuple or set of other parts; itself if these are the same."""
    if all(new is old for new, old in zip(parts, value, strict=True)):
        return value
    return type(value)(parts)


def _hidden(value: Any, name: str) -> Any:
    """A secret's value, behind masks that ask for the variable ``name``."""
    if isinstance(value, str | bytes):
        return value if _is_shown(value, name) else f"{_BEFORE}{name}{_AFTER}"
    if type(value) in _NUMBERS:  # how many tokens there are is no secret
        return value if is_token(name) else f"{_BEFORE}{name}{_AFTER}"
    if isinstance(value, dict):
        if "type" in value and is_token(name):  # a layer that learns one
            return masked(value)

        def entry(key: Any, each: Any) -> Any:
            return each if key == "type" else _hidden(each, f"{name}_{variable_of(str(key))}")

        return _with_entries(value, entry)
    if type(value) in _SEQUENCES:
        number = len(value) > 1
        parts = [_hidden(e, f"{name}_{i}" if number else name) for i, e in enumerate(value)]
        return _with_parts(value, parts)
    return value


def _is_shown(value: str | bytes, name: str) -> bool:
    """Whether a text in the place of a secret is none."""
    if not value or variable_in(value):
        return True
    return is_token(name) and isinstance(value, str) and bool(_VOCABULARY.fullmatch(value))


def is_token(name: str) -> bool:
    """Whether a secret is of a kind that models have, too."""
    return any(part.rstrip("0123456789") == "TOKEN" for part in name.split("_"))


def variable_of(key: str) -> str:
    """The environment variable that the mask of a key's value asks for."""
    return _spelt(key).upper()


def variable_in(value: Any) -> str:
    """The environment variable that a mask asks for; empty if a value is none."""
    if isinstance(value, str) and value.startswith(_BEFORE) and value.endswith(_AFTER):
        return value[len(_BEFORE) : -len(_AFTER)]
    return ""


def filled(value: Any, environment: Mapping[str, str], *, inside: bool = False) -> Any:
    """Return ``value`` with the secrets that an environment has in the place of their masks.

    Args:
        value: its dicts and lists are changed.
        environment: values by variable.
        inside: it lies in a secret's value: elsewhere, what looks like a mask is a text.
    """
    if isinstance(value, dict):
        for key, each in [*dict.items(value)]:
            new = filled(each, environment, inside=inside or is_secret(key))
            if new is not each:
                dict.__setitem__(value, key, new)
    elif type(value) is list:
        value[:] = [filled(each, environment, inside=inside) for each in value]
    elif type(value) in _SEQUENCES:
        return _with_parts(value, [filled(each, environment, inside=inside) for each in value])
    elif inside:
        return environment.get(variable_in(value), value)
    return value


def missing_secrets(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted path of each mask, and the environment variable that it asks for."""
    if isinstance(value, dict):
        inner: Any = dict.items(value)
    elif isinstance(value, list | tuple):
        inner = enumerate(value)
    else:
        if name := variable_in(value):
            yield path, name
        return
    for key, each in inner:
        yield from missing_secrets(each, f"{path}.{key}" if path else str(key))


def secret_texts(value: Any, *, inside: bool = False) -> Iterator[str]:
    """Yield the texts that `masked` hides."""
    if isinstance(value, dict):
        for key, each in dict.items(value):
            yield from secret_texts(each, inside=inside or is_secret(key))
    elif type(value) in _SEQUENCES:
        for each in value:
            yield from secret_texts(each, inside=inside)
    elif inside and isinstance(value, str) and not _is_shown(value, "TOKEN"):
        yield value
