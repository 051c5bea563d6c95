"""Fields, meta information and moves of BaseDataElement."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from structures_library import DetSample

from engine_structures import BaseDataElement, FieldTypeError, InstanceData


@pytest.fixture
def sample() -> BaseDataElement:
    inner = BaseDataElement(array=np.arange(2.0))
    return BaseDataElement(
        metainfo={"name": "cat.jpg", "scale": [1.0, 2.0]},
        boxes=torch.arange(8.0).view(2, 4),
        inner=inner,
        count=2,
    )


def test_data_and_metainfo_are_kept_apart_and_in_order(sample: BaseDataElement) -> None:
    assert sample.keys() == ["boxes", "inner", "count"]
    assert sample.metainfo_keys() == ["name", "scale"]
    assert sample.all_keys() == ["name", "scale", "boxes", "inner", "count"]
    assert sample.values()[2] == 2
    assert sample.metainfo_values() == ["cat.jpg", [1.0, 2.0]]
    assert len(sample.all_values()) == 5
    assert dict(sample.all_items()) == dict(sample.items()) | sample.metainfo
    assert "boxes" in sample and "name" in sample and "nothing" not in sample


def test_metainfo_is_copied_and_data_is_shared() -> None:
    scale, boxes = [1.0], torch.ones(1, 4)
    sample = BaseDataElement(metainfo={"scale": scale}, boxes=boxes)
    assert sample.boxes is boxes
    scale.append(2.0)
    assert sample.scale == [1.0]


@pytest.mark.parametrize("copied", ["new", "clone"])
def test_a_copy_owns_its_metainfo_and_shares_the_data(sample: BaseDataElement, copied: str) -> None:
    other = getattr(sample, copied)()
    assert other.boxes is sample.boxes
    assert other.scale == sample.scale and other.scale is not sample.scale
    other.boxes = None
    assert sample.boxes is not None


def test_new_takes_what_is_given_instead(sample: BaseDataElement) -> None:
    assert sample.new(boxes=1).all_keys() == ["name", "scale", "boxes"]
    assert sample.new(metainfo={"a": 1}).all_keys() == ["a", "boxes", "inner", "count"]


def test_a_name_is_data_or_metainfo_but_not_both(sample: BaseDataElement) -> None:
    with pytest.raises(AttributeError, match=r"'name' as data.*meta information already"):
        sample.name = "dog.jpg"
    with pytest.raises(AttributeError, match=r"'boxes' as metainfo.*a data field already"):
        sample.set_metainfo({"boxes": 1})
    assert sample.name == "cat.jpg"


def test_metainfo_changes_through_set_metainfo(sample: BaseDataElement) -> None:
    sample.set_metainfo({"name": "dog.jpg"})
    assert sample.name == "dog.jpg"
    sample.set_field("cow.jpg", "name", field_type="metainfo")
    assert sample.metainfo["name"] == "cow.jpg"


def test_update_takes_over_all_fields(sample: BaseDataElement) -> None:
    sample.update(BaseDataElement(metainfo={"id": 7}, count=3))
    assert (sample.id, sample.count) == (7, 3)
    with pytest.raises(FieldTypeError, match="BaseDataElement"):
        sample.update({"count": 4})  # type: ignore[arg-type]


def test_fields_are_removed(sample: BaseDataElement) -> None:
    assert sample.pop("count") == 2
    assert sample.pop("name") == "cat.jpg"
    assert sample.pop("count", "gone") == "gone"
    assert sample.get("count") is None and sample.get("count", 5) == 5
    del sample.boxes
    assert sample.all_keys() == ["scale", "inner"]
    with pytest.raises(KeyError, match="'boxes' is no field"):
        sample.pop("boxes")
    with pytest.raises(AttributeError):
        del sample.boxes
    with pytest.raises(TypeError, match="got 0 arguments"):
        sample.pop()


@pytest.mark.parametrize("name", ["_data_fields", "_metainfo_fields"])
def test_the_names_of_the_fields_are_not_assigned(sample: BaseDataElement, name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        setattr(sample, name, set())
    with pytest.raises(AttributeError, match=name):
        delattr(sample, name)


def test_wrong_arguments_are_refused_by_what_they_are() -> None:
    for wrong in ({"metainfo": 1}, {"metainfo": [("a", 1)]}):
        with pytest.raises(FieldTypeError, match="metainfo must be a mapping"):
            BaseDataElement(**wrong)
    with pytest.raises(FieldTypeError, match="data must be a mapping: got int"):
        BaseDataElement().set_data(1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'data' or 'metainfo': got 'meta'"):
        BaseDataElement().set_field(1, "a", field_type="meta")
    with pytest.raises(AssertionError, match="must be str or int: got list"):
        BaseDataElement().set_field([], "a", dtype=(str, int))


def test_a_property_checks_its_type_and_hides_its_storage() -> None:
    sample = DetSample(gt=InstanceData(boxes=torch.ones(2, 4)), metainfo={"id": 1})
    assert sample.keys() == ["gt"]
    assert "gt" in sample and sample.get("gt") is sample.gt
    assert sample.new().gt is sample.gt
    with pytest.raises(FieldTypeError, match=r"DetSample.gt must be InstanceData: got int 1"):
        sample.gt = 1
    assert sample.pop("gt") is not None
    assert sample.keys() == [] and "gt" not in sample
    sample.gt = InstanceData()
    del sample.gt
    assert sample.keys() == []


def test_tensors_move_and_elements_inside_move_with_them(sample: BaseDataElement) -> None:
    half = sample.to_tensor().to(torch.float16)
    assert half.boxes.dtype == half.inner.array.dtype == torch.float16
    assert sample.boxes.dtype == torch.float32
    meta = sample.to("meta")
    assert meta.boxes.is_meta and meta.name == "cat.jpg"
    assert sample.cpu().boxes.device.type == "cpu"


@pytest.mark.parametrize("device", ["cuda", "npu", "mlu", "musa"])
def test_a_device_method_calls_the_one_of_the_tensors(device: str) -> None:
    class Fake(torch.Tensor):
        def moved(self) -> str:
            return f"on {device}"

    setattr(Fake, device, Fake.moved)
    tensor = torch.ones(1).as_subclass(Fake)
    sample = BaseDataElement(x=tensor, inner=BaseDataElement(x=tensor), text="as it is")
    moved = getattr(sample, device)()
    assert (moved.x, moved.inner.x, moved.text) == (f"on {device}", f"on {device}", "as it is")


def test_numpy_and_to_tensor_are_inverse(sample: BaseDataElement) -> None:
    arrays = sample.numpy()
    assert isinstance(arrays.boxes, np.ndarray)
    back = arrays.to_tensor()
    assert torch.equal(back.boxes, sample.boxes)
    assert back.inner.array.dtype == torch.float64


def test_detach_cuts_the_graph() -> None:
    sample = BaseDataElement(x=torch.ones(2, requires_grad=True))
    assert not sample.detach().x.requires_grad
    assert sample.numpy().x.tolist() == [1.0, 1.0]
    assert sample.x.requires_grad


def test_to_dict_turns_elements_inside_into_dicts(sample: BaseDataElement) -> None:
    found = sample.to_dict()
    assert list(found) == sample.all_keys()
    assert list(found["inner"]) == ["array"]


def test_copies_are_independent(sample: BaseDataElement) -> None:
    deep = copy.deepcopy(sample)
    deep.boxes.zero_()
    assert sample.boxes.sum() == 28
    shallow = copy.copy(sample)
    shallow.extra = 1
    assert "extra" not in sample


def test_an_element_prints_its_fields_in_order() -> None:
    sample = DetSample(gt=InstanceData(boxes=torch.zeros(2, 2)), metainfo={"name": "cat.jpg"})
    lines = [line for line in repr(sample).split("\n") if " at 0x" not in line]
    assert lines == [
        "<DetSample(",
        "",
        "    META INFORMATION",
        "    name: 'cat.jpg'",
        "",
        "    DATA FIELDS",
        "    gt: <InstanceData(",
        "",
        "            META INFORMATION",
        "",
        "            DATA FIELDS",
        "            boxes: tensor([[0., 0.],",
        "                           [0., 0.]])",
    ]
