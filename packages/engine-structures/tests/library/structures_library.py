"""What a library on top of engine-structures looks like."""

from __future__ import annotations

import torch
from torch import Tensor

from engine_structures import BaseDataElement, InstanceData


class DetSample(BaseDataElement):
    @property
    def gt(self) -> InstanceData:
        return self._gt

    @gt.setter
    def gt(self, value: InstanceData) -> None:
        self.set_field(value, "_gt", dtype=InstanceData)

    @gt.deleter
    def gt(self) -> None:
        del self._gt


class SelfMade(BaseDataElement):
    """Pickles in a way of its own."""

    def __reduce__(self):
        return print, ("executed",)


class Boxes:
    """A container that is no tensor."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __len__(self) -> int:
        return len(self.tensor)

    def __getitem__(self, index) -> Boxes:
        return Boxes(self.tensor[index])

    @staticmethod
    def cat(boxes: list[Boxes]) -> Boxes:
        return Boxes(torch.cat([b.tensor for b in boxes]))


class Samples(torch.utils.data.Dataset):
    """Four samples, each with as many boxes as its index."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> DetSample:
        gt = InstanceData(boxes=torch.full((index, 4), float(index)))
        return DetSample(gt=gt, metainfo={"index": index})


def as_list(batch: list[DetSample]) -> list[DetSample]:
    return batch
