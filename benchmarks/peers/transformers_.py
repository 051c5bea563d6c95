"""Hugging Face's Trainer."""

from task import BATCH, EPOCHS, LOG_EVERY, RATE, make_data, make_model
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import default_collate
from transformers import Trainer, TrainingArguments


class Classifier(nn.Module):
    """The network as Trainer wants it."""

    def __init__(self):
        super().__init__()
        self.net = make_model()

    def forward(self, x, labels):
        """Return loss and scores."""
        scores = self.net(x)
        return {"loss": cross_entropy(scores, labels), "logits": scores}


def collate(samples):
    """Name the parts of a batch."""
    x, labels = default_collate(samples)
    return {"x": x, "labels": labels}


def accuracy(found):
    """Return the metric."""
    return {"accuracy": (found.predictions.argmax(axis=1) == found.label_ids).mean()}


def main(folder):
    """Train."""
    train, val = make_data()
    arguments = TrainingArguments(
        output_dir=folder,
        use_cpu=True,
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=BATCH,
        per_device_eval_batch_size=BATCH,
        learning_rate=RATE,
        lr_scheduler_type="constant",
        logging_steps=LOG_EVERY,
        eval_strategy="epoch",
        save_strategy="epoch",
        report_to=[],
    )
    Trainer(
        Classifier(),
        arguments,
        data_collator=collate,
        train_dataset=train,
        eval_dataset=val,
        compute_metrics=accuracy,
    ).train()
