"""What a person sees of a training."""

from engine_runner.logs.processor import LogProcessor
from engine_runner.logs.progress import ProgressBar, wanted

__all__ = ["LogProcessor", "ProgressBar", "wanted"]
