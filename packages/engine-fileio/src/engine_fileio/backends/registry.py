"""Which back-end goes by which name and which prefix, and the one that an address means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from threading import Lock
from types import NoneType
from typing import Any, TypeVar, overload

from engine_fileio.address import Address, shown, split_prefix
from engine_fileio.backends.base import BaseStorageBackend
from engine_fileio.backends.cached import CachedBackend
from engine_fileio.backends.fsspec import FsspecBackend
from engine_fileio.backends.http import HTTPBackend
from engine_fileio.backends.lmdb import LmdbBackend
from engine_fileio.backends.local import LocalBackend
from engine_fileio.backends.memcached import MemcachedBackend
from engine_fileio.backends.memory import MemoryBackend
from engine_fileio.backends.petrel import PetrelBackend, is_configured
from engine_fileio.backends.s3 import S3Backend
from engine_fileio.errors import UnknownBackendError
from engine_fileio.optional import later

Kind = type[BaseStorageBackend]
AnyKind = TypeVar("AnyKind", bound=Kind)

backends: dict[str, Kind] = {
    "fsspec": FsspecBackend,
    "http": HTTPBackend,
    "lmdb": LmdbBackend,
    "local": LocalBackend,
    "memcached": MemcachedBackend,
    "memory": MemoryBackend,
    "petrel": PetrelBackend,
    "s3": S3Backend,
}
"""Name, as in ``backend_args=dict(backend=name)``: class. Change it by ``register_backend``."""

prefix_to_backends: dict[str, Kind] = {
    "": LocalBackend,
    "file": LocalBackend,
    "http": HTTPBackend,
    "https": HTTPBackend,
    "memory": MemoryBackend,
    "petrel": PetrelBackend,
    "s3": S3Backend,
}
"""What stands before ``://``: class. Prefixes that are not here are looked up in fsspec."""

_FORMER = {"disk": "local"}  # what ``file_client_args`` called them

_CACHE_ARGUMENTS = ("cache_dir", "cache_size", "offline")

_PETREL_ARGUMENTS = {"path_mapping", "enable_mc", "conf_path", *_CACHE_ARGUMENTS}
_petrel_first = False

# (class, frozen arguments): (back-end, arguments); the arguments are kept so that the id of
# one that can't be hashed stays its own
_instances: dict[object, tuple[BaseStorageBackend, object]] = {}
_making = Lock()


def set_petrel_first(*, first: bool) -> None:
    """Say whether a bare ``s3://`` is Petrel where Petrel is installed or configured.

    It is S3 itself by default; engine-compat asks for MMEngine's meaning.
    """
    global _petrel_first
    _petrel_first = first


@overload
def register_backend(
    name: str,
    backend: None = None,
    force: bool = False,
    prefixes: str | list[str] | tuple[str, ...] | None = None,
) -> Callable[[AnyKind], AnyKind]: ...
@overload
def register_backend(
    name: str,
    backend: Kind,
    force: bool = False,
    prefixes: str | list[str] | tuple[str, ...] | None = None,
) -> None: ...
def register_backend(
    name: str,
    backend: Kind | None = None,
    force: bool = False,
    prefixes: str | list[str] | tuple[str, ...] | None = None,
) -> Callable[[AnyKind], AnyKind] | None:
    """Let a back-end of one's own be found by name and by prefixes.

    Without ``backend`` it is a class decorator.

    Args:
        name: for ``backend_args=dict(backend=name)``.
        backend: a subclass of ``BaseStorageBackend``.
        force: replace what has the name or a prefix already.
        prefixes: what stands before ``://`` in its addresses.

    Raises:
        ValueError: the name or a prefix is taken, and ``force`` is False.
        TypeError: an argument is of a wrong type.
    """
    if backend is not None:
        _register(name, backend, force=force, prefixes=prefixes)
        return None

    def decorate(kind: AnyKind) -> AnyKind:
        _register(name, kind, force=force, prefixes=prefixes)
        return kind

    return decorate


def get_file_backend(
    uri: Address | None = None,
    *,
    backend_args: Mapping[str, Any] | None = None,
    enable_singleton: bool = False,
) -> BaseStorageBackend:
    """Return the back-end for an address.

    Args:
        uri: an address; its prefix decides, unless ``backend_args`` names a back-end.
        backend_args: ``backend``, the name of a back-end, and what its class takes.
            ``cache_dir``, with ``cache_size`` in bytes, keeps remote files on this machine;
            with ``offline=True`` a kept file is used, with a warning, where its store fails.
        enable_singleton: return the same instance for the same class and arguments.

    Raises:
        UnknownBackendError: nothing is registered under the name or prefix.
        ValueError: there is neither an address nor a name.
    """
    kind = _kind_of(uri, backend_args)
    args = {key: value for key, value in (backend_args or {}).items() if key != "backend"}
    if not enable_singleton:
        return _make(kind, args)
    key = (kind, freeze(args))
    found = _instances.get(key)
    if found is None:
        with _making:
            found = _instances.get(key)
            if found is None:
                found = _instances[key] = (_make(kind, args), args)
    return found[0]


def backend_for(uri: Address, backend_args: Mapping[str, Any] | None) -> BaseStorageBackend:
    """The shared back-end for ``uri``; the quick way for local paths."""
    if backend_args is None and (not isinstance(uri, str) or "://" not in uri):
        kind = prefix_to_backends[""]
        found = _instances.get((kind, ()))
        if found is not None:
            return found[0]
    return get_file_backend(uri, backend_args=backend_args, enable_singleton=True)


def is_one_store(one: Address, other: Address, backend_args: Mapping[str, Any] | None) -> bool:
    """Whether two addresses are the same back-end's, which can copy from one to the other.

    ``file:///a`` and ``/b`` are, and two of Petrel's clusters; fsspec has a store for each prefix.
    """
    if "backend" in (backend_args or {}) or split_prefix(one) == split_prefix(other):
        return True
    kind = _kind_of(one, backend_args)
    return kind is _kind_of(other, backend_args) and kind is not FsspecBackend


def freeze(value: object) -> object:
    """Something hashable that is equal for equal arguments."""
    if isinstance(value, Mapping):
        return tuple((key, freeze(value[key])) for key in sorted(value, key=str))
    if isinstance(value, list | tuple):
        return tuple(map(freeze, value))
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value


def _kind_of(uri: Address | None, backend_args: Mapping[str, Any] | None) -> Kind:
    name = (backend_args or {}).get("backend")
    if name is not None:
        name = _FORMER.get(name, name)
        if name not in backends:
            near = later("difflib").get_close_matches(str(name), backends)
            raise UnknownBackendError(
                f"no back-end is registered as {name!r}; "
                f"{f'did you mean {near[0]!r}? There are' if near else 'there are'}: "
                f"{', '.join(sorted(backends))}"
            )
        return backends[name]
    if uri is None:
        raise ValueError("uri is None, and backend_args has no 'backend': give one of them")
    cluster, prefix = split_prefix(uri)
    kind = prefix_to_backends.get(prefix)
    if kind is S3Backend and (cluster or s3_is_petrel(backend_args or {})):
        return PetrelBackend  # `cluster:s3://bucket/key` is Petrel's way of writing
    if kind is not None:
        return kind
    return _fsspec_for(prefix, uri)


def s3_is_petrel(backend_args: Mapping[str, Any]) -> bool:
    """Whether a bare ``s3://`` means Petrel, as it does where people come from MMEngine."""
    if not _petrel_first or not backend_args.keys() <= _PETREL_ARGUMENTS:
        return False
    if not is_configured(backend_args.get("conf_path")):
        return False
    _tell_of_petrel()
    return True


@cache
def _tell_of_petrel() -> None:
    later("logging").getLogger(__name__).info(
        "s3:// is Petrel here, as in MMEngine: its client or configuration file was found; "
        "backend_args=dict(backend='s3') means S3 itself"
    )


def _fsspec_for(prefix: str, uri: Address) -> Kind:
    has_fsspec = find_spec("fsspec") is not None
    if has_fsspec and FsspecBackend.knows(prefix):
        return FsspecBackend
    known = ", ".join(f"{one}://" for one in sorted(prefix_to_backends) if one)
    more = "" if has_fsspec else "; many more with pip install 'engine-fileio[fsspec]'"
    raise UnknownBackendError(
        f"no back-end is registered for {prefix}:// of {shown(uri)!r}; there are: {known}{more}"
    )


def _make(kind: Kind, args: dict[str, Any]) -> BaseStorageBackend:
    of_cache = {key: args[key] for key in _CACHE_ARGUMENTS if args.get(key) is not None}
    backend = kind(**{key: value for key, value in args.items() if key not in _CACHE_ARGUMENTS})
    if "cache_dir" in of_cache:
        return CachedBackend(backend, **of_cache)
    if of_cache.get("offline"):
        raise ValueError("offline=True uses what was kept before: give cache_dir, where that is")
    return backend


def _register(
    name: str, kind: Kind, *, force: bool, prefixes: str | list[str] | tuple[str, ...] | None
) -> None:
    if not isinstance(name, str):
        raise TypeError(f"the name of a back-end must be a str, got {name!r}")
    if not (isinstance(kind, type) and issubclass(kind, BaseStorageBackend)):
        raise TypeError(f"back-end {name!r} must be a subclass of BaseStorageBackend, got {kind!r}")
    if not isinstance(prefixes, str | list | tuple | NoneType):
        raise TypeError(f"prefixes must be a str, or a list or tuple of str, got {prefixes!r}")
    own = [prefixes] if isinstance(prefixes, str) else list(prefixes or ())
    taken = [name] if name in backends else []
    taken += [f"{prefix}://" for prefix in own if prefix in prefix_to_backends]
    if taken and not force:
        raise ValueError(f"{', '.join(taken)} is registered already; force=True replaces it")
    backends[name] = kind
    prefix_to_backends.update(dict.fromkeys(own, kind))
