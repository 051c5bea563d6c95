"""What a trainer's options do, written by hand: each beside the call that has a Runner do it."""

import json
import logging
import sys
import time
from pathlib import Path

from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def by_hand(size, begin, step=None, after=None, context=None):
    """Train for ``size`` iterations.

    Args:
        size: how many.
        begin: called with network and optimizer, returns what the other functions get.
        step: in place of backward, step and zero_grad.
        after: called with the loss after each iteration.
        context: what the forward pass runs in.
    """
    net = Net()  # noqa: F821 - of plain.py
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)  # noqa: F821
    made = begin(net, optimizer)
    net.train()
    for number, (x, y) in enumerate(loader(size)):  # noqa: F821
        if context is None:
            loss = net(x, y)
        else:
            with context():
                loss = net(x, y)
        if step is not None:
            step(number, loss, made)
        else:
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        if after is not None:
            after(number, loss, made)


class Lines:
    """Puts down loss, times and rate of each iteration, and writes their means every ten."""

    def __init__(self, net, optimizer):
        self.optimizer, self.rows, self.begin = optimizer, [], time.perf_counter()
        home = folder()  # noqa: F821
        self.json = Path(f"{home}/scalars.json").open("w", buffering=1)  # noqa: SIM115
        self.logger = logging.Logger("plain")
        for handler in (logging.FileHandler(f"{home}/a.log"), logging.StreamHandler(sys.stdout)):
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            self.logger.addHandler(handler)


def write_lines(number, loss, lines):
    """Do it for an iteration."""
    now = time.perf_counter()
    lines.rows.append((loss.detach(), now - lines.begin))
    lines.begin = now
    if number % 10 == 9:
        losses, times = zip(*lines.rows, strict=True)
        lines.rows.clear()
        mean = sum(each.item() for each in losses) / 10
        rate = lines.optimizer.param_groups[0]["lr"]
        lines.logger.info(
            "[%d] lr: %.4e time: %.4f loss: %.4f", number + 1, rate, sum(times) / 10, mean
        )
        row = {"loss": mean, "time": sum(times) / 10, "lr": rate, "step": number + 1}
        lines.json.write(json.dumps(row) + "\n")


def clipped(number, loss, made):
    """Clip the gradients' norm at 1."""
    net, optimizer = made
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)  # noqa: F821
    optimizer.step()
    optimizer.zero_grad()


def accumulated(number, loss, made):
    """Step after every fourth loss."""
    (loss / 4).backward()
    if number % 4 == 3:
        made[1].step()
        made[1].zero_grad()


def average(net, optimizer):
    """An exponential moving average of the weights."""
    return AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9998)), net


def decay(net, optimizer):
    """A learning rate that falls in a line."""
    return torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=100_000)  # noqa: F821


BY_HAND = {
    "lines": lambda n: by_hand(n, Lines, after=write_lines),
    "scheduler": lambda n: by_hand(n, decay, after=lambda number, loss, made: made.step()),
    "clipping": lambda n: by_hand(n, lambda *both: both, step=clipped),
    "ema": lambda n: by_hand(
        n, average, after=lambda number, loss, made: made[0].update_parameters(made[1])
    ),
    "accumulation": lambda n: by_hand(n, lambda *both: both, step=accumulated),
    "amp": lambda n: by_hand(
        n,
        lambda *both: both,
        context=lambda: torch.autocast("cpu", torch.bfloat16),  # noqa: F821
    ),
}
LINEAR = {
    "type": "LinearLR",
    "start_factor": 1.0,
    "end_factor": 0.1,
    "end": 100_000,
    "by_epoch": False,
}
BY_RUNNER = {
    "lines": lambda n: train(n, True),  # noqa: F821 - of engine.py
    "scheduler": lambda n: train(  # noqa: F821
        n, False, keep=("param_scheduler",), param_scheduler=LINEAR
    ),
    "clipping": lambda n: train(n, False, {"clip_grad": {"max_norm": 1.0}}),  # noqa: F821
    "ema": lambda n: train(n, False, custom_hooks=[{"type": "EMAHook"}]),  # noqa: F821
    "accumulation": lambda n: train(n, False, {"accumulative_counts": 4}),  # noqa: F821
    "amp": lambda n: train(  # noqa: F821
        n, False, {"type": "AmpOptimWrapper", "dtype": "bfloat16"}
    ),
}
