"""The process that a training runs in: start method, threads, limits, process group."""

from __future__ import annotations

import logging
import os
import platform
import sys
from pathlib import Path
from typing import Any

import torch
from torch import multiprocessing

from engine_checkpoint import LAST
from engine_dist import init_dist, is_distributed
from engine_dist.accelerator import get_device
from engine_fileio import exists, join_path
from engine_runner.hooks.exit_codes import JOB_START
from engine_runner.runner.config_keys import ENV_KEYS, check_keys, misspelt_env_keys

__all__ = ["describe", "goes_on_by_itself", "set_multi_processing", "setup_env"]

logger = logging.getLogger(__name__)


def setup_env(env_cfg: dict[str, Any], launcher: str) -> None:
    """Set this process up.

    Args:
        env_cfg: ``cudnn_benchmark``, ``mp_cfg`` (arguments of `set_multi_processing`), ``dist_cfg``
            (arguments of `engine_dist.init_dist`) and ``resource_limit``, the number of open files.
        launcher: what started the processes: "pytorch", "slurm", "mpi", or "none".

    Raises:
        TypeError: a key of ``env_cfg`` is misspelt. Of others there is a warning.
    """
    _check(env_cfg)
    if env_cfg.get("cudnn_benchmark"):
        torch.backends.cudnn.benchmark = True
    mp_cfg = dict(env_cfg.get("mp_cfg") or {})
    set_multi_processing(**mp_cfg, distributed=launcher != "none")
    if launcher != "none" and not is_distributed():
        init_dist(launcher, **dict(env_cfg.get("dist_cfg") or {}))
    _raise_open_files(env_cfg.get("resource_limit", 4096))


def _check(env_cfg: dict[str, Any]) -> None:
    strange = [key for key in env_cfg if key not in ENV_KEYS]
    check_keys("env_cfg", misspelt_env_keys(env_cfg), ENV_KEYS)
    for key in strange:
        logger.warning(
            "env_cfg has %r, which nothing reads; there are %s", key, ", ".join(ENV_KEYS)
        )


def set_multi_processing(
    mp_start_method: str = "fork",
    opencv_num_threads: int = 0,
    distributed: bool = False,
) -> None:
    """Set how processes start, and how many threads each has.

    Args:
        mp_start_method: "fork", "spawn" or "forkserver"; Windows has "spawn" alone.
        opencv_num_threads: of OpenCV, if it is in use; 0 switches its threads off.
        distributed: whether several processes share the machine: each then computes with one
            thread, unless ``OMP_NUM_THREADS`` or ``MKL_NUM_THREADS`` say otherwise.
    """
    if platform.system() != "Windows":
        current = multiprocessing.get_start_method(allow_none=True)
        if current is not None and current != mp_start_method:
            logger.warning("processes start by %s from now on, not %s", mp_start_method, current)
        multiprocessing.set_start_method(mp_start_method, force=True)
    if "cv2" in sys.modules:  # importing it takes longer than a training may
        sys.modules["cv2"].setNumThreads(opencv_num_threads)
    if distributed:
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")


def _raise_open_files(number: int) -> None:
    """Allow as many open files as data workers may need."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = max(soft, number)
        wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if wanted > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def goes_on_by_itself(work_dir: str) -> bool:
    """Whether torchrun has started this process again, after a failure, and there is a checkpoint.

    One that is older than the job (where ``engine train --nproc`` says when that began) is of
    another training, and doesn't count.
    """
    if int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) < 1:
        return False
    record = str(join_path(work_dir, LAST))
    if not exists(record):
        return False
    began = os.environ.get(JOB_START[0])
    return began is None or "://" in work_dir or Path(record).stat().st_mtime >= float(began)


def describe(*, seed: int | None, world_size: int) -> str:
    """Return what the training runs on, in a line."""
    device = get_device()
    names = f"{torch.get_num_threads()} threads" if device == "cpu" else _device_name(device)
    processes = f", {world_size} processes" if world_size > 1 else ""
    return (
        f"Python {platform.python_version()}, torch {torch.__version__}, {device} ({names})"
        f"{processes}, seed {seed}"
    )


def _device_name(device: str) -> str:
    ask = getattr(getattr(torch, device, None), "get_device_name", None)
    return str(ask()) if ask else platform.machine()
