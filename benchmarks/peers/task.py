"""What every program of this folder trains: `TASK` names pictures or text. It is counted for none.

Every one of them trains `EPOCHS` epochs by AdamW with a log line each `LOG_EVERY` iterations, the
accuracy of the validation data and a checkpoint after each epoch.
"""

import os
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, LOG_EVERY, RATE, CLASSES = 3, 5, 1e-3, 4
TASK = os.environ.get("TASK", "text")
BATCH = {"pictures": 4, "text": 16}[TASK]
torch.set_num_threads(1)


def _convolved(inputs, outputs, stride, size=3):
    """A convolution and its normalisation."""
    convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two convolutions, and what goes around them."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = _convolved(inputs, outputs, stride)
        self.second = _convolved(outputs, outputs, 1)
        same = stride == 1 and inputs == outputs
        self.around = nn.Identity() if same else _convolved(inputs, outputs, stride, size=1)

    def forward(self, x):
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        return (self.second(self.first(x).relu()) + self.around(x)).relu()


def resnet18():
    """ResNet-18 as for small pictures: without the pooling at its beginning."""
    layers = [_convolved(3, 64, 2), nn.ReLU()]
    for inputs, outputs, stride in ((64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)):
        layers += [Block(inputs, outputs, stride), Block(outputs, outputs, 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES))


class Transformer(nn.Module):
    """Two layers on words."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(1000, 64)
        layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(64, CLASSES)

    def forward(self, x):
        """(N, length) to (N, CLASSES)."""
        return self.head(self.layers(self.words(x)).mean(dim=1))


def make_model():
    """The network, of the same weights for all."""
    torch.manual_seed(0)
    return Transformer() if TASK == "text" else resnet18()


def make_data():
    """(training, validation) data sets of random samples."""
    made = []
    for size in (16 * BATCH, 4 * BATCH):
        torch.manual_seed(size)
        text = torch.randint(0, 1000, (size, 32))
        x = text if TASK == "text" else torch.randn(size, 3, 32, 32)
        made.append(TensorDataset(x, torch.randint(0, CLASSES, (size,))))
    return made


def make_loaders():
    """(training, validation) loaders."""
    train, val = make_data()
    return DataLoader(train, BATCH, shuffle=True), DataLoader(val, BATCH)


def make_optimizer(model):
    """AdamW."""
    return torch.optim.AdamW(model.parameters(), lr=RATE)


def log(*values):
    """Print for somebody who looks at it."""
    print(*values, file=sys.stderr)
