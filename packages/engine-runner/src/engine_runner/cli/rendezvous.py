"""Rendezvous: where the machines of a job meet, a store that one holds, and a roll call in it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import click
from torch._C._distributed_c10d import TCPStore
from torch.distributed import DistError

from engine_dist import LauncherError
from engine_runner.cli.endpoint import Endpoint

__all__ = ["Meeting", "meet"]

_TELL_AFTER_S: Final = 5.0
_POLL_S: Final = 0.1
_ONE_TRY_S: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """What this machine knows when enough of them have come.

    Attributes:
        is_host: whether this one holds the store.
        address: by which the others reach this machine.
        is_late: whether the job had begun before this machine came, or came back.
        job_start: when the first one came, in seconds since 1970.
    """

    is_host: bool
    address: str
    is_late: bool
    job_start: float


@contextmanager
def meet(
    endpoint: Endpoint,
    run_id: str,
    *,
    nodes: tuple[int, int],
    node_rank: int | None,
    timeout_s: float,
) -> Iterator[Meeting]:
    """Wait at ``endpoint`` until so many machines have come, and keep the store open.

    Args:
        endpoint: a machine of the job, and a port of it that is free.
        run_id: tells jobs at one endpoint from each other.
        nodes: how many machines are needed, and how many there may be.
        node_rank: 0 for the machine that holds the store; None to find out.
        timeout_s: how long to wait.

    Raises:
        LauncherError: the endpoint can't be reached, or too few came in time, or they were not told
            the same; the message names those that are there.
    """
    deadline = time.monotonic() + timeout_s
    is_host = _is_own(endpoint) if node_rank is None else node_rank == 0
    store, is_host = _open(endpoint, deadline, is_host=is_host, may_join=node_rank is None)
    roll = _Roll(store, f"engine/{run_id}", nodes)
    try:
        began, is_late = roll.answer()
        roll.wait(endpoint, deadline)
    except DistError as error:
        raise LauncherError(f"the machine at {endpoint} has gone: {_brief(error)}") from error
    address = endpoint.host if is_host else _address_towards(endpoint)
    yield Meeting(is_host=is_host, address=address, is_late=is_late, job_start=began)


class _Roll:
    """Who has come to a store."""

    def __init__(self, store: TCPStore, prefix: str, nodes: tuple[int, int]) -> None:
        self._store, self._prefix, self._nodes = store, prefix, nodes

    def answer(self) -> tuple[float, bool]:
        """Say that this machine is here; return when the first came, and whether all had begun."""
        store, prefix = self._store, self._prefix
        began = store.compare_set(f"{prefix}/start", "", repr(time.time()))
        wanted = json.dumps(self._nodes)
        if (told := store.compare_set(f"{prefix}/nodes", "", wanted).decode()) != wanted:
            first, own = (
                ":".join(map(str, sorted({*json.loads(each)}))) for each in (told, wanted)
            )
            raise LauncherError(f"--nnodes is {own} here, and was {first} where the job began")
        is_late = store.check([f"{prefix}/begun"])
        number = store.add(f"{prefix}/came", 1)
        store.set(f"{prefix}/name/{number}", f"{socket.gethostname()} (process {os.getpid()})")
        return float(began), is_late

    def wait(self, endpoint: Endpoint, deadline: float) -> None:
        """Return when enough are here."""
        needed, tell = self._nodes[0], time.monotonic() + _TELL_AFTER_S
        while (here := self._store.add(f"{self._prefix}/came", 0)) < needed:
            now = time.monotonic()
            if now >= deadline:
                names = self._names(here)
                self._store.add(f"{self._prefix}/came", -1)
                raise LauncherError(
                    f"{here} of {needed} machines came to {endpoint} in time: {names}. Start the "
                    "command on the others too, with the same --nnodes, --rdzv-endpoint and "
                    "--rdzv-id; --rdzv-timeout lets them take longer"
                )
            if now >= tell:
                tell = deadline
                click.echo(f"{here} of {needed} machines are here: {self._names(here)}", err=True)
            time.sleep(_POLL_S)
        self._store.set(f"{self._prefix}/begun", "1")

    def _names(self, number: int) -> str:
        keys = [f"{self._prefix}/name/{i}" for i in range(1, number + 1)]
        return ", ".join(self._store.get(key).decode() for key in keys if self._store.check([key]))


def _open(
    endpoint: Endpoint, deadline: float, *, is_host: bool, may_join: bool
) -> tuple[TCPStore, bool]:
    """Hold the store, or join the one that another process holds."""
    if is_host:
        try:
            return _store(endpoint, is_host=True), True
        except DistError as error:
            if not may_join:
                raise LauncherError(
                    f"this machine can't hold the meeting at {endpoint}: {_brief(error)}"
                ) from error
    _wait_for_listener(endpoint, deadline)
    try:
        return _store(endpoint, is_host=False), False
    except DistError as error:
        raise LauncherError(f"what listens at {endpoint} is no meeting: {_brief(error)}") from error


def _store(endpoint: Endpoint, *, is_host: bool) -> TCPStore:
    return TCPStore(
        endpoint.host,
        endpoint.port,
        is_master=is_host,
        multi_tenant=True,  # torchrun's agent in this process opens the same one
        wait_for_workers=False,
        timeout=timedelta(seconds=60),
    )


def _wait_for_listener(endpoint: Endpoint, deadline: float) -> None:
    """Return when somebody listens at ``endpoint``; on a cluster even its name comes late."""
    tell, begun = time.monotonic() + _TELL_AFTER_S, time.monotonic()
    while True:
        left = deadline - time.monotonic()
        try:
            patience = min(max(left, _POLL_S), _ONE_TRY_S)
            socket.create_connection((endpoint.host, endpoint.port), timeout=patience).close()
            return
        except OSError as error:
            unknown = isinstance(error, socket.gaierror)
            why = f"the name {endpoint.host!r} is not known here" if unknown else str(error)
            if left <= 0:
                raise LauncherError(
                    f"nobody answers at {endpoint} after {time.monotonic() - begun:.0f} s: {why}. "
                    "Is the command running on that machine, and its port open to this one?"
                ) from error
            if time.monotonic() >= tell:
                tell = deadline
                click.echo(f"waiting for {endpoint}: {why}", err=True)
            time.sleep(_POLL_S)


def _is_own(endpoint: Endpoint) -> bool:
    """Whether the address is one of this machine, to which a socket can be bound."""
    try:
        found = socket.getaddrinfo(endpoint.host, 0, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return False
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as probe:
            try:
                probe.bind(address)
            except OSError:
                continue
            return True
    return False


def _address_towards(endpoint: Endpoint) -> str:
    """This machine's address on the network that leads to ``endpoint``; nothing is sent."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        endpoint.host, endpoint.port, type=socket.SOCK_DGRAM
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.connect(address)
        return str(probe.getsockname()[0])


def _brief(error: BaseException) -> str:
    """The first line of what torch says, without the stack of its C++."""
    return str(error).splitlines()[0].removesuffix(" Exception raised from")
