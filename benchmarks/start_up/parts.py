"""A network of stages, and rows that pass transforms: torch alone."""

import torch
from torch import nn
from torch.utils.data import Dataset


class Stage(nn.Module):
    """A linear layer with its normalisation."""

    def __init__(self, in_channels, out_channels, eps):
        super().__init__()
        self.linear = nn.Linear(in_channels, out_channels)
        self.norm = nn.LayerNorm(out_channels, eps=eps)

    def forward(self, x):
        """(N, in_channels) to (N, out_channels)."""
        return self.norm(self.linear(x)).relu()


class Scale:
    """Multiplies a row."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, row):
        """The row, scaled."""
        return row * self.factor


class Rows(Dataset):
    """Rows of ones, each of which passes the transforms, with zeros as their targets."""

    def __init__(self, size, pipeline):
        self.size, self.pipeline = size, pipeline

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        row = torch.ones(8)
        for transform in self.pipeline:
            row = transform(row)
        return row, torch.zeros(8)
