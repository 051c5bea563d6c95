"""Predictions merged over several views of each sample."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from torch import nn

from engine_model.base_model import BaseModel
from engine_registry import MODELS

__all__ = ["BaseTTAModel"]


class BaseTTAModel(BaseModel):
    """Tests a model with test-time augmentation: override `merge_preds`.

    Args:
        module: the model, or its config; it needs ``test_step``.
        data_preprocessor: of the model, if it is given as a config.

    Raises:
        TypeError: ``module`` is neither module nor config, or has no ``test_step``.
        ValueError: ``data_preprocessor``, and the model is built already.
    """

    def __init__(
        self,
        module: dict[str, Any] | nn.Module,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
    ) -> None:
        super().__init__()
        if data_preprocessor is not None:
            if not isinstance(module, dict):
                raise ValueError("data_preprocessor is for a module that is given as a config")
            module = {**module, "data_preprocessor": data_preprocessor}
        built = MODELS.build(module) if isinstance(module, dict) else module
        if not isinstance(built, nn.Module) or not hasattr(built, "test_step"):
            raise TypeError(
                f"module must be a model with test_step, or the config of one: got {built!r:.200}"
            )
        self.module: Any = built

    @abstractmethod
    def merge_preds(self, data_samples_list: list[list[Any]]) -> list[Any]:
        """Return one prediction for each sample.

        Args:
            data_samples_list: for each sample, the predictions of all its views.
        """

    def test_step(self, data: Any) -> list[Any]:
        """Return predictions for a batch of views.

        Args:
            data: a dict of fields, or a sequence of them; each field is a list with, for each way
                of augmenting, the batch augmented in that way.

        Raises:
            TypeError: it is none of them.
            ValueError: the fields differ in the number of ways.
        """
        by_view = [self.module.test_step(view) for view in _views(data)]
        return self.merge_preds([list(views) for views in zip(*by_view, strict=True)])

    def forward(self, inputs: Any, data_samples: Any = None, mode: str = "tensor") -> Any:
        """Raise: only `test_step` is for views.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"{type(self).__name__} only tests: call test_step, which calls that of the model"
        )


def _views(data: Any) -> list[Any]:
    """The batch of each way of augmenting."""
    if isinstance(data, dict):
        names = list(data)
        return [dict(zip(names, view, strict=True)) for view in _transposed(list(data.values()))]
    if isinstance(data, list | tuple):
        return [list(view) for view in _transposed(data)]
    raise TypeError(f"a batch of views must be a dict, list or tuple, got {type(data).__name__}")


def _transposed(fields: Sequence[Any]) -> list[tuple[Any, ...]]:
    if any(isinstance(field, dict | str) for field in fields):
        kinds = [type(field).__name__ for field in fields]
        raise TypeError(f"each field of a batch of views must be a list of batches, got {kinds}")
    counts = {len(field) for field in fields}
    if len(counts) != 1:
        raise ValueError(f"the fields of a batch have different numbers of views: {sorted(counts)}")
    return list(zip(*fields, strict=True))
