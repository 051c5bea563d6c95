"""Engine's Runner, and MMEngine's, which is called in the same way."""

from task import EPOCHS, LOG_EVERY, make_loaders, make_model, make_optimizer
from torch.nn.functional import cross_entropy

try:
    from engine_evaluator import BaseMetric
    from engine_runner import BaseModel, Runner
except ImportError:
    from mmengine.evaluator import BaseMetric
    from mmengine.model import BaseModel
    from mmengine.runner import Runner


class Classifier(BaseModel):
    """The network with its loss."""

    def __init__(self):
        super().__init__()
        self.net = make_model()

    def forward(self, x, y, mode):
        """Return the loss, or what is predicted."""
        scores = self.net(x)
        return {"loss": cross_entropy(scores, y)} if mode == "loss" else (scores.argmax(dim=1) == y)


class Accuracy(BaseMetric):
    """How many are right."""

    def process(self, data_batch, data_samples):
        """Take a batch."""
        self.results += [float(right) for right in data_samples]

    def compute_metrics(self, results):
        """Return the metric."""
        return {"accuracy": sum(results) / len(results)}


def main(folder):
    """Train."""
    model = Classifier()
    train, val = make_loaders()
    Runner(
        model,
        folder,
        train_dataloader=train,
        val_dataloader=val,
        train_cfg={"by_epoch": True, "max_epochs": EPOCHS},
        val_cfg={},
        val_evaluator=[Accuracy()],
        optim_wrapper={"optimizer": make_optimizer(model)},
        default_hooks={"logger": {"type": "LoggerHook", "interval": LOG_EVERY}},
    ).train()
