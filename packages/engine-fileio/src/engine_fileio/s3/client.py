"""How an S3 service is reached: settings, and boto3's client made of them when it is needed."""

from __future__ import annotations

import os
from threading import Lock
from typing import Any, NamedTuple

from engine_fileio.address import shown
from engine_fileio.optional import require
from engine_fileio.s3.pace import MiB, Pace


class S3Settings(NamedTuple):
    """The arguments of ``S3Backend``, which has what they mean."""

    endpoint_url: str | None
    profile: str | None
    region: str | None
    access_key: str | None
    secret_key: str | None
    session_token: str | None
    anonymous: bool
    path_style: bool | None
    signature_version: str
    concurrency: int
    part_size: int | None
    connect_timeout: float
    read_timeout: float
    retries: int
    verify: bool | str
    checksums: str | None

    def __repr__(self) -> str:
        return f"S3Settings({self.endpoint_url or 'AWS'})"  # no keys in anybody's log

    def check(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: a key without the other, parts too small, nobody to carry them.
        """
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key go together: give both or none")
        for name in ("access_key", "secret_key", "session_token"):
            value = getattr(self, name)
            if value is not None and value != value.strip():
                raise ValueError(f"{name} has white space at an end; was it read from a file?")
        if self.part_size is not None and self.part_size < 5 * MiB:
            raise ValueError(f"part_size must be at least 5 MiB, got {self.part_size} bytes")
        if self.concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, got {self.concurrency}")


class S3Connection:
    """boto3's client, made on first use, and once in each process."""

    def __init__(self, settings: S3Settings) -> None:
        settings.check()
        self.settings = settings
        self.pace = Pace(settings.part_size, settings.concurrency)
        self._made: dict[int, tuple[Any, Any]] = {}
        self._lock = Lock()
        require("boto3", extra="s3", what="S3Backend")

    @property
    def client(self) -> Any:
        """The client. Threads share it; a forked child has one of its own."""
        return self._session()[0]

    @property
    def credentials(self) -> Any:
        """botocore's credentials, which renew themselves; None if there are none."""
        return self._session()[1]

    @property
    def where(self) -> str:
        """The service, for messages."""
        return shown(self.settings.endpoint_url or "AWS")

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        with self._lock:
            made, self._made = self._made, {}
        for client, _ in made.values():
            client.close()

    def _session(self) -> tuple[Any, Any]:
        found = self._made.get(os.getpid())
        if found is None:
            with self._lock:
                found = self._made.get(os.getpid())
                if found is None:
                    found = self._made[os.getpid()] = _new_client(self.settings)
                    self.pace.listen(found[0])
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {"settings": self.settings, "pace": self.pace}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _made={}, _lock=Lock())


def _new_client(settings: S3Settings) -> tuple[Any, Any]:
    """The client, and the credentials it signs with (None if there are none)."""
    boto3 = require("boto3", extra="s3", what="S3Backend")
    session = boto3.session.Session(
        profile_name=settings.profile,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        aws_session_token=settings.session_token,
    )
    client = session.client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name=session.region_name or "us-east-1",
        verify=settings.verify,
        config=_config(settings),
    )
    return client, session.get_credentials()


def _config(settings: S3Settings) -> Any:
    botocore = require("botocore", extra="s3", what="S3Backend")
    own = settings.endpoint_url is not None
    path_style = own if settings.path_style is None else settings.path_style
    checksums = settings.checksums or ("when_required" if own else "when_supported")
    return botocore.config.Config(
        signature_version=botocore.UNSIGNED if settings.anonymous else settings.signature_version,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        # "standard" backs off at random, for throttling and broken connections alike
        retries={"mode": "standard", "total_max_attempts": settings.retries + 1},
        max_pool_connections=2 * settings.concurrency,
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        s3={"addressing_style": "path" if path_style else "auto"},
    )
