"""Lightning's Trainer and Fabric."""

import logging
import warnings

import lightning

warnings.simplefilter("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Module(lightning.LightningModule):
    """The smallest network."""

    def __init__(self):
        super().__init__()
        self.net = Net()  # noqa: F821 - of plain.py

    def training_step(self, batch, batch_idx):
        loss = self.net(*batch)
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1e-3)  # noqa: F821


class Bare(Module):
    """Without a log."""

    def training_step(self, batch, batch_idx):
        return self.net(*batch)


def train(size, bare=False):
    """Train for ``size`` iterations, as it comes or with everything switched off."""
    options = {"accelerator": "cpu", "max_epochs": 1, "default_root_dir": folder()}  # noqa: F821
    if bare:
        names = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
        options |= dict.fromkeys(names, False)
    trainer = lightning.Trainer(**options)
    trainer.fit(Bare() if bare else Module(), loader(size))  # noqa: F821


def fabric(size):
    """Train for ``size`` iterations with Fabric, which leaves the loop to its user."""
    helper = lightning.Fabric(accelerator="cpu")
    net = Net()  # noqa: F821
    net, optimizer = helper.setup(net, torch.optim.SGD(net.parameters(), lr=1e-3))  # noqa: F821
    for x, y in helper.setup_dataloaders(loader(size)):  # noqa: F821
        loss = net(x, y)
        helper.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
