"""Names of MMEngine's `mmengine.dataset.utils`, from engine_dataset."""

from engine_dataset import COLLATE_FUNCTIONS, default_collate, pseudo_collate, worker_init_fn

__all__ = ["COLLATE_FUNCTIONS", "default_collate", "pseudo_collate", "worker_init_fn"]
