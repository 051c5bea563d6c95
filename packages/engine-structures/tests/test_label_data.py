"""Labels as indices and one-hot."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine_structures import FieldShapeError, FieldTypeError, LabelData


@given(st.sets(st.integers(0, 9)))
def test_onehot_to_label_undoes_label_to_onehot(labels: set[int]) -> None:
    label = torch.tensor(sorted(labels), dtype=torch.int64)
    onehot = LabelData.label_to_onehot(label, 10)
    assert onehot.dtype == torch.int64 and onehot.shape == (10,)
    assert torch.equal(LabelData.onehot_to_label(onehot), label)


@pytest.mark.parametrize("label", [torch.tensor([5]), torch.tensor([-1])])
def test_a_label_outside_of_the_classes_is_refused(label: torch.Tensor) -> None:
    with pytest.raises(FieldShapeError, match=r"in \[0, 5\)"):
        LabelData.label_to_onehot(label, 5)


@pytest.mark.parametrize("onehot", [torch.tensor([0, 2]), torch.zeros(2, 2)])
def test_what_is_not_onehot_is_refused(onehot: torch.Tensor) -> None:
    with pytest.raises(FieldShapeError, match="zeros and ones"):
        LabelData.onehot_to_label(onehot)


def test_only_tensors_are_taken() -> None:
    with pytest.raises(FieldTypeError, match="got list"):
        LabelData.label_to_onehot([1], 5)  # type: ignore[arg-type]
    with pytest.raises(FieldTypeError, match="got list"):
        LabelData.onehot_to_label([1])  # type: ignore[arg-type]
