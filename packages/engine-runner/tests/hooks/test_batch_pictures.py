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


def test_an_image_in_a_batch_of_one_is_read_as_mmengine_reads_it() -> None:
    image = torch.zeros(1, 3, 4, 6) + torch.tensor([10.0, 20.0, 30.0]).view(3, 1, 1)
    image[0, :, -1, -1] = torch.tensor([100.0, 150.0, 200.0])
    norm = {"mean": [1, 2, 3], "std": [2, 2, 2]}
    # what MMEngine 0.10.7 hands to its visualizer
    for facts, first, last in (
        ({}, [30, 20, 10], [200, 150, 100]),
        ({"img_norm_cfg": norm}, [63, 42, 21], [255, 255, 201]),
        ({"img_norm_cfg": {**norm, "to_bgr": False}}, [21, 42, 63], [201, 255, 255]),
        ({"ori_height": 8, "ori_width": 12}, [30, 20, 10], [200, 150, 100]),
    ):
        found = picture_of(image, facts)
        assert found.shape == (facts.get("ori_height", 4), facts.get("ori_width", 6), 3)
        assert found[0, 0].tolist() == first
        assert found[-1, -1].tolist() == last
    assert picture_of(image[:, :1], {}).shape == (4, 6, 1)


def test_padding_is_cut_off() -> None:
    assert picture_of(torch.zeros(1, 4, 6), {"img_shape": (3, 5)}).shape == (3, 5, 1)
