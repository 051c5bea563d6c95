"""Hugging Face's Accelerate, which leaves the loop to its user."""

from accelerate import Accelerator


def train(size):
    """Train for ``size`` iterations."""
    accelerator = Accelerator(cpu=True)
    net = Net()  # noqa: F821 - of plain.py
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)  # noqa: F821
    net, optimizer, batches = accelerator.prepare(net, optimizer, loader(size))  # noqa: F821
    for x, y in batches:
        with accelerator.accumulate(net):
            loss = net(x, y)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
