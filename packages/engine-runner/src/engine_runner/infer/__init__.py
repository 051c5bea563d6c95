"""Predictions for files, folders, addresses and arrays, by a trained model."""

from engine_runner.infer.base import BaseInferencer
from engine_runner.infer.errors import InputError
from engine_runner.infer.inferencer import Inferencer
from engine_runner.infer.results import Result

__all__ = ["BaseInferencer", "Inferencer", "InputError", "Result"]
