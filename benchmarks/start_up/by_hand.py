"""A script that trains the network of the long config for a step."""

import torch
from parts import Rows, Scale, Stage
from torch import nn
from torch.utils.data import DataLoader


def main():
    """Train."""
    net = nn.Sequential(*(Stage(8, 8, 1e-5) for _ in range(40)))
    loader = DataLoader(Rows(64, [Scale(1.0) for _ in range(20)]), 16, shuffle=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    for x, y in loader:
        loss = ((net(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
