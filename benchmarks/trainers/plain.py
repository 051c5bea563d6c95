"""The loop that everybody writes first: what a trainer costs is measured above it."""

import tempfile

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.set_num_threads(1)


class Pairs(Dataset):
    """The same pair, ``size`` times."""

    def __init__(self, size):
        self.size, self.pair = size, (torch.ones(2), torch.ones(1))

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return self.pair


def first(batch):
    """Collate a batch of one."""
    return batch[0]


def loader(size):
    """A loader of ``size`` batches, which costs the same for everybody."""
    return DataLoader(Pairs(size), batch_size=1, collate_fn=first)


class Net(nn.Module):
    """The smallest network, with its loss."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, x, y):
        return ((self.linear(x) - y) ** 2).mean()


def plain(size):
    """Train for ``size`` iterations."""
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)
    net.train()
    for x, y in loader(size):
        loss = net(x, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def folder():
    """A folder for what a trainer writes."""
    return tempfile.mkdtemp()
