"""What people start."""

from engine_runner.cli.main import main

__all__ = ["main"]
