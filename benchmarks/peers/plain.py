"""A loop without a library."""

import torch
from task import EPOCHS, LOG_EVERY, log, make_loaders, make_model, make_optimizer
from torch.nn.functional import cross_entropy


def main(folder):
    """Train."""
    model = make_model()
    optimizer = make_optimizer(model)
    train, val = make_loaders()
    for epoch in range(EPOCHS):
        model.train()
        for i, (x, y) in enumerate(train):
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if i % LOG_EVERY == 0:
                log(epoch, i, loss.item())
        model.eval()
        with torch.no_grad():
            right = [(model(x).argmax(dim=1) == y) for x, y in val]
        log(epoch, torch.cat(right).float().mean().item())
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, f"{folder}/epoch_{epoch}.pth")
