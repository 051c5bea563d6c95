"""Petrel, OpenMMLab's store: through its client, or through the S3 that it speaks."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine_fileio.address import Address, local_path, map_path, shown
from engine_fileio.backends.base import BaseStorageBackend
from engine_fileio.backends.forward import ForwardingBackend
from engine_fileio.backends.petrel_client import PetrelClientBackend
from engine_fileio.backends.s3 import S3Backend
from engine_fileio.errors import no_such_file
from engine_fileio.optional import later

_CONFIGURATION = "~/petreloss.conf"


class PetrelBackend(ForwardingBackend):
    """Petrel: ``s3://bucket/key``, ``cluster:s3://bucket/key`` or ``petrel://bucket/key``.

    Where its client, the package petrel_client, is installed, that is used. Else its
    configuration file says where each cluster's S3 service is, and with which keys.

    What callers get back begins as the address that they gave, after ``path_mapping``.

    Args:
        path_mapping: what addresses begin with: what to put there instead.
        enable_mc: let the client use memcached.
        conf_path: the configuration file; None for ``~/petreloss.conf``.
    """

    def __init__(
        self,
        path_mapping: dict[str, str] | None = None,
        enable_mc: bool = True,
        conf_path: str | None = None,
    ) -> None:
        self._mapping = dict(path_mapping or {})
        self._conf = Path(local_path(conf_path or _CONFIGURATION))
        self._stores: dict[str, BaseStorageBackend] = {}
        self._through: PetrelClientBackend | None = None
        if has_client():
            self._through = PetrelClientBackend(conf_path=conf_path, enable_mc=enable_mc)
        elif not self._conf.is_file():
            raise no_such_file(
                self._conf,
                "PetrelBackend needs the package petrel_client, or this file with a [cluster] "
                "of host_base, access_key and secret_key",
            )

    @property
    def _client(self) -> Any:
        """Petrel's client of this process, under the name that MMEngine has for it."""
        if self._through is None:
            raise AttributeError(f"petrel_client isn't installed: {self._conf} says where S3 is")
        return self._through._client

    @property
    def place(self) -> str:
        """The configuration file, and what the addresses mean."""
        return f"{self.name} {self._conf} {sorted(self._mapping.items())}"

    def route(self, filepath: Address) -> tuple[BaseStorageBackend, Address]:
        """Return the cluster's store, and the address there."""
        text = map_path(filepath, self._mapping)
        text = text.replace("petrel://", "s3://", 1)
        if self._through is not None:
            return self._through, text
        before, mark, rest = text.partition("s3://")
        if not mark or (before and not before.endswith(":")):
            raise ValueError(
                f"not an address of Petrel: {shown(text)!r}; expected s3://bucket/key, or a path "
                f"that path_mapping maps onto one (it has {', '.join(self._mapping) or 'nothing'})"
            )
        return self._cluster(before.removesuffix(":")), f"s3://{rest}"

    def as_given(self, given: Address, there: str) -> str:
        """``there`` with the prefix and cluster of the address that was given."""
        before = map_path(given, self._mapping).partition("://")[0]
        return f"{before}://{there.partition('://')[2]}"

    def _cluster(self, name: str) -> BaseStorageBackend:
        if name not in self._stores:
            self._stores[name] = _from_configuration(self._conf, name)
        return self._stores[name]


def has_client() -> bool:
    """Whether Petrel's client is installed, or something stands for it in ``sys.modules``."""
    if "petrel_client" in sys.modules:
        return sys.modules["petrel_client"] is not None
    return find_spec("petrel_client") is not None


def is_configured(conf_path: str | None = None) -> bool:
    """Whether Petrel can be used here: by its client, or by its configuration file."""
    return has_client() or Path(local_path(conf_path or _CONFIGURATION)).is_file()


def _from_configuration(path: Path, name: str) -> S3Backend:
    """The S3 service that the configuration file has for a cluster; "" is the default one."""
    parser = later("configparser").ConfigParser(interpolation=None)
    parser.read_string(path.read_text("utf-8"), source=os.fspath(path))
    cluster = name or parser.defaults().get("default_cluster", "")
    if not cluster and len(parser.sections()) == 1:
        cluster = parser.sections()[0]
    if not parser.has_section(cluster):
        known = ", ".join(parser.sections()) or "none"
        raise ValueError(
            f"{path}: there is no cluster [{cluster}], or no default_cluster is named; "
            f"clusters: {known}"
        )
    section = parser[cluster]
    host = section.get("host_base", "")
    if not host:
        raise ValueError(f"{path}: [{cluster}] has no host_base, the address of its service")
    return S3Backend(
        endpoint_url=host if "://" in host else f"http://{host}",
        access_key=section.get("access_key"),
        secret_key=section.get("secret_key"),
    )
