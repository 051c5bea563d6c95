"""Train by one program of this folder and print JSON: `TASK=text python start.py plain`.

Seconds of CPU are those of the process since it began. Steps are noted by a hook of torch's own
optimizers, the same for all.
"""

import json
import os
import resource
import sys
import tempfile
import time
import warnings
from importlib import import_module

warnings.simplefilter("ignore")
began = float(os.environ.get("BEGAN", time.time()))
stamps = []


def main(name):
    """Train, and tell."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    def note(*_):
        stamps.append((time.process_time(), time.time() - began))

    register_optimizer_step_post_hook(note)
    program = import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        program.main(folder)
    from task import EPOCHS

    an_epoch = len(stamps) // EPOCHS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    # from the first step of one epoch to that of the next: with validation and checkpoint
    whole = stamps[2 * an_epoch][0] - stamps[an_epoch][0]
    found = {"steps": len(stamps), "first_s": stamps[0][0], "first_clock_s": stamps[0][1]}
    print(json.dumps(found | {"epoch_s": whole, "peak_mb": peak}))


if __name__ == "__main__":
    main(sys.argv[1])
