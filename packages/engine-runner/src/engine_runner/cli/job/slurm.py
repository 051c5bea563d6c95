"""A script for ``sbatch`` that is put into the queue again until its training has ended."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass

from engine_runner.cli.job.storage import STORAGE, check_storage

__all__ = ["SlurmJob", "slurm_script"]


@dataclass(frozen=True, kw_only=True)
class SlurmJob:
    """What slurm is asked for.

    Attributes:
        name: of the job.
        config: file of the config.
        arguments: more of ``engine train``.
        nodes: how many machines.
        gpus: of each machine, with a process for each; 0 for one process on CPUs.
        time_limit: seconds after which slurm ends the job.
        grace: how many seconds before that the training saves and leaves.
        cpus: of each process.
        partition: of the cluster.
        account: who is charged.
        setup: lines of shell before the training.
        sbatch: more options.
        sweep: whether each machine works on trials of a sweep, in a job of its own.
    """

    name: str
    config: str
    arguments: tuple[str, ...] = ()
    nodes: int = 1
    gpus: int = 1
    time_limit: float
    grace: float = 300.0
    cpus: int | None = None
    partition: str | None = None
    account: str | None = None
    setup: tuple[str, ...] = ()
    sbatch: tuple[str, ...] = ()
    sweep: bool = False


def slurm_script(job: SlurmJob) -> str:
    """Return the script.

    Slurm sends SIGUSR1 to the processes of the step, not to the shell (which ``B:`` would mean), a
    while before the end; the training saves, has the job requeued, and resumes when it runs again.

    A sweep is an array of jobs, a machine each: one that is preempted leaves the others alone.

    Raises:
        ValueError: the time limit is shorter than the grace, a value has spaces or lines, or a
            sweep of several machines has no storage.
    """
    processes = max(job.gpus, 1)
    if job.sweep:
        is_set = STORAGE in os.environ or any(STORAGE in line for line in job.setup)
        check_storage(job.nodes, job.arguments, is_elsewhere=is_set)  # slurm passes variables on
    if job.time_limit <= job.grace + 60:
        raise ValueError(
            f"--time is {_clock(job.time_limit)}; with {job.grace:.0f} s of --grace nothing is left"
        )
    options = {
        "job-name": job.name,
        "array": f"1-{job.nodes}" if job.sweep and job.nodes > 1 else None,
        "nodes": 1 if job.sweep else job.nodes,
        "ntasks-per-node": 1 if job.sweep else processes,
        "gpus-per-node": job.gpus or None,
        "cpus-per-task": job.cpus and job.cpus * (processes if job.sweep else 1),
        "time": _clock(job.time_limit),
        "partition": job.partition,
        "account": job.account,
        "signal": f"USR1@{job.grace:.0f}",
        "open-mode": "append",
        "output": "%x-%A_%a.out" if job.sweep and job.nodes > 1 else "%x-%j.out",
    }
    asked = [f"--{name}={value}" for name, value in options.items() if value is not None]
    if bad := next((option for option in asked if re.search(r"\s", option)), None):
        raise ValueError(f"sbatch takes no spaces in {bad!r}; --name gives the job another name")
    asked += ["--requeue", *job.sbatch]
    if bad := next((option for option in asked if "\n" in option), None):
        raise ValueError(f"an option of sbatch is one line: got {bad!r}")
    if job.sweep:
        command = ["engine", "sweep", job.config, "--nproc", str(processes), "--requeue"]
    else:
        command = ["engine", "train", job.config, "--launcher", "slurm", "--resume", "--requeue"]
    command += ["--time-limit", f"{job.time_limit - job.grace:.0f}s", *job.arguments]
    cpus = ['export SRUN_CPUS_PER_TASK="${SLURM_CPUS_PER_TASK:-1}"'] if job.cpus else []
    lines = [
        "#!/bin/bash",
        *(f"#SBATCH {line}" for line in asked),
        "",
        *job.setup,
        "# Before its end the job saves, asks to be run again, and leaves with the code 75.",
        *cpus,
        f"srun --kill-on-bad-exit=0 {shlex.join(command)}",
    ]
    return "\n".join(lines) + "\n"


def _clock(seconds: float) -> str:
    """Seconds as slurm writes them, D-HH:MM:SS, rounded down to minutes."""
    minutes = int(seconds) // 60
    days, minutes = divmod(minutes, 24 * 60)
    return (f"{days}-" if days else "") + f"{minutes // 60:02}:{minutes % 60:02}:00"
