"""Listing and deletion of S3 objects, a page or a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine_fileio.address import shown
from engine_fileio.errors import RemoteError
from engine_fileio.s3.client import S3Connection
from engine_fileio.s3.errors import telling
from engine_fileio.transfer import ordered_map

__all__ = ["A_ROUND", "bucket_and_key", "delete_keys", "names_below"]

_AT_ONCE: Final = 1000  # keys that one request deletes
A_ROUND: Final = 16 * _AT_ONCE  # keys that are listed before they are deleted


def bucket_and_key(address: str) -> tuple[str, str]:
    """Split ``s3://bucket/key``.

    Raises:
        ValueError: it is another address.
    """
    bucket, _, key = address.removeprefix("s3://").partition("/")
    if not address.startswith("s3://") or not bucket or "@" in bucket:
        raise ValueError(f"not an address of S3: {shown(address)!r}; expected s3://bucket/key")
    return bucket, key


def names_below(
    connection: S3Connection, bucket: str, prefix: str, *, delimiter: str
) -> Iterator[str]:
    """Yield the keys below a prefix, relative to it; with a delimiter, folders as ``name/``."""
    pages = connection.client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, Delimiter=delimiter
    )
    for page in pages:
        found = [one["Prefix"] for one in page.get("CommonPrefixes", ())]
        found += [one["Key"] for one in page.get("Contents", ())]
        yield from (name[len(prefix) :] for name in found)


def delete_keys(
    connection: S3Connection, bucket: str, keys: Sequence[str], *, workers: int
) -> None:
    """Delete objects, in batches that travel at a time.

    Raises:
        RemoteError: one of them could not be deleted.
    """
    batches = (keys[i : i + _AT_ONCE] for i in range(0, len(keys), _AT_ONCE))
    for _ in ordered_map(
        lambda batch: _delete(connection, bucket, batch), batches, workers=workers
    ):
        pass


def _delete(connection: S3Connection, bucket: str, keys: Sequence[str]) -> None:
    wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
    with telling(f"s3://{bucket}", connection):
        answer = connection.client.delete_objects(Bucket=bucket, Delete=wanted)
    for one in answer.get("Errors", ()):
        raise RemoteError(
            f"could not delete 's3://{bucket}/{one['Key']}': {one.get('Message')} "
            f"({one.get('Code')}), and {len(answer['Errors']) - 1} more"
        )
