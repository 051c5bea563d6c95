"""Run a program up to its first optimizer step, and print the CPU seconds of the process."""

import os
import sys
import time
from importlib import import_module


def note(*_):
    """Tell, and end: what a process does at its end isn't asked for."""
    print(time.process_time(), file=sys.stderr, flush=True)
    os._exit(0)


def main():
    """Run ``by_hand`` or the like, or `engine train` with the arguments that follow."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    register_optimizer_step_post_hook(note)
    if sys.argv[1] == "train":
        from engine_runner.cli import main as engine

        engine(sys.argv[1:], prog_name="engine")
    else:
        import_module(sys.argv[1]).main()


if __name__ == "__main__":
    main()
