"""Job files for slurm and Kubernetes."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from engine_runner.cli.main import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["job", *arguments])


def slurm(*arguments: str) -> str:
    result = run("slurm", "configs/a.py", *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def manifest(*arguments: str) -> dict[str, Any]:
    result = run("kubernetes", "configs/my_model.py", "--image", "me/train:1", *arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = yaml.safe_load(result.output)
    return found


def container(replica: dict[str, Any]) -> dict[str, Any]:
    (found,) = replica["template"]["spec"]["containers"]
    return dict(found)


def test_a_script_of_slurm_asks_for_the_machines_the_signal_and_the_requeue() -> None:
    script = slurm("--nodes", "2", "--gpus", "8", "--time", "24:00:00", "--sbatch=--mem=64G")
    asked = {line.removeprefix("#SBATCH ") for line in script.splitlines() if "SBATCH" in line}
    assert asked >= {"--nodes=2", "--ntasks-per-node=8", "--gpus-per-node=8", "--time=1-00:00:00"}
    assert asked >= {"--signal=USR1@300", "--requeue", "--open-mode=append", "--mem=64G"}
    assert script.startswith("#!/bin/bash\n#SBATCH ")


def test_the_training_of_a_script_leaves_before_its_time_is_over_and_resumes() -> None:
    script = slurm("--time", "2h", "--grace", "10m", "--", "--amp", "--work-dir", "a b")
    *_, line = script.splitlines()
    words = shlex.split(line)
    command = words[words.index("engine") :]
    assert words[0] == "srun"
    assert command[:3] == ["engine", "train", "configs/a.py"]
    assert {"--resume", "--requeue"} < {*command}
    assert command[command.index("--launcher") + 1] == "slurm"
    assert command[command.index("--time-limit") + 1] == "6600s"
    assert command[-3:] == ["--amp", "--work-dir", "a b"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_can_read_the_script(tmp_path: Path) -> None:
    options = ("--setup", "source 'my venv/bin/activate'", "--cpus", "4", "--partition", "gpu")
    file = tmp_path / "job.sh"
    result = run("slurm", "it's.py", "--time", "4h", *options, "--output", str(file))
    assert result.output.strip() == str(file)
    assert b"\r" not in file.read_bytes()
    assert subprocess.run(["bash", "-n", file]).returncode == 0
    engine = 'engine() { printf \'%s\\n\' "$@"; }; srun() { shift; "$@"; }; source() { :; }; '
    done = subprocess.run(
        ["bash", "-c", f'{engine} . "{file}"'], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[:2] == ["train", "it's.py"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--time", "5m"), "--time is 00:05:00; with 300 s of --grace nothing is left"),
        (("--time", "4h", "--name", "a b"), "sbatch takes no spaces in '--job-name=a b'"),
        (("--time", "4h", "--sbatch", "--x\n--y"), "an option of sbatch is one line"),
    ],
)
def test_what_slurm_would_not_take_is_refused(options: tuple[str, ...], told: str) -> None:
    result = run("slurm", "a.py", *options)
    assert result.exit_code == 1
    assert told in result.output


def test_a_manifest_has_a_master_and_the_other_machines() -> None:
    job = manifest("--nodes", "3", "--gpus", "8", "--namespace", "us", "--memory", "64Gi")
    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v1", "PyTorchJob")
    assert job["metadata"] == {"name": "my-model", "namespace": "us"}
    replicas = job["spec"]["pytorchReplicaSpecs"]
    assert {name: each["replicas"] for name, each in replicas.items()} == {"Master": 1, "Worker": 2}
    for replica in replicas.values():
        assert replica["restartPolicy"] == "OnFailure"  # 75 is run again
        assert replica["template"]["spec"]["terminationGracePeriodSeconds"] == 300
        found = container(replica)
        assert found["name"] == "pytorch"
        assert found["resources"]["limits"] == {"nvidia.com/gpu": 8, "memory": "64Gi"}
        command = found["command"]
        assert command[:4] == ["engine", "train", "configs/my_model.py", "--resume"]
        assert command[command.index("--nnodes") + 1] == "3"
        assert command[command.index("--rdzv-endpoint") + 1] == "$(MASTER_ADDR):$(MASTER_PORT)"
        assert command[command.index("--node-rank") + 1] == "$(RANK)"


def test_a_manifest_of_one_machine_meets_nobody() -> None:
    job = manifest("--gpus", "0", "--", "--amp")
    (master,) = job["spec"]["pytorchReplicaSpecs"].values()
    command = container(master)["command"]
    assert command[3:] == ["--resume", "--nproc", "1", "--amp"]
    assert container(master)["resources"]["limits"] == {}


def test_volumes_are_mounted() -> None:
    job = manifest("--volume", "runs:/runs", "--volume", "data:/data/set", "--work-dir", "/runs/a")
    spec = job["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]
    claims = {
        volume["name"]: volume["persistentVolumeClaim"]["claimName"]
        for volume in spec["volumes"]
        if "persistentVolumeClaim" in volume
    }
    mounts = {each["name"]: each["mountPath"] for each in spec["containers"][0]["volumeMounts"]}
    assert {claims[name]: mounts[name] for name in claims} == {"runs": "/runs", "data": "/data/set"}
    assert mounts["shm"] == "/dev/shm"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--volume", "runs"), "--volume 'runs' is no CLAIM:/PATH"),
        (("--name", "417"), "'417' can't be the name of a job"),
        (("--name", "a" * 51), "takes up to 50 letters"),
    ],
)
def test_what_kubernetes_would_not_take_is_refused(options: tuple[str, ...], told: str) -> None:
    result = run("kubernetes", "a.py", "--image", "i", *options)
    assert result.exit_code == 1
    assert told in result.output


def test_a_sweep_of_slurm_is_an_array_of_workers() -> None:
    options = ("--sweep", "--nodes", "4", "--gpus", "2", "--cpus", "8", "--time", "2h")
    script = slurm(*options, "--", "--storage", "mysql://a/b", "--trials", "50")
    asked = {line.removeprefix("#SBATCH ") for line in script.splitlines() if "SBATCH" in line}
    assert asked >= {"--array=1-4", "--nodes=1", "--ntasks-per-node=1", "--gpus-per-node=2"}
    assert asked >= {"--cpus-per-task=16", "--signal=USR1@300", "--requeue"}
    words = shlex.split(script.splitlines()[-1])
    command = words[words.index("engine") :]
    assert command[:5] == ["engine", "sweep", "configs/a.py", "--nproc", "2"]
    assert command[5:8] == ["--requeue", "--time-limit", "6900s"]
    assert command[8:] == ["--storage", "mysql://a/b", "--trials", "50"]


def test_a_sweep_of_kubernetes_is_a_job_of_workers() -> None:
    options = ("--sweep", "--nodes", "3", "--gpus", "2", "--secret", "study")
    job = manifest(*options, "--work-dir", "/runs/a", "--volume", "runs:/runs", "--", "--jobs", "2")
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    assert job["spec"]["parallelism"] == 3
    assert "completions" not in job["spec"]  # one that finds nothing to do ends the job
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"  # 75 is run again
    found = container(job["spec"])
    assert found["envFrom"] == [{"secretRef": {"name": "study"}}]
    assert found["command"][:5] == ["engine", "sweep", "configs/my_model.py", "--nproc", "2"]
    assert found["command"][5:] == ["--work-dir", "/runs/a", "--jobs", "2"]


def test_machines_of_a_sweep_are_told_where_their_study_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENGINE_SWEEP_STORAGE", raising=False)
    several = ("a.py", "--sweep", "--nodes", "2")
    for cluster in (("slurm", "--time", "4h"), ("kubernetes", "--image", "i")):
        result = run(*cluster, *several)
        assert result.exit_code == 1
        assert "needs a storage that all of them reach: add -- --storage" in result.output
        assert run(*cluster, "a.py", "--sweep").exit_code == 0
    line = "export ENGINE_SWEEP_STORAGE=$(cat ~/.study)"
    assert run("slurm", "--time", "4h", *several, "--setup", line).exit_code == 0
    monkeypatch.setenv("ENGINE_SWEEP_STORAGE", "mysql://a/b")
    assert run("slurm", "--time", "4h", *several).exit_code == 0
