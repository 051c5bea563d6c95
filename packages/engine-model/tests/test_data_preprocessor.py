from __future__ import annotations

from collections import OrderedDict, defaultdict
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence

from engine_model import BaseDataPreprocessor, ImgDataPreprocessor
from engine_structures import BaseDataElement


class Point(NamedTuple):
    x: Any
    name: str


def test_every_tensor_moves_and_containers_stay_what_they_are() -> None:
    other = SimpleNamespace(t=torch.zeros(1))
    data = {
        "point": Point(torch.zeros(2), "a"),
        "pair": (torch.zeros(2), [torch.zeros(2), None]),
        "ordered": OrderedDict(x=torch.zeros(2)),
        "counted": defaultdict(list, x=torch.zeros(2)),
        "sample": BaseDataElement(box=torch.zeros(2), metainfo={"img_path": "a.png"}),
        "text": "abc",
        "bytes": b"abc",
        "number": 3,
        "other": other,
    }
    found = BaseDataPreprocessor().to("meta")(data)
    assert isinstance(found["point"], Point)
    assert isinstance(found["pair"], tuple)
    assert isinstance(found["ordered"], OrderedDict)
    moved = [
        *(found["point"].x, found["pair"][0], found["pair"][1][0], found["ordered"]["x"]),
        *(found["counted"]["x"], found["sample"].box),
    ]
    assert all(tensor.is_meta for tensor in moved)
    assert found["sample"].img_path == "a.png"
    assert (found["point"].name, found["pair"][1][1]) == ("a", None)
    assert (found["text"], found["bytes"], found["number"]) == ("abc", b"abc", 3)
    assert found["other"] is other


def test_a_tensor_that_is_there_is_the_same_in_a_container_that_is_new() -> None:
    tensor = torch.zeros(2)
    data = {"x": [tensor]}
    found = BaseDataPreprocessor().cast_data(data)
    assert found["x"][0] is tensor
    assert found is not data
    assert found["x"] is not data["x"]


def test_a_packed_sequence_moves_whole() -> None:
    packed = pack_sequence([torch.ones(3), torch.ones(2)])
    found = BaseDataPreprocessor().to("meta").cast_data(packed)
    assert found.data.is_meta
    assert not found.batch_sizes.is_meta


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_preprocessor_goes_to_a_gpu_by_every_way() -> None:
    wanted = torch.device("cuda", 0)
    for moved in (
        BaseDataPreprocessor().cuda(),
        BaseDataPreprocessor().cuda(0),
        BaseDataPreprocessor().to(wanted),
    ):
        assert moved.device == wanted
        assert moved([torch.zeros(1)])[0].device == wanted


def images(*shapes: tuple[int, ...]) -> list[Tensor]:
    made = torch.Generator().manual_seed(0)
    return [torch.randint(0, 255, shape, generator=made).to(torch.uint8) for shape in shapes]


def test_images_are_turned_normalised_and_padded_in_this_order() -> None:
    small, large = images((3, 2, 3), (3, 4, 5))
    batch = {"inputs": [small, large]}
    found = ImgDataPreprocessor(
        mean=[10, 20, 30], std=[1, 2, 4], bgr_to_rgb=True, pad_size_divisor=4, pad_value=7
    )(batch)
    assert found["inputs"].shape == (2, 3, 4, 8)
    assert found["data_samples"] is None
    wanted = torch.full((2, 3, 4, 8), 7.0)
    for index, image in enumerate((small, large)):
        for channel, (mean, std) in enumerate(((10, 1), (20, 2), (30, 4))):
            height, width = image.shape[1:]
            normalised = (image[2 - channel].float() - mean) / std
            wanted[index, channel, :height, :width] = normalised
    assert torch.equal(found["inputs"], wanted)
    assert batch["inputs"][0] is small


def test_a_tensor_of_images_gives_what_a_list_of_them_gives() -> None:
    listed = images((3, 3, 5), (3, 3, 5))
    preprocessor = ImgDataPreprocessor([1.0], [2.0], pad_size_divisor=4, rgb_to_bgr=True)
    of_list = preprocessor({"inputs": listed, "data_samples": ["a", "b"]})
    of_tensor = preprocessor({"inputs": torch.stack(listed), "data_samples": ["a", "b"]})
    assert torch.equal(of_list["inputs"], of_tensor["inputs"])
    assert of_list["data_samples"] == of_tensor["data_samples"] == ["a", "b"]


def test_without_normalisation_images_are_floats_of_the_same_values() -> None:
    (image,) = images((1, 2, 2))
    found = ImgDataPreprocessor()({"inputs": [image]})["inputs"]
    assert found.dtype == torch.float32
    assert torch.equal(found[0], image.float())


def test_turning_channels_drops_alpha() -> None:
    found = ImgDataPreprocessor(bgr_to_rgb=True)({"inputs": [torch.arange(4.0).view(4, 1, 1)]})
    assert found["inputs"].flatten().tolist() == [2.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        ([torch.zeros(3, 2, 2)], TypeError, "dict with the key 'inputs', got list"),
        ({"img": 1}, TypeError, r"'inputs', got \['img'\]"),
        ({"inputs": 3}, TypeError, "inputs must be a list"),
        ({"inputs": "x"}, TypeError, "must be a list"),
        ({"inputs": [None]}, TypeError, "must be tensors or arrays, got NoneType"),
        ({"inputs": [torch.zeros(2, 2)]}, ValueError, r"\(C,H,W\), got a tensor \(2, 2\)"),
        ({"inputs": torch.zeros(3, 2, 2)}, ValueError, r"\(N,C,H,W\), got a tensor \(3, 2, 2\)"),
        ({"inputs": [torch.zeros(2, 2, 2)]}, ValueError, "3 or 4 channels"),
        ({"inputs": [torch.zeros(1, 2, 2)]}, ValueError, "3 or 4 channels"),
    ],
)
def test_what_is_no_batch_of_images_is_refused(
    batch: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ImgDataPreprocessor([1, 1, 1], [1, 1, 1], bgr_to_rgb=True)(batch)


def test_three_means_need_three_channels() -> None:
    with pytest.raises(ValueError, match=r"3 values, and the shape of an image is \(1, 2, 2\)"):
        ImgDataPreprocessor([1, 1, 1], [1, 1, 1])({"inputs": [torch.zeros(1, 2, 2)]})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": [1, 2], "std": [1, 2, 3]}, "one for each channel"),
        ({"mean": [1, 2, 3]}, "go together"),
        ({"std": [1, 2, 3]}, "go together"),
        ({"bgr_to_rgb": True, "rgb_to_bgr": True}, "undo each other"),
    ],
)
def test_arguments_that_contradict_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ImgDataPreprocessor(**arguments)


def test_mean_and_std_are_no_weights() -> None:
    assert not ImgDataPreprocessor([1.0], [2.0]).state_dict()


@pytest.mark.parametrize("channels", [1, 2, 4, 7])
def test_images_may_have_any_number_of_channels_and_be_arrays(channels: int) -> None:
    image = np.arange(channels * 6, dtype=np.uint8).reshape(channels, 2, 3)
    mean = [*map(float, range(channels))]
    expected = (torch.from_numpy(image).float() - torch.tensor(mean).view(-1, 1, 1)) / 2
    for given in ([image], [torch.from_numpy(image)], image[None]):
        found = ImgDataPreprocessor(mean, [2.0] * channels)({"inputs": given})["inputs"]
        assert torch.equal(found, expected[None])
    plain = ImgDataPreprocessor()({"inputs": [image]})["inputs"]
    assert torch.equal(plain[0], torch.from_numpy(image).float())


def test_what_is_not_normalised_may_have_other_dimensions() -> None:
    assert ImgDataPreprocessor()({"inputs": [torch.ones(3, 4)]})["inputs"].shape == (1, 3, 4)
    assert ImgDataPreprocessor()({"inputs": [torch.ones(2, 1, 3, 4)]})["inputs"].shape[0] == 1
