"""Compression by suffix, on top of any format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine_fileio.optional import later, require

SUFFIXES = ("bz2", "gz", "xz", "zst")

# suffix: (module of the standard library, arguments of its `compress`)
_STANDARD: dict[str, tuple[str, dict[str, Any]]] = {
    "bz2": ("bz2", {}),
    "gz": ("gzip", {"mtime": 0}),  # the same content gives the same bytes
    "xz": ("lzma", {}),
}
_PADDED = {"gz", "xz"}  # zeros may follow
_GZIP = 31  # zlib's window bits for a stream with gzip's header and sum


def split(name: str) -> tuple[str | None, str | None]:
    """Return ``(format, compression)`` of a file name or format: ``a.json.gz``: json, gz."""
    parts = name.rsplit(".", 2)
    if parts[-1] not in SUFFIXES:
        return parts[-1] if parts[-1] else None, None
    return (parts[-2] if len(parts) > 1 else None), parts[-1]


def compress(data: bytes, suffix: str) -> bytes:
    """Return ``data`` compressed as files of ``suffix`` are, with a checksum.

    Raises:
        MissingPackageError: zst before Python 3.14 without the package zstandard.
    """
    if suffix == "zst":
        return _compress_zstd(data)
    module, arguments = _STANDARD[suffix]
    return bytes(later(module).compress(data, **arguments))


def decompress(data: bytes, suffix: str) -> bytes:
    """Return what ``compress`` was given; any tool's file of that kind is read.

    A file may have several streams one after the other. All of it has to be read, each stream
    has to end, and to have the length and the checksum that it tells.

    Raises:
        ValueError: ``data`` is of another kind, damaged, or cut off.
        MissingPackageError: zst before Python 3.14 without the package zstandard.
    """
    new, errors = _decompressor(suffix)
    parts: list[bytes] = []
    rest = data
    try:
        while rest or not parts:
            stream = new()
            parts.append(stream.decompress(rest))
            if not stream.eof:
                raise EOFError("it is cut off" if data else "it is empty")
            rest = stream.unused_data
            if suffix in _PADDED and not rest.strip(b"\0"):
                break
    except errors as error:
        raise ValueError(f"not a .{suffix} file, or a damaged one: {error}") from error
    return b"".join(parts)


def _decompressor(suffix: str) -> tuple[Callable[[], Any], tuple[type[Exception], ...]]:
    """What makes a decompressor for one stream, and the errors of a damaged one."""
    if suffix == "bz2":
        return later("bz2").BZ2Decompressor, (EOFError, OSError, ValueError)
    if suffix == "gz":
        zlib = later("zlib")
        return lambda: zlib.decompressobj(_GZIP), (EOFError, zlib.error)
    if suffix == "xz":
        lzma = later("lzma")
        return lzma.LZMADecompressor, (EOFError, lzma.LZMAError, ValueError)
    zstd = _zstd()
    if zstd.__name__ == "zstandard":
        return lambda: zstd.ZstdDecompressor().decompressobj(), (EOFError, zstd.ZstdError)
    return zstd.ZstdDecompressor, (EOFError, zstd.ZstdError)


def _compress_zstd(data: bytes) -> bytes:
    zstd = _zstd()
    if zstd.__name__ == "zstandard":
        return bytes(zstd.ZstdCompressor(write_checksum=True).compress(data))
    return bytes(zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}))


def _zstd() -> Any:
    try:
        return later("compression.zstd")  # Python 3.14
    except ImportError:
        return require("zstandard", extra="zst", what=".zst before Python 3.14")
