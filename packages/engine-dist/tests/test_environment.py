"""The place of a process, read from the variables of each launcher."""

from __future__ import annotations

import os

import pytest

from engine_dist import LauncherError, infer_launcher
from engine_dist.environment import read_place

TORCHRUN = {
    "RANK": "3",
    "WORLD_SIZE": "4",
    "MASTER_ADDR": "a",
    "MASTER_PORT": "5",
    "LOCAL_RANK": "1",
}
SLURM = {
    "SLURM_PROCID": "3",
    "SLURM_NTASKS": "8",
    "SLURM_LOCALID": "1",
    "SLURM_NODELIST": "gpu[03-07,11],big2",
    "SLURM_JOB_ID": "77",
}
OPENMPI = {
    "OMPI_COMM_WORLD_RANK": "1",
    "OMPI_COMM_WORLD_SIZE": "2",
    "OMPI_COMM_WORLD_LOCAL_RANK": "1",
    "OMPI_COMM_WORLD_LOCAL_SIZE": "2",
}
HYDRA = {"PMI_RANK": "1", "PMI_SIZE": "2", "MPI_LOCALRANKID": "0", "MASTER_ADDR": "b"}


def test_torchrun() -> None:
    place = read_place("pytorch", TORCHRUN)
    assert place.environment() == TORCHRUN


def test_slurm() -> None:
    place = read_place("slurm", SLURM)
    assert (place.rank, place.world_size, place.local_rank, place.host) == (3, 8, 1, "gpu03")
    assert place.port == read_place("slurm", SLURM).port
    assert place.port != read_place("slurm", SLURM | {"SLURM_JOB_ID": "78"}).port
    assert read_place("slurm", SLURM, port=9).port == 9
    assert read_place("slurm", SLURM | {"MASTER_PORT": "8", "MASTER_ADDR": "c"}).host == "c"


@pytest.mark.parametrize(
    ("nodes", "first"),
    [
        *(
            ("n1", "n1"),
            ("n1,n2", "n1"),
            ("n[1-3]", "n1"),
            ("a[01,03]b,c", "a01b"),
            ("x-[7]", "x-7"),
        ),
        *(("rack[0-1]n[04-31]", "rack0n04"), ("10.0.0.[8-9]", "10.0.0.8")),
    ],
)
def test_the_first_machine_of_a_slurm_list(nodes: str, first: str) -> None:
    assert read_place("slurm", SLURM | {"SLURM_NODELIST": nodes}).host == first


@pytest.mark.parametrize("nodes", ["[", "", ",a"])
def test_a_slurm_list_that_is_none_is_refused(nodes: str) -> None:
    with pytest.raises(LauncherError, match="SLURM_NODELIST"):
        read_place("slurm", SLURM | {"SLURM_NODELIST": nodes})


def test_the_machines_of_a_slurm_step_count_and_those_of_the_job_without_them() -> None:
    assert read_place("slurm", SLURM | {"SLURM_STEP_NODELIST": "gpu[05-07]"}).host == "gpu05"
    job = {name: value for name, value in SLURM.items() if name != "SLURM_NODELIST"}
    assert read_place("slurm", job | {"SLURM_JOB_NODELIST": "big[2]"}).host == "big2"


@pytest.mark.parametrize("variables", [OPENMPI, HYDRA])
def test_mpi(variables: dict[str, str]) -> None:
    place = read_place("mpi", variables)
    assert (place.rank, place.world_size, place.port) == (1, 2, 29500)
    assert place.host == variables.get("MASTER_ADDR", "127.0.0.1")


def test_mpi_on_several_machines_wants_to_know_where_to_meet() -> None:
    with pytest.raises(LauncherError, match="MASTER_ADDR to meet across machines"):
        read_place("mpi", OPENMPI | {"OMPI_COMM_WORLD_SIZE": "4"})


@pytest.mark.parametrize(
    ("launcher", "variables", "missing"),
    [
        *(("pytorch", TORCHRUN, name) for name in TORCHRUN if name != "LOCAL_RANK"),
        *(("slurm", SLURM, name) for name in SLURM if name != "SLURM_JOB_ID"),
        *(("mpi", OPENMPI, name) for name in list(OPENMPI)[:3]),
    ],
)
def test_a_half_set_environment_names_what_is_missing(
    launcher: str, variables: dict[str, str], missing: str
) -> None:
    rest = {name: value for name, value in variables.items() if name != missing}
    with pytest.raises(LauncherError, match=rf"launcher '{launcher}' needs .* {missing} "):
        read_place(launcher, rest)


def test_what_is_set_is_told_beside_what_is_missing() -> None:
    with pytest.raises(LauncherError, match=r"MASTER_PORT beside RANK; start .* `torchrun "):
        read_place("pytorch", {"RANK": "0"})


@pytest.mark.parametrize(("name", "value"), [("RANK", "one"), ("RANK", "4"), ("WORLD_SIZE", "-1")])
def test_a_value_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(LauncherError, match=value):
        read_place("pytorch", TORCHRUN | {name: value})


def test_an_unknown_launcher_is_refused() -> None:
    with pytest.raises(ValueError, match="'slurm', 'mpi': got 'none'"):
        read_place("none", {})


@pytest.mark.parametrize(
    ("variables", "launcher"),
    [({}, "none"), (TORCHRUN, "pytorch"), (SLURM, "slurm"), (OPENMPI, "mpi"), (HYDRA, "mpi")],
)
def test_the_launcher_is_inferred(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], launcher: str
) -> None:
    for name in {*os.environ} & {*TORCHRUN, *SLURM, *OPENMPI, *HYDRA}:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert infer_launcher() == launcher
