"""PyTorch-Ignite's engines."""

from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import Checkpoint, DiskSaver
from ignite.metrics import Accuracy
from task import EPOCHS, LOG_EVERY, log, make_loaders, make_model, make_optimizer
from torch.nn.functional import cross_entropy


def main(folder):
    """Train."""
    model = make_model()
    optimizer = make_optimizer(model)
    train, val = make_loaders()
    trainer = create_supervised_trainer(model, optimizer, cross_entropy)
    evaluator = create_supervised_evaluator(model, {"accuracy": Accuracy()})

    @trainer.on(Events.ITERATION_COMPLETED(every=LOG_EVERY))
    def show(engine):
        log(engine.state.epoch, engine.state.iteration, engine.state.output)

    @trainer.on(Events.EPOCH_COMPLETED)
    def evaluate(engine):
        log(engine.state.epoch, evaluator.run(val).metrics)

    state = {"model": model, "optimizer": optimizer, "trainer": trainer}
    saved = Checkpoint(state, DiskSaver(folder, create_dir=True, require_empty=False), n_saved=None)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, saved)
    trainer.run(train, max_epochs=EPOCHS)
