"""A script that trains the network of examples/digits for a step."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset


def main():
    """Train."""
    data = load_digits()
    images = torch.tensor(data.images[:1437], dtype=torch.float32)[:, None] / 16
    labels = torch.tensor(data.target[:1437])
    net = nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64)),
        *(nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(256, 10)),
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-2)
    for x, y in DataLoader(TensorDataset(images, labels), 64, shuffle=True):
        cross_entropy(net(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()
