"""Random numbers of single samples."""

from __future__ import annotations

import itertools
import random

import numpy as np
import torch

from engine_dataset.sample_seed import mixed, seed_sample


def draws() -> list[float]:
    return [
        random.random(),
        random.gauss(0, 1),
        np.random.rand(),
        np.random.randn(),
        torch.rand(1).item(),
    ]


def test_a_samples_draws_depend_on_three_numbers() -> None:
    found = {}
    for key in itertools.product((0, 1, 2**32 - 1), (0, 1, 300), (0, 1, 2**40)):
        seed_sample(*key)
        found[key] = tuple(draws())
    assert len(set(found.values())) == len(found)
    for place in range(5):  # each generator differs by itself
        assert len({each[place] for each in found.values()}) == len(found)
    seed_sample(1, 300, 2**40 % 7)
    once = draws()
    seed_sample(1, 300, 2**40 % 7)
    assert draws() == once


def test_mixed_numbers_collide_as_rarely_as_random_ones() -> None:
    bits = [mixed(seed, epoch, i) for seed in (0, 1) for epoch in range(50) for i in range(1000)]
    assert len(set(bits)) == len(bits)
    ones = sum(each.bit_count() for each in bits) / len(bits)
    assert abs(ones - 32) < 0.1
