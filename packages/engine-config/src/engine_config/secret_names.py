"""The names of secrets, in any spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

__all__ = [
    "ORDINARY_NAMES",
    "SECRET_NAMES",
    "add_secret_names",
    "has_secret_key",
    "in_other_use",
    "is_secret",
    "is_secret_path",
    "names_secret",
    "variable_of",
]

_SERVICES: Final = frozenset(
    """
    access account admin aim amazon anthropic api app auth authorization aws azure blob ci
    clearml client cloud cohere comet csrf dagshub database db deepseek deploy device discord docker
    ftp gcp gcs gemini git github gitlab google groq hf hub huggingface hugging_face id_provider
    jwt kaggle login mail minio mistral mlflow modelscope mongo my mysql neptune ngc nvidia oauth
    openai openrouter oss personal pinecone postgres push pypi qwen redis refresh replicate repo
    root s3 sas security sendgrid sentry server service session sftp slack smtp ssh storage stripe
    swanlab telegram together twilio upload vault wandb webdav xai
    """.split()  # noqa: SIM905 - too many for a list
)

SECRET_NAMES: Final = (
    set(
        """
    access_key access_key_id account_key api_key api_secret apikey app_key auth auth_key
    authorization authtoken authkey bearer client_secret conn_str connection_string cookie cred
    credential creds credentials deploy_key dsn encryption_key hmac_key jwt license_key master_key
    passcode passphrase passwd password password_hash private_key pwd sas secret secret_access_key
    secret_key service_account session_key shared_key signing_key sse_customer_key ssh_key token
    webhook webhook_url
    """.split()  # noqa: SIM905 - too many for a list
    )
    | {f"{each}_token" for each in _SERVICES}
    | {
        f"{each}_{word}"
        for word in ("key", "pass", "pat")
        for each in _SERVICES - {"account", "device", "id_provider", "my", "repo", "server"}
    }
)
"""Names of secrets, in small letters; also at the end of a key, after the name of their service,
in the plural, with a number or a word such as ``old`` behind it, and in any spelling: ``hf_token``,
``hfToken``, ``HFTOKEN``, ``HF-TOKEN``, ``hf_token_v2`` and one in full-width letters are one."""

ORDINARY_NAMES: Final = {
    f"{word}_token"
    for word in """
    additional ans answer audio avg bbox begin blank bos box class cls completion context decoder
    det dist distill distillation dummy embed empty encoder end eos eot extra fake fill first func
    global ice ignore image img input invalid keep label language last latent local mask max memory
    meta min modality model n negative new next nl noise null num number object output pad padding
    part patch pl point pooling position positive prefix prompt quality query reg register relation
    sample segment sep separator soft sos source spatial special start stop suffix summary switch
    tag target task temporal text time unk unknown valid video vision visual word
    """.split()  # noqa: SIM905 - too many for a list
}
"""Names that end as a secret's do, and are those of what a model learns or a vocabulary has."""

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHERS = re.compile(r"[^a-zA-Z0-9]+")
_LONGEST = 100
# what stands behind a name, and changes nothing of what it names
_BEHIND = (
    r"\d+|v\d*|old|new|orig|prev|previous|last|current|cur|next|raw|plain|clear|hex|hash|b64|base64"
    r"|enc|encrypted|val|value|str|string|text|txt|pem|der|p12|pfx|header|bak|backup|copy|prod|dev"
    r"|test|staging|main|primary|secondary|default|real|tmp"
)
# these are found at the end of a word without any separator, too
_CLEAR = """
    password passwd passphrase secretkey accesskey apikey privatekey authtoken accesstoken apitoken
    clientsecret apisecret
""".split()  # noqa: SIM905
_IN_TEXT = r"[\w-]+"
_ESCAPE = r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))"
_BETWEEN = r"""(?<=\w)['"]\s*\+?\s*[rRbBuUfF]?['"](?=\w)"""

ordinary_keys: set[Any] = set()  # those that were looked at, and are no secrets'
_KEPT = 4096


def add_secret_names(*names: str) -> None:
    """Let values of these keys be masked, too."""
    SECRET_NAMES.update(map(_spelt, names))
    _is_name_of_secret.cache_clear()
    _unspaced.cache_clear()
    ordinary_keys.clear()


def is_secret(key: Any) -> bool:
    """Whether the value of ``key`` is a secret; a tuple is a key if one of its parts is."""
    if isinstance(key, str):
        return _is_name_of_secret(key)
    if isinstance(key, bytes):
        return _is_name_of_secret(key.decode(errors="replace"))
    return isinstance(key, tuple) and any(map(is_secret, key))


def has_secret_key(values: dict[Any, Any]) -> bool:
    """Whether one of a dict's keys is a secret's; those that aren't are looked at once."""
    if ordinary_keys.issuperset(dict.keys(values)):
        return False
    if any(map(is_secret, dict.keys(values))):
        return True
    if len(ordinary_keys) > _KEPT:
        ordinary_keys.clear()
    ordinary_keys.update(dict.keys(values))
    return False


def is_secret_path(path: str) -> bool:
    """Whether the value at a dotted path is a secret, or lies in one."""
    return any(map(_is_name_of_secret, path.split(".")))


def names_secret(text: str) -> bool:
    """Whether a text of a config has the name of a secret anywhere, in whatever language it is."""
    if "\\" in text:
        text = re.sub(_ESCAPE, lambda found: chr(int(found[1] or found[2], 16)), text)
    joined = re.sub(_BETWEEN, "", text)
    words = {*re.findall(_IN_TEXT, text), *(re.findall(_IN_TEXT, joined) if joined != text else ())}
    return any(map(_is_name_of_secret, words))


def in_other_use(key: Any) -> bool:
    """Whether a secret's name is one of a token of nobody knows what: models have some, too."""
    if not isinstance(key, str):
        return False
    parts = _shorter(_spelt(key))[-1].split("_")
    if parts[-1] not in ("token", "tokens") or len(parts) == 1:
        return False
    before = "_".join(parts[:-1])
    return not any(before == each or before.endswith(f"_{each}") for each in _SERVICES)


def variable_of(key: Any) -> str:
    """The environment variable that the mask of a key's value asks for."""
    return _spelt(key if isinstance(key, str) else "secret").upper() or "SECRET"


@lru_cache(maxsize=4096)
def _spelt(key: str) -> str:
    """A key in the one spelling that secrets' names have."""
    key = key[-_LONGEST:]
    if not key.isascii():  # full-width letters, ligatures, accents, what nobody sees
        from unicodedata import category, normalize  # large, and few keys need it

        letters = normalize("NFKD", key)
        key = "".join(each for each in letters if category(each) not in ("Cf", "Mn"))
    return _OTHERS.sub("_", _WORDS.sub("_", key)).strip("_").lower()


@lru_cache(maxsize=1)
def _tail() -> re.Pattern[str]:  # few programs need it when this is imported
    return re.compile(rf"(?:_|(?<=[a-z0-9])(?=\d))(?:{_BEHIND})\d*$")


@lru_cache(maxsize=1)
def _joined() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(_CLEAR)})s?(?:{_BEHIND})*$")


def _shorter(name: str) -> list[str]:
    """A name, and that without each of the words behind it."""
    names = [name]
    while (shorter := _tail().sub("", name)) != name:
        names.append(name := shorter)
    return names


@lru_cache(maxsize=8192)
def _is_name_of_secret(key: str) -> bool:
    name = _spelt(key)
    if _joined().search(name.replace("_", "")) and not name.endswith("_token"):
        return True
    return any(
        _ends_as_secret(each) or (each[-1:] == "s" and _is_plural(each[:-1]))
        for each in _shorter(name)
    )


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
    if name in ("password", "secret") or ("_" in name and _ends_as_secret(name)):
        return True
    return "_" not in name and name != "token" and name in _unspaced() and len(name) > 6
