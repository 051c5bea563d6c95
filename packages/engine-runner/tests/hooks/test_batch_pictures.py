"""Images as they looked before a model was given them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine_runner.hooks.batch_pictures import facts_of, images_and_samples, picture_of
from engine_structures import BaseDataElement


def test_a_batch_is_taken_apart_in_either_form() -> None:
    assert images_and_samples({"inputs": [1, 2], "data_samples": "ab"}) == [(1, "a"), (2, "b")]
    assert images_and_samples({"inputs": [1, 2]}) == [(1, None), (2, None)]
    assert images_and_samples([{"inputs": 1, "data_sample": "a"}]) == [(1, "a")]
    assert images_and_samples([{"inputs": 1, "data_samples": "a"}]) == [(1, "a")]
    with pytest.raises(TypeError, match="got Tensor"):
        images_and_samples(torch.zeros(2))


def test_a_sample_may_know_facts() -> None:
    assert facts_of(BaseDataElement(metainfo={"a": 1})) == {"a": 1}
    assert facts_of(None) == facts_of("a") == {}


def test_an_image_is_brought_back_to_bytes() -> None:
    image = torch.tensor([10, 20, 30], dtype=torch.uint8).view(3, 1, 1).expand(3, 4, 6)
    wanted = np.broadcast_to(np.array([10, 20, 30], np.uint8), (4, 6, 3))
    norm = {"mean": [5.0, 5.0, 5.0], "std": [2.0, 2.0, 2.0]}
    assert np.array_equal(picture_of(image, {}), wanted)
    assert np.array_equal(picture_of(image / 255, {}), wanted)
    assert np.array_equal(picture_of((image - 5.0) / 2, {"norm_cfg": norm}), wanted)


def test_padding_is_cut_off() -> None:
    assert picture_of(torch.zeros(1, 4, 6), {"img_shape": (3, 5)}).shape == (3, 5, 1)
