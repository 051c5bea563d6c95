"""What a process says by its exit code, and what it is told by environment variables."""

from __future__ import annotations

from typing import Final

__all__ = ["INTERRUPTED", "JOB_START", "STOOD_STILL", "TRY_AGAIN"]

# "A temporary failure; try again later", sysexits.h says.
TRY_AGAIN: Final = 75
# What `timeout` of coreutils exits with.
STOOD_STILL: Final = 124
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count
# When the job began, in seconds since 1970: set by slurm, and by `engine train --nproc`.
JOB_START: Final = ("ENGINE_JOB_START", "SLURM_JOB_START_TIME")
