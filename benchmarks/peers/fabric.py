"""Lightning's Fabric, which leaves the loop to its user."""

import torch
from lightning import Fabric
from task import EPOCHS, LOG_EVERY, log, make_loaders, make_model, make_optimizer
from torch.nn.functional import cross_entropy


def main(folder):
    """Train."""
    fabric = Fabric(accelerator="cpu")
    net = make_model()
    model, optimizer = fabric.setup(net, make_optimizer(net))
    train, val = fabric.setup_dataloaders(*make_loaders())
    for epoch in range(EPOCHS):
        model.train()
        for i, (x, y) in enumerate(train):
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            if i % LOG_EVERY == 0:
                log(epoch, i, loss.item())
        model.eval()
        with torch.no_grad():
            right = [(model(x).argmax(dim=1) == y) for x, y in val]
        log(epoch, fabric.all_reduce(torch.cat(right).float().mean()).item())
        state = {"model": model, "optimizer": optimizer, "epoch": epoch}
        fabric.save(f"{folder}/epoch_{epoch}.ckpt", state)
