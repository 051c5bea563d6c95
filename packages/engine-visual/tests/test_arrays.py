from __future__ import annotations

import numpy as np
import pytest
import torch

from engine_visual import Visualizer
from engine_visual.arrays import as_rgb, finite, to_array


def test_tensors_of_any_type_become_arrays() -> None:
    assert to_array(torch.ones(2, dtype=torch.bfloat16)).dtype == np.float32
    assert to_array(torch.ones(2, requires_grad=True)).tolist() == [1, 1]
    assert to_array([[1, 2]]).shape == (1, 2)


def test_one_element_may_come_without_its_axis() -> None:
    assert finite(np.array([1, 2, 3, 4]), "bboxes", (4,)).shape == (1, 4)
    assert finite(np.zeros((0, 4)), "bboxes", (4,)).shape == (0, 4)
    assert finite(np.zeros(0), "bboxes", (4,)).shape == (0, 4)


def test_a_wrong_shape_is_told() -> None:
    with pytest.raises(ValueError, match=r"bboxes must have shape \(N, 4\), got \(2, 5\)"):
        finite(np.zeros((2, 5)), "bboxes", (4,))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_with_its_index(bad: float) -> None:
    boxes = np.zeros((5, 4))
    boxes[3, 1] = bad
    with pytest.raises(ValueError, match=r"bboxes\[3\] is not finite"):
        finite(boxes, "bboxes", (4,))


def test_rgb_is_not_copied() -> None:
    image = np.zeros((4, 5, 3), np.uint8)
    assert as_rgb(image) is image


@pytest.mark.parametrize(
    "image",
    [
        np.full((4, 6), 51, np.uint8),
        np.full((4, 6, 1), 51, np.uint8),
        np.full((3, 4, 6), 51, np.uint8),
        np.full((1, 4, 6), 51, np.uint8),
        np.full((4, 6, 3), 0.2),
        np.full((4, 6, 3), 51.2, np.float32),
        np.full((4, 6, 3), 51, np.int64),
        np.full((4, 6), 51 * 257, np.uint16),
        torch.full((3, 4, 6), 0.2, dtype=torch.bfloat16).float(),
    ],
    ids=lambda image: f"{tuple(image.shape)} {image.dtype}",
)
def test_images_of_every_kind_become_rgb(image: object) -> None:
    rgb = as_rgb(image)
    assert rgb.shape == (4, 6, 3) and rgb.dtype == np.uint8
    assert (rgb == 51).all()


def test_bools_are_black_and_white() -> None:
    assert as_rgb(np.array([[True, False]])).tolist() == [[[255] * 3, [0] * 3]]


def test_a_fourth_channel_is_opacity_over_white() -> None:
    image = np.array([[[100, 0, 0, 255], [100, 0, 0, 0], [0, 0, 0, 51]]], np.uint8)
    assert as_rgb(image).tolist() == [[[100, 0, 0], [255, 255, 255], [204, 204, 204]]]


@pytest.mark.parametrize("values", [-1.5, 300.0, np.nan])
def test_values_that_are_no_colours_are_refused(values: float) -> None:
    with pytest.raises(ValueError, match="Was it normalised"):
        as_rgb(np.full((4, 6, 3), values))


@pytest.mark.parametrize("shape", [(4,), (2, 5, 7), (0, 4, 3), (1, 2, 3, 4)])
def test_a_shape_that_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="an image has shape"):
        as_rgb(np.zeros(shape))


@pytest.mark.gpu
def test_tensors_on_an_accelerator_are_drawn() -> None:
    if not torch.accelerator.is_available():
        pytest.skip("needs an accelerator")
    device = torch.accelerator.current_accelerator()
    image = torch.rand(3, 40, 60, device=device)
    v = Visualizer(image=image)
    v.draw_bboxes(torch.tensor([[5, 5, 30, 30]], device=device, dtype=torch.bfloat16))
    assert (v.get_image() != as_rgb(image)).any()


def test_a_list_is_refused_as_mmengine_does() -> None:
    with pytest.raises(TypeError, match="bboxes must be an array or a tensor, got list"):
        finite([1, 2, 3, 4], "bboxes", (4,))
