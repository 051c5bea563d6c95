"""Compression by suffix, on top of any format."""

from __future__ import annotations

from typing import Any

from engine_fileio.optional import later, require

SUFFIXES = ("bz2", "gz", "xz", "zst")

# suffix: (module of the standard library, arguments of its `compress`)
_STANDARD: dict[str, tuple[str, dict[str, Any]]] = {
    "bz2": ("bz2", {}),
    "gz": ("gzip", {"mtime": 0}),  # the same content gives the same bytes
    "xz": ("lzma", {}),
}


def split(name: str) -> tuple[str | None, str | None]:
    """Return ``(format, compression)`` of a file name or format: ``a.json.gz``: json, gz."""
    parts = name.rsplit(".", 2)
    if parts[-1] not in SUFFIXES:
        return parts[-1] if parts[-1] else None, None
    return (parts[-2] if len(parts) > 1 else None), parts[-1]


def compress(data: bytes, suffix: str) -> bytes:
    """Return ``data`` compressed as files of ``suffix`` are.

    Raises:
        MissingPackageError: zst before Python 3.14 without the package zstandard.
    """
    if suffix == "zst":
        return bytes(_zstd().compress(data))
    module, arguments = _STANDARD[suffix]
    return bytes(later(module).compress(data, **arguments))


def decompress(data: bytes, suffix: str) -> bytes:
    """Return what ``compress`` was given; any tool's file of that kind is read.

    Raises:
        ValueError: ``data`` is of another kind, damaged, or cut off.
        MissingPackageError: zst before Python 3.14 without the package zstandard.
    """
    try:
        if suffix == "zst":
            return _decompress_zstd(data)
        return bytes(later(_STANDARD[suffix][0]).decompress(data))
    except (OSError, EOFError, ValueError, later("zlib").error, later("lzma").LZMAError) as error:
        raise ValueError(f"not a .{suffix} file, or a damaged one: {error}") from error


def _zstd() -> Any:
    try:
        return later("compression.zstd")  # Python 3.14
    except ImportError:
        return require("zstandard", extra="zst", what=".zst before Python 3.14")


def _decompress_zstd(data: bytes) -> bytes:
    zstd = _zstd()
    parts = []
    try:
        if zstd.__name__ != "zstandard":
            return bytes(zstd.decompress(data))
        while data:  # a file may have several frames
            frame = zstd.ZstdDecompressor().decompressobj()
            parts.append(frame.decompress(data))
            if not frame.eof:
                raise EOFError("it is cut off")
            data = frame.unused_data
    except zstd.ZstdError as error:
        raise EOFError(str(error)) from error
    return b"".join(parts)
