"""Components of an inferencer, made from a config: each to be overridden."""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from torch import nn

from engine_checkpoint import (
    CheckpointLoader,
    WrongModelError,
    load_state_dict,
    revised,
    weights_of,
)
from engine_checkpoint.model_index import library_folder, names_of, published_models
from engine_config import Config, ConfigDict
from engine_model import PlainModel, compile_model, revert_sync_batchnorm
from engine_registry import MODELS, VISUALIZERS, DefaultScope, is_trusted
from engine_runner.infer.allocation import bounded_allocation
from engine_runner.infer.request import named_model, publishes
from engine_runner.runner import build
from engine_visual import Visualizer

__all__ = ["ConfigType", "MakesParts"]

ConfigType = Config | ConfigDict

logger = logging.getLogger(__name__)


class MakesParts:
    """The part of an inferencer that makes objects of configs."""

    scope: str | None

    def _init_model(self, cfg: ConfigType, weights: str | None, device: str = "cpu") -> nn.Module:
        """The model with its weights, on its device, compiled if the config says ``compile``."""
        if cfg.get("model") is None:
            raise ValueError("the config has no 'model' to predict with")
        given = dict(cfg.model)
        given.pop("pretrained", None)  # of a backbone's beginning, as MMEngine leaves it out
        checkpoint = None
        if weights is not None:
            checkpoint = CheckpointLoader.load_checkpoint(weights, "cpu", logger)
        if cfg.get("data_preprocessor") is not None and cfg.get("loss") is None:
            given.setdefault("data_preprocessor", cfg.data_preprocessor)
        with bounded_allocation():
            model: Any = MODELS.build(given)
        if not hasattr(model, "test_step"):
            preprocessor = cfg.get("data_preprocessor")
            model = PlainModel(model, cfg.get("loss"), data_preprocessor=preprocessor)
        model.cfg = cfg
        self._load_weights_to_model(model, checkpoint, cfg)
        model = revert_sync_batchnorm(model).to(device).eval()
        # A compiler starts processes and imports what its back-end is called.
        return compile_model(model, cfg.get("compile", False) if is_trusted() else False)

    def _load_weights_to_model(
        self, model: nn.Module, checkpoint: dict[str, Any] | None, cfg: ConfigType | None
    ) -> None:
        """Put the weights of a checkpoint into the model; without one it starts as it would train.

        Raises:
            WrongModelError: none of the weights is one of the model's.
        """
        if checkpoint is None:
            warnings.warn(
                "there are no weights: the model predicts with those that it would start to train "
                "with",
                stacklevel=2,
            )
            starts: Any = getattr(model, "init_weights", None)
            if starts is not None:
                starts()
            return
        state = revised(weights_of(checkpoint), [(r"^module\.", "")])
        report = load_state_dict(model, state, logger=logger)
        if report.missing and not report.num_loaded:
            raise WrongModelError(
                f"the weights are not those of this {type(model).__name__}, not one of "
                f"{len(state)}:\n{report}"
            )

    def _init_collate(self, cfg: ConfigType) -> Callable[..., Any]:
        """What makes a batch of samples: the test data's, or else `pseudo_collate`."""
        loader = cfg.get("test_dataloader") or {}
        found: Callable[..., Any] = build.function(loader.get("collate_fn", "pseudo_collate"))
        return found

    def _init_visualizer(self, cfg: ConfigType) -> Visualizer | None:
        """What draws: the config's ``visualizer``, in an instance of its own; or None."""
        if cfg.get("visualizer") is None:
            return None
        arguments = {**cfg.visualizer, "name": f"{type(self).__name__}-{time.time_ns()}"}
        kind = arguments.pop("type")
        if not is_trusted():  # where pictures would be written and sent
            for key in ("save_dir", "vis_backends"):
                arguments.pop(key, None)
        with VISUALIZERS.switch_scope_and_registry(arguments.pop("_scope_", None)) as registry:
            made = registry.resolve(kind) if isinstance(kind, str) else kind
            visualizer: Visualizer = made(**arguments)
        return visualizer

    def _load_model_from_metafile(self, model: str) -> tuple[ConfigType, str]:
        """Config and weights of a model by the name that its library publishes it under."""
        return named_model(model, self.scope)

    @staticmethod
    def _get_repo_or_mim_dir(scope: str) -> str:
        """The folder in which the model index of an installed library is."""
        return str(library_folder(scope))

    @staticmethod
    def _get_models_from_metafile(dir: str) -> Iterator[dict[str, Any]]:  # noqa: A002
        """What a library tells of each of its models."""
        return published_models(Path(dir))

    @staticmethod
    def list_models(scope: str | None = None, patterns: str = ".*") -> list[str]:
        """Return the names of the models that an installed library publishes.

        Args:
            scope: the library, such as "mmdet"; by default the scope in force.
            patterns: a regular expression for the beginning of the names.

        Raises:
            ValueError: there is no scope.
            ConfigNotFoundError: the library isn't installed.
            LookupError: it publishes none.
        """
        current = DefaultScope.get_current_instance()
        scope = scope or (current.scope_name if current else None)
        if scope is None or not publishes(scope):
            raise ValueError("say of which library, such as list_models('mmdet')")
        models = published_models(library_folder(scope))
        names = [name for model in models for name in names_of(model)]
        return [name for name in names if re.match(patterns, name)]
