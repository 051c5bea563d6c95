"""Lightning's Trainer."""

import lightning
from task import EPOCHS, LOG_EVERY, make_loaders, make_model, make_optimizer
from torch.nn.functional import cross_entropy


class Classifier(lightning.LightningModule):
    """The network with its steps."""

    def __init__(self):
        super().__init__()
        self.net = make_model()

    def training_step(self, batch, batch_idx):
        """Return the loss."""
        x, y = batch
        loss = cross_entropy(self.net(x), y)
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        """Log the accuracy."""
        x, y = batch
        self.log("accuracy", (self.net(x).argmax(dim=1) == y).float().mean())

    def configure_optimizers(self):
        """Return the optimizer."""
        return make_optimizer(self.net)


def main(folder):
    """Train."""
    train, val = make_loaders()
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=EPOCHS,
        log_every_n_steps=LOG_EVERY,
        default_root_dir=folder,
    )
    trainer.fit(Classifier(), train, val)
