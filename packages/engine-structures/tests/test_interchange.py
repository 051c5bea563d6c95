"""What torch does with elements: trees, files, worker processes, compiled code."""

from __future__ import annotations

import io
import pickle

import pytest
import torch
from structures_library import DetSample, Samples, SelfMade, as_list
from torch.utils import _pytree as pytree
from torch.utils.data import DataLoader

from engine_structures import BaseDataElement, InstanceData, PixelData


def sample() -> DetSample:
    gt = InstanceData(boxes=torch.arange(8.0).view(2, 4), metainfo={"source": "hand"})
    return DetSample(gt=gt, metainfo={"size": (4, 6)})


def saved(value: object) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file


def test_a_tree_map_reaches_the_tensors_and_keeps_the_rest() -> None:
    mapped = pytree.tree_map(lambda tensor: tensor * 2, sample())
    assert isinstance(mapped, DetSample)
    assert torch.equal(mapped.gt.boxes, sample().gt.boxes * 2)
    assert mapped.size == (4, 6) and mapped.gt.source == "hand"


def test_equal_elements_have_equal_tree_specs() -> None:
    assert pytree.tree_structure(sample()) == pytree.tree_structure(sample())
    other = sample()
    other.set_metainfo({"size": (5, 6)})
    assert pytree.tree_structure(other) != pytree.tree_structure(sample())


def test_a_tree_path_names_the_field() -> None:
    ((path, _),) = pytree.tree_flatten_with_path(sample())[0]
    assert pytree.keystr(path) == "._gt.boxes"


def test_elements_load_with_weights_only() -> None:
    value = [sample(), PixelData(seg=torch.zeros(1, 2, 2)), BaseDataElement(metainfo={"a": 1})]
    loaded = torch.load(saved(value), weights_only=True)
    assert torch.equal(loaded[0].gt.boxes, sample().gt.boxes)
    assert loaded[0].size == (4, 6) and loaded[0].keys() == ["gt"]
    assert loaded[1].shape == (2, 2) and loaded[2].a == 1


def test_a_class_that_pickles_itself_is_not_allowed_by_us() -> None:
    with pytest.raises(pickle.UnpicklingError, match="print"):
        torch.load(saved(SelfMade()), weights_only=True)


def test_elements_pickle() -> None:
    loaded = pickle.loads(pickle.dumps(sample()))
    assert torch.equal(loaded.gt.boxes, sample().gt.boxes)
    loaded.more = 1
    assert loaded.keys() == ["gt", "more"]


def test_the_attributes_that_mmengine_pickles_are_understood() -> None:
    state = {"_metainfo_fields": {"id"}, "_data_fields": {"gt", "_gt"}, "id": 3, "_gt": [1]}
    element = DetSample.__new__(DetSample)
    element.__setstate__(state)
    assert (element.id, element.gt, element.all_keys()) == (3, [1], ["id", "gt"])


@pytest.mark.parametrize("context", ["spawn", "fork"])
def test_elements_come_out_of_worker_processes(context: str) -> None:
    if context not in torch.multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {context}")
    loader = DataLoader(
        Samples(), batch_size=2, num_workers=2, collate_fn=as_list, multiprocessing_context=context
    )
    found = [(item.index, len(item.gt)) for batch in loader for item in batch]
    assert found == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_compiled_code_reads_attributes_without_a_graph_break() -> None:
    def area(element: DetSample) -> torch.Tensor:
        boxes = element.gt.boxes
        return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1) * element.size[0]

    compiled = torch.compile(area, backend="eager", fullgraph=True)
    assert torch.equal(compiled(sample()), area(sample()))
