"""Trainings on two machines, which are two addresses or two network namespaces of this one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster
import pytest
import torch

from engine_dist import free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to end a machine")

LONG = ("--cfg-options", "train_cfg.max_epochs=100000", "param_scheduler=None")
NAMES = ("engine-a", "engine-b")
ADDRESSES = ("10.87.41.1", "10.87.41.2")


def weights(work_dir: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = torch.load(work_dir / "epoch_2.pth")["state_dict"]
    return found


def machines(folder: Path, *more: str, host: str = "127.0.0.2", **options: Any) -> list[Any]:
    """Two commands that meet at ``host``; the first one holds the meeting."""
    port = free_port()
    return [machine(folder, rank, f"{host}:{port}", *more, **options) for rank in range(2)]


def machine(folder: Path, rank: int, endpoint: str, *more: str, **options: Any) -> Any:
    places = options.pop("places", ((), ()))
    meeting = ("--nnodes", "2", "--rdzv-endpoint", endpoint, "--node-rank", str(rank))
    command = ("train", "config.py", "--work-dir", "two", "--nproc", "1", *meeting, *more)
    return cluster.start(folder, *command, before=places[rank], **options)


def kept(folder: Path) -> str:
    file = folder / "two" / "last_checkpoint"
    return file.read_text() if file.exists() else ""


@pytest.fixture
def namespaces() -> Iterator[list[tuple[str, ...]]]:
    """The words before a command that has it run in the one network namespace or the other."""
    if os.geteuid() or shutil.which("ip") is None:
        pytest.skip("needs root, and the program ip")

    def ip(*words: str, check: bool = True) -> None:
        subprocess.run(["ip", *words], check=check, capture_output=True)

    try:
        for name in NAMES:
            ip("netns", "del", name, check=False)
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        peer = ("peer", "name", "eth0", "netns", NAMES[1])
        ip("-n", NAMES[0], "link", "add", "eth0", "type", "veth", *peer)
        for name, address in zip(NAMES, ADDRESSES, strict=True):
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
        yield [("ip", "netns", "exec", name) for name in NAMES]
    finally:
        for name in NAMES:
            ip("netns", "del", name, check=False)


def test_two_addresses_and_two_namespaces_train_as_two_processes_of_one_machine(
    tmp_path: Path, namespaces: list[tuple[str, ...]]
) -> None:
    cluster.write_config(tmp_path)
    one = cluster.start(tmp_path, "train", "config.py", "--work-dir", "one", "--nproc", "2")
    assert cluster.finish(one)[0][0] == 0
    expected = weights(tmp_path / "one")
    apart = {"places": namespaces, "host": ADDRESSES[0], "GLOO_SOCKET_IFNAME": "eth0"}
    for options in ({}, apart):
        for code, told in cluster.finish(*machines(tmp_path, **options)):
            assert code == 0, told
        found = weights(tmp_path / "two")
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, rtol=0, atol=0)
        shutil.rmtree(tmp_path / "two")


def test_when_a_machine_is_lost_the_other_ends_in_order(tmp_path: Path) -> None:
    cluster.write_config(tmp_path)
    stays, dies = machines(tmp_path, *LONG)
    cluster.wait_until(lambda: kept(tmp_path), stays, dies)
    cluster.kill(dies)
    ((code, told), _) = cluster.finish(stays, dies)
    assert code == 1, told
    assert "torch/distributed/run.py" not in told  # no page of the agent's own
    assert "the reason is in what another machine says" in told


def test_a_machine_that_comes_back_goes_on_with_the_one_that_stayed(tmp_path: Path) -> None:
    cluster.write_config(tmp_path)
    stays, dies = machines(tmp_path, "--max-restarts", "3", *LONG)
    cluster.wait_until(lambda: kept(tmp_path), stays, dies)
    cluster.kill(dies)
    dies.communicate()
    reached = int(re.findall(r"epoch_(\d+)", kept(tmp_path))[0])
    endpoint = stays.args[stays.args.index("--rdzv-endpoint") + 1]
    returns = machine(tmp_path, 1, endpoint, "--max-restarts", "3", *LONG)

    def is_beyond() -> bool:
        found = re.findall(r"epoch_(\d+)", kept(tmp_path))
        return bool(found) and int(found[0]) > reached + 3

    cluster.wait_until(is_beyond, stays, returns)
    returns.send_signal(signal.SIGTERM)
    for code, told in cluster.finish(stays, returns):
        assert code == 75, told
    assert "preempted_iter_" in kept(tmp_path)


def test_the_machine_of_the_endpoint_is_missed_by_its_name(tmp_path: Path) -> None:
    cluster.write_config(tmp_path)
    lonely = machine(tmp_path, 1, f"127.0.0.2:{free_port()}", "--rdzv-timeout", "1s")
    ((code, told),) = cluster.finish(lonely)
    assert code == 1
    assert "error: nobody answers at 127.0.0.2:" in told and "Traceback" not in told


def test_a_job_of_slurm_saves_is_requeued_and_goes_on(tmp_path: Path) -> None:
    cluster.write_config(tmp_path, "train_cfg = dict(max_epochs=400)")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("srun", "scontrol", "engine"):
        text = getattr(cluster, name.upper()).replace("{python}", sys.executable)
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    asked = ("--nodes", "2", "--gpus", "1", "--time", "1:00:00", "--output", "job.sh")
    made = cluster.start(tmp_path, "job", "slurm", "config.py", *asked, "--", "--work-dir", "two")
    assert cluster.finish(made)[0][0] == 0
    script = (tmp_path / "job.sh").read_text()
    assert "#SBATCH --signal=USR1@300\n" in script and "#SBATCH --requeue\n" in script
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    slurm = {"SLURM_JOB_ID": "417", "SLURM_NNODES": "2", "SLURM_NTASKS_PER_NODE": "1"}
    slurm |= {"SLURM_JOB_NODELIST": "127.0.0.[1-2]", "PATH": path}

    def submit() -> Any:
        return subprocess.Popen(
            ["bash", "job.sh"],
            cwd=tmp_path,
            env=cluster.variables(**slurm),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    first = submit()
    cluster.wait_until(lambda: kept(tmp_path), first)
    for pid in (tmp_path / "tasks").read_text().split():
        os.kill(int(pid), signal.SIGUSR1)
    ((code, told),) = cluster.finish(first)
    assert code == 75, told
    assert (tmp_path / "asked").read_text() == "requeue 417\n"
    stopped = int(re.findall(r"preempted_iter_(\d+)", kept(tmp_path))[0])
    assert 0 < stopped < 1200
    ((code, told),) = cluster.finish(submit())
    assert code == 0, told
    assert kept(tmp_path).endswith("epoch_400.pth")


@pytest.mark.skipif(shutil.which("mpirun") is None, reason="needs Open MPI's mpirun")
def test_processes_of_mpirun_are_a_training(tmp_path: Path) -> None:
    cluster.write_config(tmp_path)
    command = ("mpirun", "--allow-run-as-root", "--oversubscribe", "-np", "2")
    words = ("train", "config.py", "--work-dir", "two", "--launcher", "mpi")
    ((code, told),) = cluster.finish(cluster.start(tmp_path, *words, before=command))
    assert code == 0, told
    one = cluster.start(tmp_path, "train", "config.py", "--work-dir", "one", "--nproc", "2")
    assert cluster.finish(one)[0][0] == 0
    for name, value in weights(tmp_path / "one").items():
        torch.testing.assert_close(weights(tmp_path / "two")[name], value, rtol=0, atol=0)
