"""`serialize_data="mmap"`: annotations from an index that is built once and mapped."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counted import Counted, Typed, first_of, write
from torch.utils.data import DataLoader

from engine_dataset import BaseDataset
from engine_dataset.annotation_index import MappedList, TextList, open_index, write_index
from engine_dataset.indexed_loading import cache_folder


@pytest.fixture
def ann_file(tmp_path: Path) -> str:
    return write(tmp_path)


@pytest.fixture
def mapped(ann_file: str, tmp_path: Path) -> Callable[..., Counted]:
    """Makes the data set."""

    def make(**settings: Any) -> Counted:
        settings = {"index_dir": str(tmp_path / "index"), **settings}
        return Counted(ann_file=ann_file, serialize_data="mmap", **settings)

    return make


def loads(ann_file: str) -> int:
    return len(Path(f"{ann_file}.loads").read_text().splitlines())


def infos(dataset: BaseDataset) -> list[dict[str, Any]]:
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def test_it_holds_what_a_packed_data_set_holds(
    ann_file: str, mapped: Callable[..., Counted]
) -> None:
    packed = Counted(ann_file=ann_file)
    for dataset in (mapped(), mapped()):
        assert infos(dataset) == infos(packed)
        assert dataset.metainfo == packed.metainfo == {"task": "toy"}
        assert dataset.by_label == {0: "0.jpg", 1: "1.jpg", 2: "2.jpg"}
        assert dataset.data_list == [] and dataset[-1]["sample_idx"] == 2
        assert dataset.data_address[-1] == len(dataset.data_bytes) > 0
    assert loads(ann_file) == 2  # the packed one, and the first of the mapped


def test_what_changes_the_annotations_builds_it_anew(
    ann_file: str, mapped: Callable[..., Counted], tmp_path: Path
) -> None:
    mapped()
    mapped(pipeline=[dict], max_refetch=3)  # say nothing about the annotations
    assert loads(ann_file) == 1
    assert infos(mapped(data_prefix={"img_path": "train"}))[0]["img_path"].startswith("train")
    assert len(mapped(indices=2)) == 2 and len(mapped(indices=[2])) == 1
    assert loads(ann_file) == 4
    write(tmp_path, 5)
    assert len(mapped()) == 5

    class Counted2(Counted):
        pass

    other = Counted2(ann_file=ann_file, serialize_data="mmap", index_dir=str(tmp_path / "index"))
    assert len(other) == 5 and loads(ann_file) == 6


def test_methods_that_are_typed_in_count_too(ann_file: str, tmp_path: Path) -> None:
    def made(body: str) -> BaseDataset:
        names: dict[str, Any] = {"BaseDataset": BaseDataset, "__name__": "typed_in"}
        exec(f"class Own(BaseDataset):\n  def load_data_list(self): return {body}", names)
        index = str(tmp_path / "index")
        return names["Own"](ann_file=ann_file, serialize_data="mmap", index_dir=index)

    assert [len(made(body)) for body in ("[{}]", "[{}] * 2", "[{}] * 3", "[{}]")] == [1, 2, 3, 1]
    assert len([*(tmp_path / "index").glob("*.index")]) == 3


def test_types_that_json_lacks_are_kept(ann_file: str, tmp_path: Path) -> None:
    for _ in range(2):
        dataset = Typed(ann_file=ann_file, serialize_data="mmap", index_dir=str(tmp_path))
        info = dataset.get_data_info(1)
        assert info["size"] == (3, 4) and info[7] == {1, 2}
        assert info["box"].dtype == np.float32 and info["box"].tolist() == [[0, 1, 2, 3]]
        info["box"] += 1  # a copy of its own
        assert dataset.get_data_info(1)["box"].max() == 3


def test_a_subset_is_taken_in_memory(mapped: Callable[..., Counted]) -> None:
    dataset = mapped()
    subset = dataset.get_subset([2, 0])
    assert [each["label"] for each in infos(subset)] == [2, 0] and len(dataset) == 3
    sent = pickle.loads(pickle.dumps(subset._packed))
    assert type(sent) is TextList and sent[0]["label"] == 2
    dataset.get_subset_(1)
    assert infos(dataset) == [{"img_path": "0.jpg", "label": 0, "sample_idx": 0}]


def test_it_goes_to_another_process_as_a_path(mapped: Callable[..., Counted]) -> None:
    dataset = mapped()
    sent = pickle.dumps(dataset._packed)
    assert b"0.jpg" not in sent and isinstance(pickle.loads(sent), MappedList)
    loader = DataLoader(
        dataset,
        batch_size=None,
        num_workers=1,
        multiprocessing_context=multiprocessing.get_context("spawn"),
    )
    assert [each["label"] for each in loader] == [0, 1, 2]


def test_of_several_processes_one_builds_it(ann_file: str, tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = [*pool.map(first_of, [ann_file] * 2, [str(tmp_path)] * 2)]
    assert found == [{"img_path": "0.jpg", "label": 0, "sample_idx": 0}] * 2
    assert loads(ann_file) == 1


def test_a_file_that_is_cut_off_or_something_else_is_built_anew(
    ann_file: str, mapped: Callable[..., Counted], tmp_path: Path
) -> None:
    whole = infos(mapped())
    (path,) = (tmp_path / "index").glob("*.index")
    content = path.read_bytes()
    for damaged in (content[:-1], content[:40], b"", b"x" * len(content), content + b"x"):
        path.write_bytes(damaged)
        assert open_index(path) is None
    assert infos(mapped()) == whole and loads(ann_file) == 2


def test_a_strangers_index_executes_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "executed"),)

    path = tmp_path / "a.index"
    write_index(path, [{"a": 1}, {"b": 2}], {})
    content = path.read_bytes()
    evil = pickle.dumps(Evil())
    path.write_bytes(content.replace(b'J{"a":1}', evil[:8].ljust(8)))
    found = open_index(path)
    assert found is not None and found.annotations[1] == {"b": 2}
    with pytest.raises(ValueError, match=r"index damaged|codec"):
        found.annotations[0]
    for kind in ("O", "V8", "nonsense"):
        text = json.dumps({"!": ["array", kind, [1], "AAAAAAAAAAA="]}).encode()
        write_index(path, [{}], {})
        with pytest.raises(ValueError, match="is the index damaged"):
            TextList.from_arrays(np.frombuffer(b"T" + text, np.uint8), np.array([len(text) + 1]))[0]
    assert not (tmp_path / "executed").exists()


def test_ends_that_lie_are_an_error_of_that_annotation(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    write_index(path, [{"a": 1}, {"b": 2}], {})
    content = bytearray(path.read_bytes())
    content[-8:] = np.int64(2**62).tobytes()
    content[-16:-8] = np.int64(-5).tobytes()
    path.write_bytes(content)
    found = open_index(path)
    assert found is not None
    for index in (0, 1):
        with pytest.raises(ValueError, match="index damaged"):
            found.annotations[index]


def test_what_cannot_be_kept_is_named(ann_file: str, tmp_path: Path) -> None:
    class Holding(BaseDataset):
        def load_data_list(self) -> list[dict[str, Any]]:
            return [{"a": 1}, {"a": object()}]

    class Setting(BaseDataset):
        def load_data_list(self) -> list[dict[str, Any]]:
            self.reader = object()
            return []

    settings = {"ann_file": ann_file, "serialize_data": "mmap", "index_dir": str(tmp_path / "i")}
    with pytest.raises(TypeError, match=r"annotation 1 holds a builtins\.object, .*=True"):
        Holding(**settings)
    with pytest.raises(TypeError, match=r"Setting\.reader is or holds a builtins\.object, .*ign"):
        Setting(**settings)
    assert not [*tmp_path.rglob("*.index")]
    Setting.index_ignores = ("reader",)
    assert len(Setting(**settings)) == 0


def test_without_a_file_to_go_by_it_is_refused(tmp_path: Path, ann_file: str) -> None:
    class Scanning(BaseDataset):
        def load_data_list(self) -> list[dict[str, Any]]:
            return [{}]

    class Saying(Scanning):
        def index_sources(self) -> list[str]:
            return [ann_file]

    with pytest.raises(ValueError, match=r"Scanning has no ann_file, .* index_sources"):
        Scanning(serialize_data="mmap", index_dir=str(tmp_path))
    assert len(Saying(serialize_data="mmap", index_dir=str(tmp_path))) == 1
    with pytest.raises(ValueError, match="must be a bool or \"mmap\", got 'map'"):
        Scanning(serialize_data="map")
    with pytest.raises(FileNotFoundError):
        BaseDataset(ann_file=f"{ann_file}.not", serialize_data="mmap", index_dir=str(tmp_path))


def test_a_class_with_a_full_init_of_its_own_packs_in_memory(ann_file: str) -> None:
    class Own(BaseDataset):
        def full_init(self) -> None:
            self.data_list = self.load_data_list()
            if self.serialize_data:
                self.data_bytes, self.data_address = self._serialize_data()
            self._fully_initialized = True

    with pytest.warns(UserWarning, match="Own loads its annotations by a full_init of its own"):
        dataset = Own(ann_file=ann_file, serialize_data="mmap")
    assert dataset[1]["label"] == 1


def test_a_folder_that_cannot_be_written_to_is_named(ann_file: str, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OSError) as caught:
        BaseDataset(ann_file=ann_file, serialize_data="mmap", index_dir=str(blocked))
    assert "index_dir=" in caught.value.__notes__[0]


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "engine" / "annotations"
