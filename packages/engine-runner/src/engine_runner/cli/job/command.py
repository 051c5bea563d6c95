"""``engine job``: files that a scheduler takes, for a training that it may interrupt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from engine_runner.cli.failures import plainly
from engine_runner.cli.job.kubernetes import Pod, kubernetes_job
from engine_runner.cli.job.slurm import SlurmJob, slurm_script
from engine_runner.cli.options import length_of_time, traceback_option

__all__ = ["job"]

_output_option = click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the file, instead of printing it.",
)
_name_option = click.option(
    "--name", help="Name of the job; by default that of CONFIG, without its ending."
)
_nodes_option = click.option(
    "--nodes", type=click.IntRange(min=1), default=1, show_default=True, help="How many machines."
)
_gpus_option = click.option(
    "--gpus",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="GPUs of each machine, and so processes; 0 for one process on its CPUs.",
)
_sweep_option = click.option(
    "--sweep",
    is_flag=True,
    help="engine sweep instead of engine train: each machine works on trials of its own, and "
    "several need a --storage that all of them reach.",
)
_arguments = click.argument("arguments", nargs=-1, type=click.UNPROCESSED)


@click.group()
def job() -> None:
    """Print a job file for a cluster; what follows ``--`` goes to ``engine train`` or ``sweep``."""


@job.command()
@click.argument("config")
@_arguments
@_name_option
@_nodes_option
@_gpus_option
@click.option(
    "--time",
    "time_limit",
    required=True,
    callback=length_of_time,
    metavar="TIME",
    help="The time limit, such as 24:00:00, 1-12:00:00 or 23h30m.",
)
@click.option(
    "--grace",
    callback=length_of_time,
    default="5m",
    show_default=True,
    metavar="TIME",
    help="How long before the end the training saves and leaves.",
)
@click.option("--cpus", type=click.IntRange(min=1), help="CPUs of each process.")
@click.option("--partition", help="Partition of the cluster.")
@click.option("--account", help="Who is charged.")
@click.option("--setup", multiple=True, metavar="LINE", help="A line of shell to run before.")
@click.option("--sbatch", multiple=True, metavar="OPTION", help="One more, such as --mem=64G.")
@_sweep_option
@_output_option
@traceback_option
def slurm(config: str, *, arguments: tuple[str, ...], name: str | None, **given: Any) -> None:
    """Print a script for sbatch that trains CONFIG, and goes on where it was interrupted.

    \b
    engine job slurm configs/resnet18.py --nodes 2 --gpus 8 --time 24:00:00 --output resnet18.sh
    engine job slurm configs/resnet18.py --time 4h --setup 'source venv/bin/activate'
    engine job slurm configs/resnet18.py --time 4h --partition gpu -- --amp --hang-timeout 30m
    engine job slurm configs/resnet18.py --time 4h --sweep --nodes 4 -- --storage mysql://host/db
    """
    output, traceback = given.pop("output"), given.pop("traceback")
    with plainly(traceback=traceback):
        wanted = SlurmJob(
            name=name or Path(config).stem, config=config, arguments=arguments, **given
        )
        _give(slurm_script(wanted), output)


@job.command()
@click.argument("config")
@_arguments
@_name_option
@_nodes_option
@_gpus_option
@click.option("--image", required=True, help="Container image that has CONFIG and engine-runner.")
@click.option("--namespace", help="Namespace of the job.")
@click.option(
    "--volume",
    multiple=True,
    metavar="CLAIM:/PATH",
    help="A persistent volume claim, and where it is seen; the work_dir must be on one.",
)
@click.option(
    "--secret",
    multiple=True,
    metavar="NAME",
    help="A secret whose keys become environment variables, such as ENGINE_SWEEP_STORAGE.",
)
@click.option("--cpus", help="CPUs of each machine, such as 8 or 500m.")
@click.option("--memory", help="Memory of each machine, such as 64Gi.")
@click.option("--shm", default="16Gi", show_default=True, help="Shared memory, for data workers.")
@click.option("--work-dir", help="Folder of checkpoints and logs, on a volume.")
@click.option(
    "--grace",
    callback=length_of_time,
    default="5m",
    show_default=True,
    metavar="TIME",
    help="How long a pod that is to leave may take to save.",
)
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="How often containers are started anew, after interruptions too.",
)
@_sweep_option
@_output_option
@traceback_option
def kubernetes(config: str, *, arguments: tuple[str, ...], name: str | None, **given: Any) -> None:
    """Print a PyTorchJob of Kubeflow's training operator that trains CONFIG.

    CONFIG is a path in the image, or on a volume. With --sweep it is a Job of Kubernetes itself.

    \b
    engine job kubernetes configs/resnet18.py --image registry/me/train:1 --nodes 2 --gpus 8 \\
        --volume runs:/runs --work-dir /runs/resnet18 --output resnet18.yaml
    """
    output, traceback = given.pop("output"), given.pop("traceback")
    with plainly(traceback=traceback):
        wanted = Pod(name=name or Path(config).stem, config=config, arguments=arguments, **given)
        _give(kubernetes_job(wanted), output)


def _give(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    output.write_bytes(text.encode())  # a script with Windows' line ends is none
    click.echo(str(output))
