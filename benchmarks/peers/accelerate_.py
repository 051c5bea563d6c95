"""Hugging Face's Accelerate, which leaves the loop to its user."""

import torch
from accelerate import Accelerator
from task import EPOCHS, LOG_EVERY, log, make_loaders, make_model, make_optimizer
from torch.nn.functional import cross_entropy


def main(folder):
    """Train."""
    accelerator = Accelerator(cpu=True)
    net = make_model()
    model, optimizer, train, val = accelerator.prepare(net, make_optimizer(net), *make_loaders())
    for epoch in range(EPOCHS):
        model.train()
        for i, (x, y) in enumerate(train):
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad()
            accelerator.backward(loss)
            optimizer.step()
            if i % LOG_EVERY == 0:
                log(epoch, i, loss.item())
        model.eval()
        with torch.no_grad():
            right = [accelerator.gather_for_metrics(model(x).argmax(dim=1) == y) for x, y in val]
        log(epoch, torch.cat(right).float().mean().item())
        accelerator.save_state(f"{folder}/epoch_{epoch}")
