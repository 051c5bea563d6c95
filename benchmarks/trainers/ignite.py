"""PyTorch-Ignite's Engine."""

from ignite.engine import Engine


def train(size):
    """Train for ``size`` iterations."""
    net = Net()  # noqa: F821 - of plain.py
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)  # noqa: F821
    net.train()

    def step(engine, batch):
        loss = net(*batch)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss

    Engine(step).run(loader(size), max_epochs=1)  # noqa: F821
