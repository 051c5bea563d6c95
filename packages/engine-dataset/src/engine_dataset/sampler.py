"""Which samples, in which order, on which rank."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sized

import torch
from torch.utils.data import Sampler

from engine_dist import get_data_info, sync_random_seed

__all__ = ["DefaultSampler", "InfiniteSampler"]


class DefaultSampler(Sampler[int]):
    """Each sample once an epoch, dealt to the ranks in turn: rank r takes r, r + world_size, ...

    The order is a function of (seed, epoch).

    Args:
        dataset: anything with a length.
        shuffle: whether to shuffle in each epoch.
        seed: the same on all ranks; None takes a random one that they agree on.
        round_up: repeat first samples, so that all ranks have equally many.
    """

    def __init__(
        self, dataset: Sized, shuffle: bool = True, seed: int | None = None, round_up: bool = True
    ) -> None:
        self.rank, self.world_size = get_data_info()
        self.dataset = dataset
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.round_up = round_up
        if round_up:
            self.num_samples = math.ceil(len(dataset) / self.world_size)
            self.total_size = self.num_samples * self.world_size
        else:
            self.num_samples = math.ceil((len(dataset) - self.rank) / self.world_size)
            self.total_size = len(dataset)

    def __iter__(self) -> Iterator[int]:
        size = len(self.dataset)
        if self.shuffle:
            generator = torch.Generator()
            generator.manual_seed(self.seed + self.epoch)
            indices = torch.randperm(size, generator=generator).tolist()
        else:
            indices = list(range(size))
        if self.round_up and size:
            indices = (indices * math.ceil(self.total_size / size))[: self.total_size]
        return iter(indices[self.rank : self.total_size : self.world_size])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch the next order is for, from 0."""
        self.epoch = epoch


class InfiniteSampler(Sampler[int]):
    """Samples without an end, dealt to the ranks in turn; each pass over the data in a new order.

    It is for iteration-based training, and there the order is a function of the seed alone. A loop
    by epochs ends each after as many batches as the loader's length says, and says which it is.

    Args:
        dataset: anything with a length.
        shuffle: whether each pass is shuffled.
        seed: the same on all ranks; None takes a random one that they agree on.

    Raises:
        ValueError: the data set is empty: there would be nothing to draw, for ever.
    """

    def __init__(self, dataset: Sized, shuffle: bool = True, seed: int | None = None) -> None:
        self.rank, self.world_size = get_data_info()
        self.dataset = dataset
        self.size = len(dataset)
        if not self.size:
            raise ValueError("InfiniteSampler: the data set is empty, there is nothing to sample")
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator()
        generator.manual_seed(self.seed + self.epoch)
        position = 0  # in the endless sequence that all ranks share
        while True:
            if self.shuffle:
                order = torch.randperm(self.size, generator=generator).tolist()
            else:
                order = list(range(self.size))
            first = (self.rank - position) % self.world_size
            yield from order[first :: self.world_size]
            position += self.size

    def __len__(self) -> int:
        return self.size

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch the next order is for, from 0, which it is where there are no epochs."""
        self.epoch = epoch
