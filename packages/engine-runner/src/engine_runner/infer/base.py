"""From inputs to predictions with a trained model: the steps, each to be overridden."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar

import numpy as np
import torch

from engine_checkpoint import CheckpointLoader
from engine_config import Config
from engine_dist.accelerator import get_device
from engine_registry import MODELS, DefaultScope, trust_of
from engine_runner.infer.components import ConfigType, MakesParts
from engine_runner.infer.inputs import as_list, called
from engine_runner.infer.progress import shown
from engine_runner.infer.request import config_in, config_of
from engine_runner.trust_scope import trusting
from engine_structures import InstanceData

__all__ = [
    "BaseInferencer",
    "ConfigType",
    "ImgType",
    "InputType",
    "InputsType",
    "InstanceList",
    "ModelType",
    "ResType",
]

InstanceList = list[InstanceData]
InputType = str | np.ndarray | torch.Tensor
InputsType = InputType | Sequence[InputType]
ImgType = np.ndarray | Sequence[np.ndarray]
ResType = dict[str, Any] | list[dict[str, Any]]
ModelType = dict[str, Any] | ConfigType | str

logger = logging.getLogger(__name__)

_STAGES = ("preprocess", "forward", "visualize", "postprocess")


class BaseInferencer(MakesParts, ABC):
    """Predicts for files, folders, addresses and arrays; a library's subclass says how.

    Override `_init_pipeline`, `visualize` and `postprocess`, and of the other methods what is
    different. The class attributes ``preprocess_kwargs`` and so on name the arguments of a call
    that go to each of the four steps.

    Nothing global is changed: several inferencers, of different libraries, live side by side.

    Args:
        model: a config, a dict, the path of a config, ``"library::config"``, or the name of a model
            that the library of ``scope`` publishes. None takes the config in ``weights``.
        weights: address of a checkpoint; by default what the library publishes for the model.
        device: torch's name of it; by default an accelerator, if there is one.
        scope: the library in which names are looked up first; by default the config's.
        show_progress: whether a terminal shows a progress bar.
        trust: whether import paths in the config are followed. By default they aren't if it is the
            one in ``weights``, or was read with ``trust=False``: of these, registered names and
            layers of ``torch.nn`` are built, and no library is imported but the one of ``scope``.

    Raises:
        UntrustedNameError: a config that isn't trusted names something else.
        ValueError: there is neither ``model`` nor ``weights``, or there is no such model.
        TypeError: ``model`` is of another type.
        CheckpointError: the weights can't be read, or are those of another model.
    """

    preprocess_kwargs: ClassVar[set[str]] = set()
    forward_kwargs: ClassVar[set[str]] = set()
    visualize_kwargs: ClassVar[set[str]] = set()
    postprocess_kwargs: ClassVar[set[str]] = set()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for stage in _STAGES:
            names = getattr(cls, f"{stage}_kwargs")
            if not isinstance(names, set | frozenset):
                raise TypeError(f"{cls.__name__}.{stage}_kwargs must be a set of names: {names!r}")
        counted = Counter(name for stage in _STAGES for name in getattr(cls, f"{stage}_kwargs"))
        if twice := [name for name, number in counted.items() if number > 1]:
            raise ValueError(
                f"{cls.__name__}: {', '.join(sorted(twice))} would go to several steps; a name "
                "belongs to one of preprocess_kwargs, forward_kwargs, visualize_kwargs and "
                "postprocess_kwargs"
            )

    def __init__(
        self,
        model: ModelType | None = None,
        weights: str | None = None,
        device: str | None = None,
        scope: str | None = None,
        show_progress: bool = True,
        *,
        trust: bool | None = None,
    ) -> None:
        self.show_progress = show_progress
        current = DefaultScope.get_current_instance()
        in_force = current.scope_name if current else None
        cfg, weights = self._config_and_weights(model, weights, scope or in_force)
        if trust and isinstance(cfg, Config):
            cfg.trust()
        self.cfg = cfg
        self._trust = trust_of(cfg, said=trust)
        if scope is not None:  # who names a library trusts it
            with MODELS.switch_scope_and_registry(scope):
                pass
        self.scope: str | None = scope or cfg.get("default_scope") or in_force
        with trusting(self._trust), DefaultScope.overwrite_default_scope(self.scope):
            self.model = self._init_model(cfg, weights, device or get_device())
            self.pipeline: Any = self._init_pipeline(cfg)
            self.collate_fn = self._init_collate(cfg)
            self.visualizer = self._init_visualizer(cfg)

    def _config_and_weights(
        self, model: ModelType | None, weights: str | None, scope: str | None
    ) -> tuple[Any, str | None]:
        if model is None:
            if weights is None:
                raise ValueError("give a model, or weights that hold the config of their training")
            checkpoint = CheckpointLoader.load_checkpoint(weights, "cpu", logger)
            return config_in(checkpoint, weights), weights
        found = config_of(model)
        if found is not None:
            return found.config, weights or found.weights or None
        with DefaultScope.overwrite_default_scope(scope):
            self.scope = scope
            config, published = self._load_model_from_metafile(str(model))
        if not (weights or published):
            raise ValueError(f"{scope} publishes no weights of {model!r}; give weights")
        return config, weights or published

    def __call__(
        self,
        inputs: InputsType,
        return_datasamples: bool = False,
        batch_size: int = 1,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the predictions, as `postprocess` makes them.

        Args:
            inputs: a path, an address, an array or a tensor, a folder, or a sequence of them.
            return_datasamples: whether predictions stay the model's objects.
            batch_size: how many go through the model at once.
            kwargs: arguments of the four steps.

        Raises:
            ValueError: no step takes an argument.
        """
        before, during, drawing, after = self._dispatch_kwargs(**kwargs)
        with trusting(self._trust), DefaultScope.overwrite_default_scope(self.scope):
            listed = list(self._inputs_to_list(inputs))  # a subclass may yield them
            batches = self.preprocess(listed, batch_size=batch_size, **before)
            if self.show_progress:
                batches = shown(batches, len(listed), batch_size=batch_size)
            predictions: list[Any] = []
            for batch in batches:
                predictions.extend(self.forward(batch, **during))
            pictures = self.visualize(listed, predictions, **drawing)
            return self.postprocess(predictions, pictures, return_datasamples, **after)

    def _inputs_to_list(self, inputs: InputsType) -> list[Any]:
        """Inputs one by one; of a folder its files, by name."""
        return as_list(inputs)

    def preprocess(self, inputs: InputsType, batch_size: int = 1, **kwargs: Any) -> Iterator[Any]:
        """Yield batches that the model takes.

        Args:
            inputs: one by one.
            batch_size: how many are in a batch; the last one may have fewer.
            kwargs: what ``preprocess_kwargs`` names.
        """
        named = (self._prepared(item, number) for number, item in enumerate(inputs))
        for samples in self._get_chunk_data(named, batch_size):
            yield self.collate_fn(samples)

    def _prepared(self, item: Any, number: int) -> Any:
        """An input after the pipeline; an error says which one it was."""
        try:
            return self.pipeline(item)
        except Exception as error:
            error.add_note(f"in the input {called(item, number)}")
            raise

    @torch.no_grad()
    def forward(self, inputs: dict[str, Any] | tuple[Any, ...], **kwargs: Any) -> Any:
        """Return the model's predictions for a batch.

        Args:
            inputs: the batch.
            kwargs: what ``forward_kwargs`` names.
        """
        model: Any = self.model
        return model.test_step(inputs)

    @abstractmethod
    def visualize(
        self, inputs: list[Any], preds: Any, show: bool = False, **kwargs: Any
    ) -> list[np.ndarray] | None:
        """Return a picture of the predictions for each input, or None.

        Args:
            inputs: one by one.
            preds: one for each.
            show: whether to open a window.
            kwargs: what ``visualize_kwargs`` names.
        """

    @abstractmethod
    def postprocess(
        self,
        preds: Any,
        visualization: list[np.ndarray] | None,
        return_datasample: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return what a call returns; by custom, with ``predictions`` and ``visualization``.

        Args:
            preds: one for each input.
            visualization: what `visualize` returned.
            return_datasample: whether predictions stay the model's objects.
            kwargs: what ``postprocess_kwargs`` names.
        """

    @abstractmethod
    def _init_pipeline(self, cfg: ConfigType) -> Callable[..., Any]:
        """What makes a sample of an input."""

    def _get_chunk_data(self, inputs: Iterable[Any], chunk_size: int) -> Iterator[list[Any]]:
        """Lists of so many, the last one possibly shorter; nothing is read ahead."""
        chunk: list[Any] = []
        for item in inputs:
            chunk.append(item)
            if len(chunk) == chunk_size:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def _dispatch_kwargs(self, **kwargs: Any) -> tuple[dict[str, Any], ...]:
        """The arguments of each of the four steps.

        Raises:
            ValueError: no step takes one.
        """
        sets = [getattr(self, f"{stage}_kwargs") for stage in _STAGES]
        known = sorted(set().union(*sets))
        for name in kwargs:
            if name not in known:
                near = ", ".join(get_close_matches(name, known)) or "none"
                raise ValueError(
                    f"{type(self).__name__} takes no argument {name!r}; close names: {near}; "
                    f"known: {', '.join(known) or 'none'}"
                )
        return tuple({k: v for k, v in kwargs.items() if k in names} for names in sets)
