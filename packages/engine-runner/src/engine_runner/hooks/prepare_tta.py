"""Testing with several views of each sample."""

from __future__ import annotations

import copy
from typing import Any

from torch import nn

from engine_config import Config, ConfigDict
from engine_registry import MODELS, RUNNERS
from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["PrepareTTAHook", "build_runner_with_tta"]


class PrepareTTAHook(Hook):
    """Puts the model into one for test-time augmentation while a test lasts.

    Args:
        tta_cfg: config of a `BaseTTAModel`, without ``module``.
    """

    def __init__(self, tta_cfg: dict[str, Any]) -> None:
        self.tta_cfg = tta_cfg
        self._model: nn.Module | None = None  # the runner's own, during a test

    def before_test(self, runner: RunnerLike) -> None:
        """Wrap the model."""
        self._model = runner.model
        runner.model = MODELS.build(self.tta_cfg, default_args={"module": runner.model})

    def after_test(self, runner: RunnerLike) -> None:
        """Give the runner its model back."""
        if self._model is not None:
            runner.model, self._model = self._model, None

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """Give the runner its model back, if a test failed."""
        self.after_test(runner)


def build_runner_with_tta(cfg: dict[str, Any] | Config | ConfigDict) -> Any:
    """Return a runner whose test sees several views of each sample.

    Args:
        cfg: a runner's config, with ``tta_model``, a `BaseTTAModel` that merges predictions, and
            ``tta_pipeline``, which takes the place of the test data's pipeline and makes the views;
            of data in wrappers, of the innermost's.

    Raises:
        KeyError: one of them is missing, or the test data.
    """
    for key in ("tta_model", "tta_pipeline"):
        if cfg.get(key) is None:
            raise KeyError(f"test-time augmentation needs {key!r} in the config, and it has none")
    given = copy.deepcopy(cfg)
    dataset: Any = (given.get("test_dataloader") or {}).get("dataset")
    while isinstance(dataset, dict) and "dataset" in dataset:
        dataset = dataset["dataset"]  # of a wrapper
    if not isinstance(dataset, dict):
        raise KeyError(
            "tta_pipeline takes the place of test_dataloader.dataset.pipeline, and there is no "
            "config of such a data set"
        )
    dataset["pipeline"] = given["tta_pipeline"]
    kind: Any = RUNNERS.resolve(given.get("runner_type", "Runner"))
    runner = kind.from_cfg(given)
    runner.register_hook(PrepareTTAHook(given["tta_model"]))
    return runner
