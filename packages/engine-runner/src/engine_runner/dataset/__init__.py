"""Data sets, samplers, and what makes batches of them."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.dataset.base": ["BaseDataset", "force_full_init"],
        "engine_runner.dataset.collate": ["COLLATE_FUNCTIONS", "default_collate", "pseudo_collate"],
        "engine_runner.dataset.compose": ["Compose"],
        "engine_runner.dataset.sampler": ["DefaultSampler", "InfiniteSampler"],
        "engine_runner.dataset.storage": ["PackedList"],
        "engine_runner.dataset.worker": ["worker_init_fn"],
        "engine_runner.dataset.wrappers": [
            "ClassBalancedDataset",
            "ConcatDataset",
            "RepeatDataset",
        ],
    },
)
