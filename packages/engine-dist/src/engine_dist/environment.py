"""Which process this is, as torchrun, slurm or MPI say it in environment variables."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from engine_dist.errors import LauncherError

__all__ = ["LAUNCHERS", "Place", "infer_launcher", "read_place"]

LAUNCHERS = ("pytorch", "slurm", "mpi")
_DEFAULT_PORT = 29500
_SLURM_NODES = ("SLURM_STEP_NODELIST", "SLURM_NODELIST", "SLURM_JOB_NODELIST")
# Several MPIs, each with its names for rank, size, local rank, local size and job.
_MPI = (
    (
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "OMPI_COMM_WORLD_LOCAL_SIZE",
        "PMIX_NAMESPACE",
    ),
    ("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", "PMI_JOBID"),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a process stands among all of a job, and where they meet."""

    rank: int
    world_size: int
    local_rank: int
    host: str
    port: int

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.world_size:
            raise LauncherError(
                f"the environment gives rank {self.rank} of {self.world_size} processes; "
                f"it must lie in [0, {self.world_size})"
            )

    def environment(self) -> dict[str, str]:
        """The variables by which torchrun would say the same."""
        return {
            "RANK": str(self.rank),
            "WORLD_SIZE": str(self.world_size),
            "LOCAL_RANK": str(self.local_rank),
            "MASTER_ADDR": self.host,
            "MASTER_PORT": str(self.port),
        }


def infer_launcher() -> str:
    """Name of the launcher that started this process: "pytorch", "slurm", "mpi", or "none"."""
    if "WORLD_SIZE" in os.environ:
        return "pytorch"
    if "SLURM_NTASKS" in os.environ:
        return "slurm"
    if any(names[2] in os.environ for names in _MPI):
        return "mpi"
    return "none"


def read_place(launcher: str, environment: Mapping[str, str], port: int | None = None) -> Place:
    """Return the place of this process.

    Args:
        launcher: one of `LAUNCHERS`.
        environment: the variables.
        port: where all processes meet, instead of MASTER_PORT or the launcher's choice.

    Raises:
        ValueError: there is no such launcher.
        LauncherError: a variable is missing or is no number.
    """
    readers = {"pytorch": _torchrun, "slurm": _slurm, "mpi": _mpi}
    if launcher not in readers:
        known = ", ".join(map(repr, LAUNCHERS))
        raise ValueError(f"launcher must be one of {known}: got {launcher!r}")
    return readers[launcher](_Variables(environment, launcher), port)


class _Variables:
    """Environment variables of one launcher, with errors that tell what else is set."""

    def __init__(self, values: Mapping[str, str], launcher: str) -> None:
        self.values = values
        self._launcher = launcher

    def text(self, name: str, needed_by: str) -> str:
        if not self.values.get(name):
            raise LauncherError(
                f"launcher {self._launcher!r} needs the environment variable {name} {needed_by}"
            )
        return self.values[name]

    def number(self, name: str, needed_by: str) -> int:
        text = self.text(name, needed_by)
        if not re.fullmatch(r"\d+", text):
            raise LauncherError(f"the environment variable {name} must be a number: got {text!r}")
        return int(text)

    def port(self, given: int | None, job: str | None) -> int:
        """The port given, or MASTER_PORT, or one of the job's own so that two do not meet."""
        if given is not None:
            return given
        if "MASTER_PORT" in self.values:
            return self.number("MASTER_PORT", "to be a port")
        return _DEFAULT_PORT if job is None else 20000 + zlib.crc32(job.encode()) % 10000


def _torchrun(variables: _Variables, port: int | None) -> Place:
    names = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    there = [name for name in names if variables.values.get(name)]
    why = f"beside {', '.join(there)}" if there else "and none of torchrun's is set"
    hint = "; start the program with `torchrun --nproc-per-node=N`, or set them all"
    if port is None:
        port = variables.number("MASTER_PORT", why + hint)
    rank = variables.number("RANK", why + hint)
    local = "LOCAL_RANK"
    return Place(
        rank=rank,
        world_size=variables.number("WORLD_SIZE", why + hint),
        local_rank=variables.number(local, "to be one") if local in variables.values else rank,
        host=variables.text("MASTER_ADDR", why + hint),
        port=port,
    )


def _slurm(variables: _Variables, port: int | None) -> Place:
    hint = "; start the program with srun"
    rank = variables.number("SLURM_PROCID", "to know its rank" + hint)
    # Those of the step first: it may run on fewer machines than the job has.
    nodes = next(filter(None, map(variables.values.get, _SLURM_NODES)), None)
    host = variables.values.get("MASTER_ADDR") or _first_host(
        nodes or variables.text("SLURM_NODELIST", "to know where all processes meet" + hint)
    )
    return Place(
        rank=rank,
        world_size=variables.number("SLURM_NTASKS", "to know how many there are" + hint),
        local_rank=variables.number("SLURM_LOCALID", "to choose its device" + hint),
        host=host,
        port=variables.port(port, variables.values.get("SLURM_JOB_ID")),
    )


def _mpi(variables: _Variables, port: int | None) -> Place:
    names = next((names for names in _MPI if names[0] in variables.values), _MPI[0])
    rank, size, local_rank, local_size, job = names
    hint = "; start the program with mpirun"
    world_size = variables.number(size, "to know how many processes there are" + hint)
    host = variables.values.get("MASTER_ADDR")
    if not host:
        if variables.values.get(local_size) != str(world_size):
            variables.text("MASTER_ADDR", "to meet across machines; set it to the first one's name")
        host = "127.0.0.1"
    return Place(
        rank=variables.number(rank, "to know its rank" + hint),
        world_size=world_size,
        local_rank=variables.number(local_rank, "to choose its device" + hint),
        host=host,
        port=variables.port(port, variables.values.get(job)),
    )


def _first_host(nodelist: str) -> str:
    """First machine of slurm's compressed list: "n[03-07,11],m2" gives "n03"."""
    found = re.match(r"(?:[^,\[\]]|\[\w[^\[\]]*\])+", nodelist)
    if found is None:
        raise LauncherError(f"SLURM_NODELIST must be a list of machines: got {nodelist!r}")
    return re.sub(r"\[(\w+)[^\]]*\]", r"\1", found[0])
