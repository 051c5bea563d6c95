"""Shapes and slices of PixelData."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine_structures import FieldShapeError, FieldTypeError, PixelData

H, W = 4, 6


def pixels() -> PixelData:
    return PixelData(
        metainfo={"id": 1},
        image=torch.arange(3.0 * H * W).view(3, H, W),
        mask=np.arange(H * W).reshape(1, H, W),
    )


def test_shape_is_that_of_all_fields() -> None:
    assert pixels().shape == (H, W)
    assert PixelData().shape is None


def along(size: int) -> st.SearchStrategy[int | slice]:
    forward = st.slices(size).filter(lambda index: (index.step or 1) > 0)  # as tensors want it
    return st.one_of(st.integers(-size, size - 1), forward)


@given(rows=along(H), columns=along(W))
def test_a_window_is_numpys_with_the_axes_kept(rows: int | slice, columns: int | slice) -> None:
    kept_rows = np.atleast_1d(np.arange(H)[rows])
    kept_columns = np.atleast_1d(np.arange(W)[columns])
    window = pixels()[rows, columns]
    assert np.array_equal(window.mask, pixels().mask[:, kept_rows][:, :, kept_columns])
    assert window.image.shape == (3, len(kept_rows), len(kept_columns))
    assert window.id == 1


@pytest.mark.parametrize("index", [0, slice(1), (0, 0, 0), (..., 1), ([1], 0), (0, "a")])
def test_other_indices_are_refused(index) -> None:
    with pytest.raises(FieldTypeError, match=r"ints? or a slice|int or a slice"):
        pixels()[index]


@pytest.mark.parametrize("index", [(H, 0), (0, -W - 1)])
def test_a_pixel_out_of_range_is_an_index_error(index) -> None:
    with pytest.raises(IndexError, match="out of range"):
        pixels()[index]


def test_a_field_without_channels_gets_one_with_a_warning() -> None:
    data = PixelData()
    with pytest.warns(UserWarning, match=r"seg of shape \(4, 6\) becomes \(1, 4, 6\)") as caught:
        data.seg = torch.zeros(H, W)
    assert caught[0].filename == __file__
    assert data.seg.shape == (1, H, W)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (torch.zeros(1, 3, 3), FieldShapeError),
        (torch.zeros(4), FieldShapeError),
        (torch.zeros(1, 1, H, W), FieldShapeError),
        ("text", FieldTypeError),
        ([[0] * W] * H, FieldTypeError),
    ],
)
def test_what_is_no_map_of_this_size_is_refused(value, error: type[Exception]) -> None:
    data = pixels()
    with pytest.raises(error, match=r"PixelData.bad must"):
        data.bad = value
    assert "bad" not in data


class Levels(PixelData):
    """Pixels of several sizes: a setter of its own, and an attribute that is no field."""

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_count", 0)
        super().__init__(**kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_metainfo_fields", "_data_fields"):
            super().__setattr__(name, value)
        else:
            object.__setattr__(self, "_count", self._count + 1)
            self.set_field(value, name, field_type="data")

    def __delattr__(self, item: str) -> None:
        super().__delattr__(item)
        if item in self._data_fields:
            self._data_fields.remove(item)
        if not self.keys():
            object.__setattr__(self, "_count", 0)


def test_a_subclass_with_a_setter_of_its_own_makes_its_own_checks() -> None:
    levels = Levels(fine=torch.zeros(1, 8, 8), metainfo={"id": 3})
    levels.coarse = torch.zeros(1, 4, 4)
    assert levels.keys() == ["fine", "coarse"]
    for other in (levels.clone(), levels.to("cpu"), levels.new(), copy.deepcopy(levels)):
        assert type(other) is Levels
        assert (other._count, other.id, other.coarse.shape) == (2, 3, (1, 4, 4))
    del levels.fine, levels.coarse
    assert (levels.keys(), levels._count) == ([], 0)
    del levels._count  # the deleter makes it anew
    assert levels._count == 0
