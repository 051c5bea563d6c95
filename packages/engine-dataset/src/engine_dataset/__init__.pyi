# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_dataset.__about__ import (
    __version__ as __version__,
)
from engine_dataset.base import (
    BaseDataset as BaseDataset,
)
from engine_dataset.collate import (
    COLLATE_FUNCTIONS as COLLATE_FUNCTIONS,
    default_collate as default_collate,
    pseudo_collate as pseudo_collate,
)
from engine_dataset.compose import (
    Compose as Compose,
)
from engine_dataset.full_init import (
    force_full_init as force_full_init,
)
from engine_dataset.sampler import (
    DefaultSampler as DefaultSampler,
    InfiniteSampler as InfiniteSampler,
)
from engine_dataset.packed_list import (
    PackedList as PackedList,
)
from engine_dataset.worker_init import (
    worker_init_fn as worker_init_fn,
)
from engine_dataset.wrappers import (
    ClassBalancedDataset as ClassBalancedDataset,
    ConcatDataset as ConcatDataset,
    RepeatDataset as RepeatDataset,
)
