"""`python -m engine_runner`, the same as the command `engine`."""

from engine_runner.cli import main

if __name__ == "__main__":
    main(prog_name="engine")
