"""BaseDataElement: one sample's data, and apart from it what describes the sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from engine_structures.field_store import FieldStore
from engine_structures.interchange import make_known

__all__ = ["BaseDataElement"]


class BaseDataElement(FieldStore):
    """Data fields and meta information of one sample, each read as an attribute.

    Data (annotations, predictions, features) is assigned like any attribute. Meta information
    (file name, image size, scale) is given as a dict, deep-copied, and changed only by
    `set_metainfo`. A name is one or the other, never both. Moves between devices, indexing and
    `new` share what they need not copy.

    A subclass restricts a field with a property that stores through `set_field`::

        class DetSample(BaseDataElement):
            @property
            def boxes(self) -> Tensor:  # (N, 4), pixels
                return self._boxes

            @boxes.setter
            def boxes(self, value: Tensor) -> None:
                self.set_field(value, "_boxes", dtype=Tensor)

    Every subclass is a node of torch's pytrees, and can be read back by
    ``torch.load(weights_only=True)`` as long as it does not pickle itself in its own way.

    Args:
        metainfo: meta information by name.
        **kwargs: data by name.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        make_known(cls)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Return an element whose fields with a ``to`` are what their ``to`` returns."""

        def moved(value: Any) -> Any:
            return value.to(*args, **kwargs) if hasattr(value, "to") else value

        return self._like({name: moved(value) for name, value in self._data().items()})

    def cpu(self) -> Self:
        """Return an element with all tensors in host memory."""
        return self._tensors_by("cpu")

    def cuda(self) -> Self:
        """Return an element with all tensors on the current CUDA device."""
        return self._tensors_by("cuda")

    def npu(self) -> Self:
        """Return an element with all tensors on the current Ascend device (torch_npu)."""
        return self._tensors_by("npu")

    def mlu(self) -> Self:
        """Return an element with all tensors on the current Cambricon device (torch_mlu)."""
        return self._tensors_by("mlu")

    def musa(self) -> Self:
        """Return an element with all tensors on the current Moore Threads device (torch_musa)."""
        return self._tensors_by("musa")

    def detach(self) -> Self:
        """Return an element with all tensors detached from the graph."""
        return self._tensors_by("detach")

    def numpy(self) -> Self:
        """Return an element with all tensors as arrays in host memory."""
        return self._converted(lambda value: value.numpy(), lambda t: t.detach().cpu().numpy())

    def to_tensor(self) -> Self:
        """Return an element with all arrays as tensors that share their memory."""
        return self._converted(
            lambda value: value.to_tensor(), tensor=None, array=lambda a: torch.from_numpy(a)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all fields in a dict; elements inside are dicts too."""
        return {
            name: value.to_dict() if isinstance(value, BaseDataElement) else value
            for name, value in self.all_items()
        }

    def _tensors_by(self, method: str) -> Self:
        def moved(value: Any) -> Any:
            return getattr(value, method)()

        return self._converted(moved, moved)

    def _converted(
        self,
        element: Callable[[Any], Any],
        tensor: Callable[[Tensor], Any] | None,
        array: Callable[[np.ndarray[Any, Any]], Any] | None = None,
    ) -> Self:
        """Return an element whose elements, tensors and arrays went through these."""
        data = self._data()
        for name, value in data.items():
            if isinstance(value, BaseDataElement):
                data[name] = element(value)
            elif tensor is not None and isinstance(value, Tensor):
                data[name] = tensor(value)
            elif array is not None and isinstance(value, np.ndarray):
                data[name] = array(value)
        return self._like(data)


make_known(BaseDataElement)
