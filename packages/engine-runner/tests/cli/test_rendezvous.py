"""Machines that meet, or do not; here all are one process."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from engine_dist import LauncherError, free_port
from engine_runner.cli.endpoint import Endpoint
from engine_runner.cli.rendezvous import Meeting, meet


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint("127.0.0.1", free_port())


def come(endpoint: Endpoint, **options: Any) -> Meeting:
    given = {"nodes": (2, 2), "node_rank": None, "timeout_s": 30.0} | options
    with meet(endpoint, "job", **given) as meeting:
        return meeting


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("node1", "node1", 29400),
        ("node1:5", "node1", 5),
        ("10.0.0.1:65535", "10.0.0.1", 65535),
        ("::1", "::1", 29400),
        ("[::1]", "::1", 29400),
        ("[fe80::2]:7", "fe80::2", 7),
    ],
)
def test_an_endpoint_is_a_machine_and_a_port(text: str, host: str, port: int) -> None:
    endpoint = Endpoint.read(text)
    assert (endpoint.host, endpoint.port) == (host, port)
    assert Endpoint.read(str(endpoint)) == endpoint


@pytest.mark.parametrize("text", ["", ":5", "node1:", "node1:x", "node1:0", "node1:65536"])
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no HOST\[:PORT\], such as"):
        Endpoint.read(text)


def test_two_machines_meet_and_agree_on_when_the_job_began(endpoint: Endpoint) -> None:
    with meet(endpoint, "job", nodes=(1, 2), node_rank=0, timeout_s=30.0) as first:
        second = come(endpoint, nodes=(1, 2), node_rank=1)
        assert (first.is_host, second.is_host) == (True, False)
        assert (first.is_late, second.is_late) == (False, True)
        assert first.job_start == second.job_start
        assert first.address == second.address == "127.0.0.1"


def test_a_machine_that_is_alone_is_told_who_came(endpoint: Endpoint) -> None:
    told = rf"1 of 2 machines came to {endpoint} in time: {socket.gethostname()} \(process \d+\)\."
    with pytest.raises(LauncherError, match=told):
        come(endpoint, timeout_s=0.3)


def test_machines_that_were_told_different_numbers_are_refused(endpoint: Endpoint) -> None:
    with (
        meet(endpoint, "job", nodes=(1, 1), node_rank=0, timeout_s=30.0),
        pytest.raises(LauncherError, match="--nnodes is 2 here, and was 1 where the job began"),
    ):
        come(endpoint, node_rank=1)


def test_jobs_at_one_endpoint_do_not_see_each_other(endpoint: Endpoint) -> None:
    with (
        meet(endpoint, "other", nodes=(1, 1), node_rank=0, timeout_s=30.0),
        pytest.raises(LauncherError, match="1 of 2 machines came"),
    ):
        come(endpoint, node_rank=1, timeout_s=0.3)


def test_an_endpoint_where_nobody_listens_is_told(endpoint: Endpoint) -> None:
    with pytest.raises(LauncherError, match=rf"nobody answers at {endpoint} after .* refused"):
        come(endpoint, node_rank=1, timeout_s=0.3)


def test_a_name_that_nobody_knows_is_told() -> None:
    with pytest.raises(LauncherError, match=r"the name 'nowhere\.invalid' is not known here"):
        come(Endpoint("nowhere.invalid"), timeout_s=0.3)


def test_a_port_that_is_taken_can_not_hold_a_meeting(endpoint: Endpoint) -> None:
    with (
        socket.create_server(("", endpoint.port)),
        pytest.raises(LauncherError, match=f"can't hold the meeting at {endpoint}: .*use"),
    ):
        come(endpoint, node_rank=0)
