"""Train, validate, test and resume PyTorch models."""

from engine_runner.__about__ import __version__
from engine_runner.dataset import BaseDataset
from engine_runner.evaluator import BaseMetric, Evaluator
from engine_runner.hooks import Hook
from engine_runner.logs import LogProcessor
from engine_runner.loops import BaseLoop
from engine_runner.model import BaseDataPreprocessor, BaseModel, BaseModule
from engine_runner.optim import OptimWrapper
from engine_runner.runner import Runner, load_checkpoint, save_checkpoint
from engine_runner.strategy import BaseStrategy

__all__ = [
    "BaseDataPreprocessor",
    "BaseDataset",
    "BaseLoop",
    "BaseMetric",
    "BaseModel",
    "BaseModule",
    "BaseStrategy",
    "Evaluator",
    "Hook",
    "LogProcessor",
    "OptimWrapper",
    "Runner",
    "__version__",
    "load_checkpoint",
    "save_checkpoint",
]
