"""`BaseDataset`: what it loads, keeps, refuses and tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from annotated import EvenOnly, Numbered, fail_at_three, refuse_all, refuse_small
from torch.utils.data import DataLoader

from engine_dataset import BaseDataset, force_full_init, pseudo_collate

PACKED = pytest.mark.parametrize("serialize_data", [True, False], ids=["packed", "plain"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    annotations = {
        "metainfo": {"classes": ["of the file"], "task": "toy"},
        "data_list": [{"img_path": "1.jpg", "label": 1}, {"img_path": "2.jpg", "label": 2}],
    }
    (tmp_path / "ann.json").write_text(json.dumps(annotations), "utf-8")
    return tmp_path


def values(dataset: Any) -> list[int]:
    return [dataset[index]["value"] for index in range(len(dataset))]


@PACKED
def test_an_annotation_file_gives_paths_below_the_root(root: Path, serialize_data: bool) -> None:
    dataset = BaseDataset(
        ann_file="ann.json",
        data_root=str(root),
        data_prefix={"img_path": "train"},
        serialize_data=serialize_data,
    )
    assert len(dataset) == 2
    assert Path(dataset[1]["img_path"]) == root / "train" / "2.jpg"
    assert dataset[1] == {"img_path": dataset[1]["img_path"], "label": 2, "sample_idx": 1}
    assert Path(dataset.ann_file or "") == root / "ann.json"


def test_without_prefix_paths_are_below_the_root(root: Path) -> None:
    dataset = BaseDataset(ann_file="ann.json", data_root=str(root))
    assert Path(dataset[0]["img_path"]) == root / "1.jpg"


def test_absolute_and_remote_places_are_not_moved_below_the_root(root: Path) -> None:
    dataset = BaseDataset(
        ann_file=str(root / "ann.json"),
        data_root="elsewhere",
        data_prefix={"img_path": "s3://bucket/train"},
    )
    assert dataset[0]["img_path"] == "s3://bucket/train/1.jpg"


def test_a_missing_annotation_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.json"):
        BaseDataset(ann_file="nothing.json", data_root=str(tmp_path))


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ([1], TypeError, r"ann\.json must hold a dict, not a list"),
        ({"data_list": []}, ValueError, r"needs data_list and metainfo; it has \['data_list'\]"),
    ],
)
def test_an_annotation_file_of_another_form_is_refused(
    tmp_path: Path, content: Any, error: type[Exception], message: str
) -> None:
    (tmp_path / "ann.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(error, match=message):
        BaseDataset(ann_file="ann.json", data_root=str(tmp_path))


def test_a_prefix_of_a_key_that_entries_lack_names_both(root: Path) -> None:
    with pytest.raises(ValueError, match=r"'depth'.*ann\.json lacks: it has \['img_path', 'lab"):
        BaseDataset(ann_file="ann.json", data_root=str(root), data_prefix={"depth": "x"})


def test_a_prefix_that_is_no_text_is_refused(root: Path) -> None:
    with pytest.raises(TypeError, match=r"data_prefix\['img_path'\] must be a str, got None"):
        BaseDataset(ann_file="ann.json", data_root=str(root), data_prefix={"img_path": None})


def test_an_entry_may_become_several_annotations(root: Path) -> None:
    class Frames(BaseDataset):
        def parse_data_info(self, raw_data_info: dict[str, Any]) -> Any:
            return [{**raw_data_info, "frame": frame} for frame in range(3)]

    dataset = Frames(ann_file="ann.json", data_root=str(root))
    assert [each["frame"] for each in map(dataset.get_data_info, range(6))] == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("wrong", [3, [1]])
def test_a_parser_that_returns_no_annotation_is_told_the_entry(root: Path, wrong: Any) -> None:
    class Bad(BaseDataset):
        def parse_data_info(self, raw_data_info: dict[str, Any]) -> Any:
            return wrong

    with pytest.raises(TypeError, match=r"entry 0 of .*ann\.json it returned "):
        Bad(ann_file="ann.json", data_root=str(root))


def test_metainfo_of_the_argument_wins_over_the_class_and_that_over_the_file(root: Path) -> None:
    class Own(BaseDataset):
        METAINFO = {"task": "of the class", "palette": [3]}  # noqa: RUF012

    dataset = Own(ann_file="ann.json", data_root=str(root), metainfo={"palette": [4]})
    assert dataset.metainfo == {
        "task": "of the class",
        "palette": [4],
        "classes": ["of the file"],
    }
    assert Own.METAINFO["palette"] == [3]


def test_metainfo_that_names_a_file_is_its_lines_and_other_text_is_kept(tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("cat\ndog\n", "utf-8")
    meta = {"classes": str(names), "source": "no_file.txt", "note": "text"}
    assert Numbered(1, metainfo=meta).metainfo == {
        "classes": ["cat", "dog"],
        "palette": [1, 2],
        "source": "no_file.txt",
        "note": "text",
    }


def test_the_metainfo_that_is_given_out_is_a_copy() -> None:
    dataset = Numbered(1)
    dataset.metainfo["palette"].append(9)
    assert dataset.metainfo["palette"] == [1, 2]


def test_metainfo_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(TypeError, match="metainfo must be a mapping, got 'cat'"):
        Numbered(1, metainfo="cat")


@PACKED
def test_annotations_can_be_changed_without_changing_the_data_set(serialize_data: bool) -> None:
    dataset = Numbered(3, serialize_data=serialize_data)
    dataset.get_data_info(1)["value"] = 99
    assert dataset.get_data_info(1) == {"value": 1, "img_path": "images/1.png", "sample_idx": 1}


@PACKED
def test_negative_indices_count_from_the_end(serialize_data: bool) -> None:
    dataset = Numbered(3, serialize_data=serialize_data)
    assert dataset.get_data_info(-1)["sample_idx"] == 2
    assert dataset[-3]["value"] == 0
    for index in (3, -4):
        with pytest.raises(IndexError):
            dataset.get_data_info(index)


def test_packed_annotations_are_two_arrays_and_no_list() -> None:
    dataset = Numbered(3)
    assert dataset.data_list == []
    assert dataset.data_bytes.dtype == np.uint8
    assert len(dataset.data_bytes) == dataset.data_address[-1] > 0
    plain = Numbered(3, serialize_data=False)
    assert len(plain.data_list) == 3
    assert plain.data_bytes.size == plain.data_address.size == 0


@PACKED
def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path, serialize_data: bool) -> None:
    file = tmp_path / "later.json"
    dataset = BaseDataset(ann_file=str(file), lazy_init=True, serialize_data=serialize_data)
    assert dataset.metainfo == {}
    file.write_text(json.dumps({"metainfo": {}, "data_list": [{"img_path": "a"}]}), "utf-8")
    assert len(dataset) == 1


def test_reading_a_sample_of_a_lazy_data_set_loads_it_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    dataset = Numbered(3, lazy_init=True)
    assert dataset[2]["value"] == 2
    assert "call full_init() before" in caplog.text
    dataset[1]
    assert len(caplog.records) == 1


def test_force_full_init_names_a_class_without_it() -> None:
    class Plain:
        @force_full_init
        def size(self) -> int:
            return 1

    with pytest.raises(AttributeError, match="Plain has no full_init"):
        Plain().size()


@PACKED
@pytest.mark.parametrize(
    ("indices", "expected"),
    [
        (3, [0, 1, 2]),
        (-3, [7, 8, 9]),
        (0, []),
        (99, [*range(10)]),
        ([5, 1, 1, -1], [5, 1, 1, 9]),
        ((2,), [2]),
        (np.array([4, 2]), [4, 2]),
        ([], []),
    ],
)
def test_indices_choose_samples_as_in_mmengine(
    indices: Any, expected: list[int], serialize_data: bool
) -> None:
    assert values(Numbered(10, indices=indices, serialize_data=serialize_data)) == expected
    dataset = Numbered(10, serialize_data=serialize_data)
    subset = dataset.get_subset(indices)
    assert values(subset) == expected
    assert values(dataset) == [*range(10)]
    assert type(subset) is Numbered
    assert subset.metainfo == dataset.metainfo
    dataset.get_subset_(indices)
    assert values(dataset) == expected
    if expected:
        assert dataset[0]["sample_idx"] == 0


@PACKED
def test_a_changed_subset_leaves_the_whole_alone(serialize_data: bool) -> None:
    dataset = Numbered(4, serialize_data=serialize_data)
    subset = dataset.get_subset([1, 2])
    subset.get_subset_([0])
    subset._metainfo["palette"].append(7)
    assert values(subset) == [1]
    assert values(dataset) == [0, 1, 2, 3]
    assert dataset.metainfo["palette"] == [1, 2]


@pytest.mark.parametrize("indices", ["12", 1.5, {1: 2}])
def test_indices_of_another_type_are_refused(indices: Any) -> None:
    with pytest.raises(TypeError, match="indices must be an int or a sequence of ints"):
        Numbered(3, indices=indices)


def test_an_index_beyond_the_data_is_named() -> None:
    with pytest.raises(IndexError, match="indices has 7; Numbered has 3 samples"):
        Numbered(3).get_subset([0, 7])


def test_filtering_comes_before_choosing_indices() -> None:
    assert values(EvenOnly(10, filter_cfg={"step": 2}, indices=3)) == [0, 2, 4]


def test_a_sample_that_the_pipeline_refuses_is_replaced_by_another() -> None:
    dataset = Numbered(10, pipeline=[refuse_small])
    np.random.seed(0)
    assert all(dataset[0]["value"] >= 5 for _ in range(20))
    assert dataset[7]["value"] == 7


def test_the_search_for_another_sample_ends() -> None:
    with pytest.raises(RuntimeError, match=r"None for 4 samples of Numbered in a row.*img_path="):
        Numbered(10, pipeline=[refuse_all], max_refetch=3)[0]


def test_a_test_refuses_to_leave_a_sample_out() -> None:
    dataset = Numbered(10, pipeline=[refuse_small], test_mode=True)
    with pytest.raises(ValueError, match=r"sample 2 of Numbered, img_path=images/2\.png"):
        dataset[2]


def test_an_error_of_the_pipeline_names_transform_sample_and_path() -> None:
    with pytest.raises(OSError, match="broken picture") as caught:
        Numbered(10, pipeline=[fail_at_three])[3]
    assert caught.value.__notes__ == [
        "in the transform fail_at_three",
        "sample 3 of Numbered, img_path=images/3.png",
    ]


def _error_of(loader: DataLoader[Any]) -> str:
    """What reading a pass says; its workers are ended, which takes seconds if left to torch."""
    batches: Any = iter(loader)
    try:
        list(batches)
    except OSError as error:
        return str(error)
    finally:
        batches._shutdown_workers()
    return "nothing"


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_an_error_in_a_worker_names_transform_sample_and_path(start_method: str) -> None:
    if start_method == "fork" and not hasattr(__import__("os"), "fork"):
        pytest.skip("this platform has no fork")
    loader = DataLoader(
        Numbered(10, pipeline=[fail_at_three]),
        batch_size=2,
        num_workers=1,
        collate_fn=pseudo_collate,
        multiprocessing_context=start_method,
    )
    text = _error_of(loader)
    assert "broken picture" in text
    assert "worker process 0" in text
    assert "in the transform fail_at_three" in text
    assert "sample 3 of Numbered, img_path=images/3.png" in text


def test_class_ids_are_for_the_data_set_to_give() -> None:
    with pytest.raises(NotImplementedError, match="Numbered must override get_cat_ids"):
        Numbered(3).get_cat_ids(0)
