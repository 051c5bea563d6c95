"""Data sets, samplers, and what makes batches of them."""

from engine_runner.dataset.base import BaseDataset, force_full_init
from engine_runner.dataset.collate import COLLATE_FUNCTIONS, default_collate, pseudo_collate
from engine_runner.dataset.compose import Compose
from engine_runner.dataset.sampler import DefaultSampler, InfiniteSampler
from engine_runner.dataset.storage import PackedList
from engine_runner.dataset.worker import worker_init_fn
from engine_runner.dataset.wrappers import ClassBalancedDataset, ConcatDataset, RepeatDataset

__all__ = [
    "COLLATE_FUNCTIONS",
    "BaseDataset",
    "ClassBalancedDataset",
    "Compose",
    "ConcatDataset",
    "DefaultSampler",
    "InfiniteSampler",
    "PackedList",
    "RepeatDataset",
    "default_collate",
    "force_full_init",
    "pseudo_collate",
    "worker_init_fn",
]
