"""A data set of which one rank never gets a sample."""

from __future__ import annotations

import threading
from typing import Any

from tiny import Samples

from engine_dist import get_rank
from engine_registry import DATASETS


@DATASETS.register_module()
class Stuck(Samples):
    """Stands still on rank 1 after four samples."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_read = 0

    def __getitem__(self, index: int) -> Any:
        self.num_read += 1
        if get_rank() == 1 and self.num_read > 4:
            threading.Event().wait()  # for ever
        return super().__getitem__(index)
