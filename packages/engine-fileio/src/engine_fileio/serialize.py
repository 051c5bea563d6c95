"""Objects to files and back, by suffix."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from engine_fileio import compression
from engine_fileio.address import base_name, shown
from engine_fileio.errors import UntrustedError
from engine_fileio.file_client import client_or_backend
from engine_fileio.handlers.base import BaseFileHandler
from engine_fileio.handlers.pickle_handler import PickleHandler
from engine_fileio.handlers.registry import handler_for
from engine_fileio.pickles import is_data_alone, load_pickle


def load(
    file: Any,
    file_format: str | None = None,
    file_client_args: Mapping[str, Any] | None = None,
    backend_args: Mapping[str, Any] | None = None,
    *,
    trusted: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Return the object in a file.

    Args:
        file: an address, or an open file.
        file_format: ``json``, ``yaml``, ``pkl`` ..., if the suffix does not say it. After it, or
            after the suffix, may come ``.gz``, ``.bz2``, ``.xz`` or ``.zst``.
        file_client_args: deprecated, use ``backend_args``.
        backend_args: see ``get_file_backend``.
        trusted: whether a pickle may be executed to read it, which runs the code that is in it.
            By default one on this machine is read as data, and executed with a warning only if it
            names more; False reads any as data, or not at all.
        kwargs: for the handler, such as ``encoding="latin1"`` for an old pickle.

    Raises:
        UnknownFormatError: no handler is registered for the format.
        ValueError: the file is compressed, and damaged.
        UntrustedError: a pickle holds more than data, and may not be executed.
    """
    is_address = isinstance(file, str | Path)
    if not is_address and not hasattr(file, "read"):
        raise TypeError(f"file must be an address or an open file, got {file!r}")
    handler, squeezed = _handler(file if is_address else None, file_format)
    is_pickle = isinstance(handler, PickleHandler)
    if not is_address:
        if is_pickle and (trusted is False or (trusted is None and is_data_alone())):
            data = compression.decompress(file.read(), squeezed) if squeezed else file.read()
            return load_pickle(data, "an open file", trusted=False, **kwargs)
        if squeezed is None:
            return handler.load_from_fileobj(file, **kwargs)
        return _decode(handler, compression.decompress(file.read(), squeezed), kwargs)
    store = client_or_backend(file, file_client_args, backend_args)
    may_be_data = is_pickle and (trusted is False or is_data_alone())
    if handler.executes_code and not (trusted or may_be_data or store.is_local):
        raise UntrustedError(
            f"{shown(file)!r} is at a remote address, and reading it runs the code that is in it. "
            "If you trust the place: load(..., trusted=True)"
        )
    if squeezed is None and handler.str_like:
        return handler.load_from_fileobj(StringIO(store.get_text(file)), **kwargs)
    data = store.get(file)
    data = compression.decompress(data, squeezed) if squeezed else data
    if is_pickle:
        return load_pickle(data, shown(file), trusted=trusted, **kwargs)
    return _decode(handler, data, kwargs)


def dump(
    obj: Any,
    file: Any = None,
    file_format: str | None = None,
    file_client_args: Mapping[str, Any] | None = None,
    backend_args: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """Write an object to a file, or return it as text or bytes if ``file`` is None.

    Args:
        obj: the object.
        file: an address, an open file, or None.
        file_format: as for ``load``.
        file_client_args: deprecated, use ``backend_args``.
        backend_args: see ``get_file_backend``.
        kwargs: for the handler, such as ``indent=2`` for JSON.

    Raises:
        UnknownFormatError: no handler is registered for the format.
    """
    is_address = isinstance(file, str | Path)
    if file is None and file_format is None:
        raise ValueError("give file_format=, there is no file whose suffix could say it")
    if not (is_address or file is None or hasattr(file, "write")):
        raise TypeError(f"file must be an address, an open file or None, got {file!r}")
    handler, squeezed = _handler(file if is_address else None, file_format)
    if file is None:
        return _squeeze(handler.dump_to_str(obj, **kwargs), squeezed)
    if not is_address:
        if squeezed is None:
            handler.dump_to_fileobj(obj, file, **kwargs)
        else:
            file.write(_squeeze(handler.dump_to_str(obj, **kwargs), squeezed))
        return None
    store = client_or_backend(file, file_client_args, backend_args)
    if squeezed is None and handler.str_like:
        text = StringIO()
        handler.dump_to_fileobj(obj, text, **kwargs)
        store.put_text(text.getvalue(), file)
    else:
        data = _squeeze(handler.dump_to_str(obj, **kwargs), squeezed)
        store.put(data.encode("utf-8") if isinstance(data, str) else data, file)
    return None


def _handler(
    file: str | Path | None, file_format: str | None
) -> tuple[BaseFileHandler, str | None]:
    """The handler, and the compression if any; ``file_format`` wins over the name."""
    of_name, squeezed = compression.split(base_name(file)) if file is not None else (None, None)
    kind = of_name
    if file_format is not None:
        kind, of_format = compression.split(file_format)
        squeezed = of_format or squeezed
    return handler_for(kind, file_format if file is None else shown(file)), squeezed


def _decode(handler: BaseFileHandler, data: bytes, kwargs: dict[str, Any]) -> Any:
    if handler.str_like:
        return handler.load_from_fileobj(StringIO(data.decode("utf-8")), **kwargs)
    return handler.load_from_fileobj(BytesIO(data), **kwargs)


def _squeeze(whole: str | bytes, squeezed: str | None) -> str | bytes:
    if squeezed is None:
        return whole
    data = whole.encode("utf-8") if isinstance(whole, str) else whole
    return compression.compress(data, squeezed)
