"""From an input to a sample that a model takes, by the pipeline of a config's test data."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from engine_dataset import Compose
from engine_runner.infer.errors import InputError

__all__ = ["SampleOf", "dataset_config", "loader_config"]

_LABELS: Final = re.compile(r"Load\w*Annotations?")
_PICTURE: Final = re.compile(r"LoadImage\w*")


def loader_config(cfg: Any) -> Mapping[str, Any]:
    """Return the config of the test data, or of the validation data; of several, the first."""
    for name in ("test_dataloader", "val_dataloader"):
        found = cfg.get(name)
        if isinstance(found, Mapping) and "dataset" not in found:
            found = list(found.values())
        if isinstance(found, list | tuple):
            found = found[0] if found else None
        if isinstance(found, Mapping) and "dataset" in found:
            return found
    return {}


def dataset_config(cfg: Any) -> Mapping[str, Any]:
    """Return the config of the data set that has the pipeline, inside of wrappers; {} for none."""
    found: Any = loader_config(cfg).get("dataset")
    while isinstance(found, Mapping) and "pipeline" not in found:
        inner = found.get("datasets") or [found.get("dataset")]
        found = inner[0]
    return found if isinstance(found, Mapping) else {}


class SampleOf:
    """Makes a sample of an input.

    A path goes into the pipeline as ``dict(img_path=...)``, an array as ``dict(img=...)`` behind
    the transforms that would load it, and anything else as it is. Transforms that load annotations
    are left out. Without a pipeline an array or a tensor is the model's one input, and anything
    else a sample already.

    Args:
        pipeline: configs of transforms, or transforms.
        named: whether a sample without a pipeline is ``dict(inputs=...)`` and not ``(input,)``.
    """

    def __init__(self, pipeline: Any, *, named: bool = False) -> None:
        kept = [each for each in pipeline or () if not _LABELS.fullmatch(_name(each))]
        loaded = [each for each in kept if not _PICTURE.fullmatch(_name(each))]
        self.is_empty = not kept
        self._named = named
        self._whole = Compose(kept)
        self._loaded: Callable[..., Any] = (
            self._whole if len(loaded) == len(kept) else Compose(loaded)
        )

    def __call__(self, item: Any) -> Any:
        """Return the sample.

        Raises:
            InputError: it is a path and there is no pipeline, or the pipeline returned None.
        """
        if self.is_empty:
            return self._as_it_is(item)
        if isinstance(item, np.ndarray):
            shape = item.shape[:2]
            made = self._loaded({"img": item, "img_shape": shape, "ori_shape": shape})
        elif isinstance(item, str | os.PathLike):
            made = self._whole({"img_path": os.fspath(item)})
        else:
            made = self._whole(item)
        if made is None:
            raise InputError("the pipeline returned None: it refuses this input")
        return made

    def _as_it_is(self, item: Any) -> Any:
        if isinstance(item, str | os.PathLike):
            raise InputError(
                "the config has no test_dataloader.dataset.pipeline that would read a file: give "
                "arrays, tensors or samples, or a pipeline whose first transform reads "
                "data['img_path']"
            )
        if isinstance(item, np.ndarray):
            item = torch.from_numpy(item)
        if isinstance(item, Tensor):
            return {"inputs": item} if self._named else (item,)
        return item


def _name(transform: Any) -> str:
    """The class of a transform, without the scope that a config names it in."""
    kind = transform.get("type") if isinstance(transform, Mapping) else type(transform)
    return kind.rpartition(".")[2] if isinstance(kind, str) else getattr(kind, "__name__", "")
