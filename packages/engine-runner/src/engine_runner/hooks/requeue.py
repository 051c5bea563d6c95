"""Asking slurm to run a job again."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess

__all__ = ["requeue_job"]

logger = logging.getLogger(__name__)

_PATIENCE_S = 60


def requeue_job() -> bool:
    """Have slurm put the job of this process into its queue again; tell whether it did.

    Without a job (``SLURM_JOB_ID`` isn't set) nothing happens. What goes wrong is logged: a
    training that ends has nothing better to do.
    """
    environment = os.environ
    array = environment.get("SLURM_ARRAY_JOB_ID")
    job = environment.get("SLURM_JOB_ID")
    if job is None:
        return False
    if array is not None:
        job = f"{array}_{environment.get('SLURM_ARRAY_TASK_ID', '')}"
    program = shutil.which("scontrol")
    if program is None:
        logger.error("job %s can't be requeued: there is no scontrol on the PATH", job)
        return False
    try:
        done = subprocess.run(
            [program, "requeue", job], capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.error("job %s can't be requeued: %s", job, error)
        return False
    if done.returncode:
        logger.error("job %s can't be requeued: scontrol says %s", job, done.stderr.strip())
        return False
    logger.info("job %s is in slurm's queue again", job)
    return True
