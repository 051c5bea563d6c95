"""Data sets, samplers, and what makes batches of them."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_dataset.__about__": ["__version__"],
        "engine_dataset.base": ["BaseDataset"],
        "engine_dataset.collate": ["COLLATE_FUNCTIONS", "default_collate", "pseudo_collate"],
        "engine_dataset.compose": ["Compose"],
        "engine_dataset.full_init": ["force_full_init"],
        "engine_dataset.sampler": ["DefaultSampler", "InfiniteSampler"],
        "engine_dataset.packed_list": ["PackedList"],
        "engine_dataset.worker_init": ["worker_init_fn"],
        "engine_dataset.wrappers": [
            "ClassBalancedDataset",
            "ConcatDataset",
            "RepeatDataset",
        ],
    },
)
