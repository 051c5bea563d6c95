"""A PyTorchJob of Kubeflow's training operator (kubeflow.org/v1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from engine_runner.cli.job.storage import check_storage

__all__ = ["Pod", "kubernetes_job"]

PORT: Final = 23456  # the operator's own choice
_NAME: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """What Kubernetes is asked for; all machines are alike.

    Attributes:
        name: of the job.
        config: file of the config, in the image or on a volume.
        arguments: more of ``engine train``.
        image: of the container.
        nodes: how many machines.
        gpus: of each machine, with a process for each; 0 for one process on CPUs.
        namespace: of the job.
        volume: claims and where they are seen, ``CLAIM:/PATH``.
        secret: names of secrets, whose keys become environment variables.
        cpus: of each machine.
        memory: of each machine.
        shm: shared memory.
        work_dir: of the training.
        grace: seconds that a pod has for saving when it is to leave.
        retries: how often containers are started anew.
        sweep: whether each machine works on trials of a sweep.
    """

    name: str
    config: str
    arguments: tuple[str, ...] = ()
    image: str
    nodes: int = 1
    gpus: int = 1
    namespace: str | None = None
    volume: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    cpus: str | None = None
    memory: str | None = None
    shm: str = "16Gi"
    work_dir: str | None = None
    grace: float = 300.0
    retries: int = 100
    sweep: bool = False


def kubernetes_job(pod: Pod) -> str:
    """Return the manifest, in YAML.

    A container that leaves with 75 has been asked to, and is to run again: ``OnFailure``. (To
    ``ExitCode`` all codes below 128 would be the end.) The operator tells each container its RANK
    and MASTER_ADDR, which Kubernetes puts into the command. A sweep's machines need no operator,
    and it is over when one of them finds nothing to do: a Job without a number of completions.

    Raises:
        ValueError: the name can't be one, a volume is no ``CLAIM:/PATH``, or a sweep of several
            machines has no storage.
    """
    name = re.sub(r"[^a-z0-9]+", "-", pod.name.lower()).strip("-")
    if not _NAME.fullmatch(name) or len(name) > 50:  # pods add -worker-N, and may have 63
        raise ValueError(
            f"{pod.name!r} can't be the name of a job: --name takes up to 50 letters, digits and "
            "hyphens, and begins with a letter"
        )
    metadata = {"name": name} | ({"namespace": pod.namespace} if pod.namespace else {})
    if pod.sweep:
        check_storage(pod.nodes, pod.arguments, is_elsewhere=bool(pod.secret))
        command = ["engine", "sweep", pod.config, "--nproc", str(max(pod.gpus, 1))]
        template = _template(pod, command)
        template["spec"]["restartPolicy"] = "OnFailure"
        spec = {"parallelism": pod.nodes, "backoffLimit": pod.retries, "template": template}
        return _yaml({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec})
    replicas = {"Master": _replica(pod, name, 1)}
    if pod.nodes > 1:
        replicas["Worker"] = _replica(pod, name, pod.nodes - 1)
    policy = {"backoffLimit": pod.retries, "cleanPodPolicy": "Running"}
    return _yaml(
        {
            "apiVersion": "kubeflow.org/v1",
            "kind": "PyTorchJob",
            "metadata": metadata,
            "spec": {"runPolicy": policy, "pytorchReplicaSpecs": replicas},
        }
    )


def _yaml(manifest: dict[str, Any]) -> str:
    from engine_fileio import dump

    return str(dump(manifest, file_format="yaml", sort_keys=False))


def _replica(pod: Pod, name: str, number: int) -> dict[str, Any]:
    template = _template(pod, _training(pod, name))
    ports = [{"name": "pytorchjob-port", "containerPort": PORT}]
    template["spec"]["containers"][0]["ports"] = ports
    return {"replicas": number, "restartPolicy": "OnFailure", "template": template}


def _template(pod: Pod, command: list[str]) -> dict[str, Any]:
    """A pod that runs a command and then the arguments."""
    volumes, mounts = _volumes(pod)
    if pod.work_dir is not None:
        command = [*command, "--work-dir", pod.work_dir]
    limits = {"nvidia.com/gpu": pod.gpus or None, "cpu": pod.cpus, "memory": pod.memory}
    container = {
        "name": "pytorch",  # the operator looks for this one
        "image": pod.image,
        "command": [*command, *pod.arguments],
        "resources": {"limits": {key: value for key, value in limits.items() if value}},
        "volumeMounts": mounts,
    }
    if pod.secret:
        container["envFrom"] = [{"secretRef": {"name": name}} for name in pod.secret]
    spec = {
        "terminationGracePeriodSeconds": int(pod.grace),
        "containers": [container],
        "volumes": volumes,
    }
    return {"spec": spec}


def _training(pod: Pod, name: str) -> list[str]:
    command = ["engine", "train", pod.config, "--resume", "--nproc", str(max(pod.gpus, 1))]
    if pod.nodes > 1:
        command += ["--nnodes", str(pod.nodes), "--rdzv-endpoint", "$(MASTER_ADDR):$(MASTER_PORT)"]
        command += ["--node-rank", "$(RANK)", "--rdzv-id", name]
    return command


def _volumes(pod: Pod) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The volumes, and where the container sees them."""
    volumes: list[dict[str, Any]] = [
        {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": pod.shm}}
    ]
    mounts = [{"name": "shm", "mountPath": "/dev/shm"}]
    for place, text in enumerate(pod.volume):
        claim, _, path = text.partition(":")
        if not claim or not path.startswith("/"):
            raise ValueError(f"--volume {text!r} is no CLAIM:/PATH")
        volumes.append({"name": f"volume-{place}", "persistentVolumeClaim": {"claimName": claim}})
        mounts.append({"name": f"volume-{place}", "mountPath": path})
    return volumes, mounts
