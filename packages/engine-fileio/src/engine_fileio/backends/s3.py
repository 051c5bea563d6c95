"""Objects of any S3-compatible service, with folders made of their keys."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path

from engine_fileio.address import Address, local_path, map_path
from engine_fileio.atomic import Buffer, atomic_file
from engine_fileio.backends import folders
from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.store import Progress, Suffix
from engine_fileio.errors import already_there, changed, is_folder, no_such_file
from engine_fileio.s3.client import S3Connection, S3Settings
from engine_fileio.s3.errors import telling
from engine_fileio.s3.listing import A_ROUND, bucket_and_key, delete_keys, names_below
from engine_fileio.s3.pace import MiB
from engine_fileio.s3.transfer import Transfers

_ONE_COPY = 1024 * MiB  # above it, parts are copied in parallel


class S3Backend(BaseStorageBackend):
    """Objects of any S3-compatible service, as ``s3://bucket/key``.

    Credentials come from the arguments, or from boto3's chain (variables, files, profiles,
    roles). An object appears whole or not at all. A folder is what keys have before a slash; it
    is there as long as it has a file.

    Args:
        endpoint_url: of a service other than AWS, such as ``http://127.0.0.1:9000``.
        profile: of the credentials and configuration files.
        region: such as ``eu-west-1``.
        access_key: with ``secret_key`` and perhaps ``session_token``, in place of the chain.
        secret_key: see ``access_key``.
        session_token: see ``access_key``.
        anonymous: sign nothing, for public buckets.
        path_style: address ``endpoint/bucket`` (True) or ``bucket.endpoint`` (False); None for
            the former with an ``endpoint_url``.
        signature_version: ``s3v4``, or ``s3`` for services of old.
        concurrency: parts of a file, and files of a folder, that travel at a time; fewer parts for
            a while when the service throttles.
        part_size: bytes; a larger file travels in parts. None for 8 to 64 MiB, by the size of the
            file and by how quick the service turns out to be.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next bytes.
        retries: how often to try again, with growing random waits.
        verify: whether to verify certificates, or the path of those to trust.
        checksums: ``when_supported`` or ``when_required`` by the service; None for the latter
            with an ``endpoint_url``, as many services know none.
        path_mapping: what addresses begin with: what to put there instead.
    """

    def __init__(
        self,
        *,
        endpoint_url: str | None = None,
        profile: str | None = None,
        region: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        anonymous: bool = False,
        path_style: bool | None = None,
        signature_version: str = "s3v4",
        concurrency: int = 16,
        part_size: int | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        retries: int = 4,
        verify: bool | str = True,
        checksums: str | None = None,
        path_mapping: Mapping[str, str] | None = None,
    ) -> None:
        self.workers = concurrency
        self._mapping = dict(path_mapping or {})
        self._connection = S3Connection(
            S3Settings(
                endpoint_url=endpoint_url,
                profile=profile,
                region=region,
                access_key=access_key,
                secret_key=secret_key,
                session_token=session_token,
                anonymous=anonymous,
                path_style=path_style,
                signature_version=signature_version,
                concurrency=concurrency,
                part_size=part_size,
                connect_timeout=connect_timeout,
                read_timeout=read_timeout,
                retries=retries,
                verify=os.fspath(local_path(verify)) if isinstance(verify, str) else verify,
                checksums=checksums,
            )
        )
        self._transfers = Transfers(self._connection)

    @property
    def place(self) -> str:
        """The service, and what of it the addresses mean."""
        return f"{self._connection.where} {sorted(self._mapping.items())}"

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of an object; a large one is read in parallel."""
        bucket, key = self._key_of(filepath)
        with telling(filepath, self._connection):
            return self._transfers.read(bucket, key)

    def get_text(self, filepath: Address, encoding: str = "utf-8") -> str:
        """Return an object's text."""
        return self.get(filepath).decode(encoding)

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write an object, whole or not at all.

        With ``overwrite=False`` the service itself refuses if somebody was quicker (one that
        knows no conditional writes does not), and the object travels in one piece, at most 5 GB.
        """
        bucket, key = self._key_of(filepath)
        if not overwrite:
            if self.isfile(filepath):
                raise already_there(filepath, self.info(filepath).version)
            with telling(filepath, self._connection):
                winner = self._transfers.put_if(bucket, key, bytes(obj), IfNoneMatch="*")
            if winner is not None:
                raise already_there(filepath, winner)
            return
        with telling(filepath, self._connection):
            if len(obj) > self._connection.pace.threshold:
                self._transfers.upload(BytesIO(obj), bucket, key, size=len(obj))
                return
            self._connection.client.put_object(Bucket=bucket, Key=key, Body=bytes(obj))

    def put_if_match(self, obj: Buffer, filepath: Address, version: str) -> None:
        """Write an object if it still has this entity tag, in one piece, at most 5 GB.

        The service itself refuses; one that knows no conditional writes does not, there it is
        looked at just before.
        """
        found = self.info(filepath).version
        if found != version:
            raise changed(filepath, wanted=version, found=found)
        bucket, key = self._key_of(filepath)
        with telling(filepath, self._connection):
            winner = self._transfers.put_if(bucket, key, bytes(obj), IfMatch=version)
        if winner is not None:
            raise changed(filepath, wanted=version, found=winner)

    def put_text(self, obj: str, filepath: Address, encoding: str = "utf-8") -> None:
        """Write an object of text."""
        self.put(obj.encode(encoding), filepath)

    def info(self, filepath: Address) -> FileInfo:
        """Return size and entity tag of an object."""
        bucket, key = self._key_of(filepath)
        with telling(filepath, self._connection):
            head = self._connection.client.head_object(Bucket=bucket, Key=key)
        return FileInfo(size=head["ContentLength"], version=head["ETag"])

    def isfile(self, filepath: Address) -> bool:
        """Whether there is an object."""
        if not self._split(filepath)[1]:
            return False
        try:
            self.info(filepath)
        except FileNotFoundError:
            return False
        return True

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a key that begins with the address and a slash, or such a bucket."""
        bucket, prefix = self._folder(filepath)
        client = self._connection.client
        try:
            with telling(filepath, self._connection):
                if not prefix:
                    client.head_bucket(Bucket=bucket)
                    return True
                page = client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        except FileNotFoundError:
            return False
        return bool(page.get("KeyCount", len(page.get("Contents", ()))))

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, page by page, as paths relative to it."""
        wanted = folders.Wanted(list_dir, list_file, suffix, recursive=recursive)
        prefix = self._folder(dir_path)[1]
        found = not prefix

        def names() -> Iterator[str]:
            nonlocal found
            for name in self._names(dir_path, "" if recursive else "/"):
                found = True
                yield name

        yield from folders.entries(names(), wanted)
        if not found:
            raise no_such_file(dir_path, "no such folder")

    def remove(self, filepath: Address) -> None:
        """Remove an object."""
        bucket, key = self._key_of(filepath)
        if not self.isfile(filepath):
            raise is_folder(filepath) if self.isdir(filepath) else no_such_file(filepath)
        with telling(filepath, self._connection):
            self._connection.client.delete_object(Bucket=bucket, Key=key)

    def rmtree(self, dir_path: Address) -> None:
        """Remove every object whose key begins with the address and a slash."""
        bucket, prefix = self._folder(dir_path)
        found = False
        # The listing is begun anew after each round: services differ in what a page's mark is
        # worth when keys before it are gone.
        while keys := [prefix + n for n in islice(self._names(dir_path, ""), A_ROUND)]:
            found = True
            delete_keys(self._connection, bucket, keys, workers=self.workers)
        if not found:
            raise no_such_file(dir_path, "no such folder")

    def copy(self, src: Address, target: Address) -> None:
        """Copy an object within the service; its bytes do not come here."""
        (bucket, key), (new_bucket, new_key) = self._key_of(src), self._key_of(target)
        source = {"Bucket": bucket, "Key": key}
        with telling(src, self._connection):
            head = self._connection.client.head_object(**source)
            if head["ContentLength"] > _ONE_COPY:
                self._transfers.copy(source, new_bucket, new_key, size=head["ContentLength"])
            else:
                self._connection.client.copy_object(
                    CopySource=source, Bucket=new_bucket, Key=new_key
                )

    def upload(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Upload a local file; a large one in parallel parts, whole or not at all."""
        (bucket, key), size = self._key_of(target), Path(src).stat().st_size
        with telling(target, self._connection):
            self._transfers.upload(os.fspath(src), bucket, key, size=size, progress=progress)

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Download an object; a large one in parallel ranges, whole or not at all."""
        self.fetch(src, target, progress=progress)

    def fetch(self, src: Address, target: Address, *, progress: Progress | None = None) -> FileInfo:
        """Download an object and return size and entity tag, all of whose parts had it."""
        bucket, key = self._key_of(src)
        with telling(src, self._connection), atomic_file(target) as file:
            return self._transfers.download(bucket, key, file, progress=progress)

    def generate_presigned_url(
        self, url: str, client_method: str = "get_object", expires_in: int = 3600
    ) -> str:
        """Return a URL that anybody may use for ``expires_in`` seconds.

        ``client_method`` is ``get_object`` to read, ``put_object`` to write.
        """
        bucket, key = self._key_of(url)
        with telling(url, self._connection):
            return str(
                self._connection.client.generate_presigned_url(
                    client_method, Params={"Bucket": bucket, "Key": key}, ExpiresIn=expires_in
                )
            )

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        self._transfers.close()
        self._connection.close()

    def join_path(self, filepath: Address, *filepaths: Address) -> str:
        """Join the parts of an address."""
        return super().join_path(map_path(filepath, self._mapping), *filepaths)

    def _names(self, dir_path: Address, delimiter: str) -> Iterator[str]:
        bucket, prefix = self._folder(dir_path)
        with telling(dir_path, self._connection):
            yield from names_below(self._connection, bucket, prefix, delimiter=delimiter)

    def _split(self, filepath: Address) -> tuple[str, str]:
        return bucket_and_key(map_path(filepath, self._mapping))

    def _key_of(self, filepath: Address) -> tuple[str, str]:
        bucket, key = self._split(filepath)
        if not key:
            raise is_folder(filepath)
        return bucket, key

    def _folder(self, filepath: Address) -> tuple[str, str]:
        bucket, key = self._split(filepath)
        return bucket, f"{key.rstrip('/')}/" if key else ""
