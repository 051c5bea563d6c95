"""Run a training program of a library so that another process can take turns with it.

`python in_turn.py PROGRAM ARGUMENT...`: whenever some iterations are over, it prints a line with
the CPU seconds that they took, and goes on when it has read one.
"""

import os
import runpy
import sys
import time
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

MARK = "CPU seconds of a turn:"
ITERATIONS = 10  # of a turn; as many as from one line of the log to the next


class InTurn(Hook):
    """Waits after each turn; the first one, which warms up, counts from the first iteration on."""

    priority = "LOWEST"

    def before_train(self, runner):
        """Take the time for the first turn."""
        self.began = time.process_time()

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        """Tell what a turn took, and wait for the next."""
        if (runner.iter + 1) % ITERATIONS == 0:
            print(f"\n{MARK} {time.process_time() - self.began}", flush=True)
            if not sys.stdin.readline():
                os._exit(0)  # nobody wants another turn
            self.began = time.process_time()


def main(program, *arguments):
    """Give the hook to whatever runner the program makes, and run it."""
    train = Runner.train

    def train_in_turn(self):
        self.register_hook(InTurn(), "LOWEST")
        return train(self)

    Runner.train = train_in_turn
    sys.argv = [program, *arguments]
    sys.path.insert(0, str(Path(program).parent))
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
