"""Names of MMEngine's `mmengine.dataset.utils`, from engine_runner.dataset."""

from engine_runner.dataset import COLLATE_FUNCTIONS, default_collate, pseudo_collate, worker_init_fn

__all__ = ["COLLATE_FUNCTIONS", "default_collate", "pseudo_collate", "worker_init_fn"]
