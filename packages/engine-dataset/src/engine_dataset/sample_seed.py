"""Seeds of single samples: the same for seed, epoch and index, whoever reads them."""

from __future__ import annotations

import random
from typing import Final

import numpy as np
import torch

__all__ = ["mixed", "seed_sample"]

_BITS: Final = (1 << 64) - 1
_FACTORS: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def mixed(seed: int, epoch: int, index: int) -> int:
    """Return 64 bits that look random, for three numbers.

    The last steps are those of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, doi 2660193.2660195).
    """
    first, second, third = _FACTORS
    bits = (seed * first + epoch * second + index * third) & _BITS
    bits = ((bits ^ (bits >> 30)) * second) & _BITS
    bits = ((bits ^ (bits >> 27)) * third) & _BITS
    return bits ^ (bits >> 31)


def seed_sample(seed: int, epoch: int, index: int) -> None:
    """Seed Python's, numpy's and torch's generators, those of the CPU, for one sample.

    It takes about 10 us. numpy and torch take 32 bits each, of different halves of 64: a longer
    seed takes numpy five times as long.
    """
    bits = mixed(seed, epoch, index)
    random.seed(bits)
    np.random.seed(bits & 0xFFFFFFFF)
    torch.default_generator.manual_seed(bits >> 32)  # torch.manual_seed visits all devices
