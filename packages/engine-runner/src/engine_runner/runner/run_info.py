"""Run info: what a run is called, where it writes, and how it was seeded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine_dist import get_local_rank, get_rank, get_world_size
from engine_logging import use_ranks
from engine_runner.randomness import set_random_seed
from engine_runner.runner.environment import setup_env

__all__ = ["RunInfo"]


@dataclass(slots=True)
class RunInfo:
    """Names, folders and seed of a run.

    The runner's constructor sets them, once and in this order; a subclass of it may assign each,
    by the name that MMEngine gives it.

    Attributes:
        work_dir: the folder of checkpoints and logs, or a remote address.
        launcher: what started the processes.
        resume: whether the run was asked to go on with a training.
        load_from: the checkpoint to start or to resume from; None is the newest, or none.
        randomness: the arguments of `set_randomness`, whose call alone changes them.
        seed: the seed that it has set, without the rank.
        timestamp: when the run began, as YYYYmmdd_HHMMSS; the same on all ranks.
        experiment_name: the name by which logger, hub and visualizer are found.
        log_dir: the local folder of the logs.
        model_name: the class of the model, without what wraps it.
    """

    work_dir: str
    launcher: str = "none"
    resume: bool = False
    load_from: str | None = None
    randomness: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    timestamp: str = ""
    experiment_name: str = ""
    log_dir: str = ""
    model_name: str = ""

    def setup_env(self, env_cfg: dict[str, Any]) -> None:
        """Set this process up: threads, start method, limits, process group.

        Args:
            env_cfg: ``cudnn_benchmark``, ``mp_cfg``, ``dist_cfg`` and ``resource_limit``.

        Raises:
            TypeError: it has another key.
        """
        setup_env(env_cfg, self.launcher)
        use_ranks(get_rank, get_world_size, get_local_rank)

    def set_randomness(
        self,
        seed: int | None,
        diff_rank_seed: bool = False,
        deterministic: bool = False,
        *,
        per_sample: bool = False,
    ) -> None:
        """Seed all generators of this process.

        Args:
            seed: None takes a random one, the same on all ranks.
            diff_rank_seed: whether each rank gets a seed of its own.
            deterministic: whether torch is asked for deterministic algorithms.
            per_sample: whether what a training sample's reading draws depends on seed, epoch and
                index alone, so that it doesn't matter which worker or rank reads it.
        """
        self.randomness = {
            "seed": seed,
            "diff_rank_seed": diff_rank_seed,
            "deterministic": deterministic,
            "per_sample": per_sample,
        }
        self.seed = set_random_seed(seed, deterministic, diff_rank_seed)

    @property
    def deterministic(self) -> bool:
        """Whether torch was asked for deterministic algorithms."""
        return bool(self.randomness.get("deterministic", False))

    @property
    def diff_rank_seed(self) -> bool:
        """Whether each rank has a seed of its own."""
        return bool(self.randomness.get("diff_rank_seed", False))

    @property
    def per_sample(self) -> bool:
        """Whether the random numbers of a training sample depend on it, not on who reads it."""
        return bool(self.randomness.get("per_sample", False))
