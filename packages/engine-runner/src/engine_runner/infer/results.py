"""Predictions as plain values, as a short line, and as lines of JSON."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from torch import Tensor

from engine_structures import BaseDataElement, InstanceData

__all__ = ["Result", "plain"]

_SHOWN: Final = 3
_WIDTH: Final = 100


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was predicted for an input.

    ``name`` is the input's address, or what it is; ``sample`` the prediction as the model made it;
    ``picture`` the file that it was drawn into, and ``drawing`` its pixels, (H, W, 3), or None.
    ``classes`` are the names of the model's classes.
    """

    name: str
    sample: Any
    classes: Sequence[str] = ()
    drawing: np.ndarray | None = None
    picture: Path | None = None

    @property
    def prediction(self) -> Any:
        """The prediction in dicts, lists, numbers and texts."""
        return plain(self.sample)

    def json_line(self) -> str:
        """Return it as a line of JSON; what isn't finite is null."""
        fields = {"input": self.name, "prediction": self.prediction}
        if self.picture is not None:
            fields["picture"] = self.picture.as_posix()
        try:
            return json.dumps(fields, ensure_ascii=False, allow_nan=False)
        except ValueError:
            return json.dumps(_finite(fields), ensure_ascii=False)

    def __str__(self) -> str:
        text = _short(self.sample, self.classes)
        cut = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
        return f"{self.name}: {cut}"


def plain(value: Any) -> Any:
    """Return a prediction as dicts, lists, numbers and texts.

    Of a data element all fields but the labels that it came with (``gt...``), its facts included.
    What is none of these becomes its text.
    """
    if isinstance(value, BaseDataElement):
        value = {key: each for key, each in value.all_items() if not key.startswith("gt")}
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _short(value: Any, classes: Sequence[str]) -> str:
    """A prediction for people: the best classes of scores, how many there are of what."""
    if isinstance(value, InstanceData):
        return _instances(value, classes)
    if isinstance(value, BaseDataElement):
        value = {key: each for key, each in value.items() if not key.startswith("gt")}
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_short(each, classes)}" for key, each in value.items())
    if isinstance(value, Tensor):
        value = value.detach().cpu().float().numpy() if value.is_floating_point() else value.numpy()
    if isinstance(value, np.ndarray):
        return _array(value, classes)
    if isinstance(value, list | tuple):
        shown = [_short(each, classes) for each in value[:_SHOWN]]
        return ", ".join(shown) + (f", and {len(value) - _SHOWN} more" * (len(value) > _SHOWN))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _array(value: np.ndarray, classes: Sequence[str]) -> str:
    if value.size == 1:
        number = value.reshape(()).item() if value.ndim == 0 else value.reshape(-1)[0].item()
        return f"{number:.4g}" if isinstance(number, float) else _name(number, classes)
    if value.ndim == 1 and value.dtype.kind == "f":
        best = np.argsort(-value, kind="stable")[:_SHOWN]
        return ", ".join(f"{_name(int(each), classes)} {value[each]:.3g}" for each in best)
    if value.ndim == 1 and value.size <= _SHOWN:
        return ", ".join(_name(each, classes) for each in value.tolist())
    return f"{value.dtype} of {'x'.join(map(str, value.shape))}"


def _instances(value: InstanceData, classes: Sequence[str]) -> str:
    count = f"{len(value)} instances"
    if "labels" not in value or not len(value):
        return count
    kinds = Counter(_name(int(each), classes) for each in value.get("labels"))
    return f"{count} ({', '.join(f'{number} {name}' for name, number in kinds.most_common())})"


def _name(label: Any, classes: Sequence[str]) -> str:
    named = isinstance(label, int) and not isinstance(label, bool) and 0 <= label < len(classes)
    return str(classes[label]) if named else str(label)
