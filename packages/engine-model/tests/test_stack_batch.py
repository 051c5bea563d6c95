from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine_model import stack_batch

sizes = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4)


@given(sizes=sizes, divisor=st.integers(1, 5), value=st.sampled_from([0, -1.5]))
@settings(max_examples=50)
def test_each_image_stands_in_the_corner_of_a_padded_one(
    sizes: list[tuple[int, int]], divisor: int, value: float
) -> None:
    images = [torch.rand(2, *size) for size in sizes]
    found = stack_batch(images, divisor, value)
    tallest, widest = (max(size[axis] for size in sizes) for axis in (0, 1))
    for size, largest in zip(found.shape[2:], (tallest, widest), strict=True):
        assert size % divisor == 0
        assert largest <= size < largest + divisor
    for index, (image, (height, width)) in enumerate(zip(images, sizes, strict=True)):
        assert torch.equal(found[index, :, :height, :width], image)
        assert (found[index, :, height:] == value).all()
        assert (found[index, :, :, width:] == value).all()


@pytest.mark.parametrize(
    ("tensors", "error", "message"),
    [
        ([], ValueError, "empty"),
        ((torch.zeros(1, 2),), TypeError, "takes a list of tensors"),
        ([1], TypeError, "takes a list of tensors"),
        ([torch.zeros(1, 2), torch.zeros(2, 2)], ValueError, "as many dimensions and channels"),
        ([torch.zeros(1, 2), torch.zeros(1, 2, 2)], ValueError, "as many dimensions"),
    ],
)
def test_what_cannot_be_stacked_is_refused(
    tensors: list[Tensor], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        stack_batch(tensors)
