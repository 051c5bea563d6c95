from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine_structures import BaseDataElement, InstanceData
from engine_visual import LocalVisBackend, NoImageError, Visualizer

IMAGE = np.full((80, 120, 3), 200, np.uint8)
LOCAL = {"type": "LocalVisBackend"}


@pytest.fixture(autouse=True)
def no_instances() -> Iterator[None]:
    yield
    Visualizer._instance_dict.clear()


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_backends_write_below_vis_data(tmp_path: Path) -> None:
    v = Visualizer(vis_backends=[LOCAL], save_dir=str(tmp_path))
    v.add_config({"lr": 0.1})
    v.add_scalar("loss", torch.tensor(0.5), step=1)
    v.add_scalars({"acc": 0.25, "map": np.float32(0.5)}, step=2, file_path="further.json")
    v.add_image("train/cat", IMAGE[..., 0] / 255, step=3)
    v.close()
    folder = tmp_path / "vis_data"
    assert lines_of(folder / "scalars.json") == [
        {"loss": 0.5, "step": 1},
        {"acc": 0.25, "map": 0.5, "step": 2},
    ]
    assert lines_of(folder / "further.json") == [{"acc": 0.25, "map": 0.5, "step": 2}]
    assert "lr" in (folder / "config.py").read_text(encoding="utf-8")
    with Image.open(folder / "vis_image" / "train" / "cat_3.png") as image:
        assert (np.asarray(image) == IMAGE).all()


def test_several_backends_are_all_told(tmp_path: Path) -> None:
    own = LocalVisBackend(str(tmp_path / "own"))
    configs = [LOCAL, {**LOCAL, "name": "second", "save_dir": str(tmp_path / "b")}]
    v = Visualizer(vis_backends=configs, save_dir=str(tmp_path / "a"))
    both = Visualizer(vis_backends=own)
    for one in (v, both):
        one.add_scalar("loss", 1.0)
        one.close()
    for folder in ("a/vis_data", "b", "own"):
        assert lines_of(tmp_path / folder / "scalars.json") == [{"loss": 1.0, "step": 0}]
    assert v.get_backend("second") is not v.get_backend("LocalVisBackend") is not None
    assert v.get_backend("third") is None
    assert both.get_backend("LocalVisBackend") is own


def test_a_config_of_one_backend_needs_no_list(tmp_path: Path) -> None:
    v = Visualizer(vis_backends=LOCAL, save_dir=str(tmp_path))
    assert isinstance(v.get_backend("LocalVisBackend"), LocalVisBackend)


def test_without_a_folder_a_config_builds_nothing() -> None:
    v = Visualizer(vis_backends=[LOCAL])
    v.add_scalar("loss", 1.0)
    assert v.get_backend("LocalVisBackend") is None


@pytest.mark.parametrize("folder", [None, "work"])
@pytest.mark.parametrize(
    ("backends", "kind"),
    [({"type": "LocalVisBackendd"}, KeyError), ({}, KeyError), (3, TypeError), ("a", TypeError)],
)
def test_a_wrong_backend_is_told_with_and_without_a_folder(
    backends: Any, kind: type[Exception], folder: str | None
) -> None:
    for each in (backends, [backends]):
        with pytest.raises(kind):
            Visualizer(vis_backends=each, save_dir=folder)


def test_two_backends_of_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="two back-ends are called 'LocalVisBackend'"):
        Visualizer(vis_backends=[LOCAL, LOCAL], save_dir=str(tmp_path))


def test_the_configs_are_left_as_they_are(tmp_path: Path) -> None:
    config = {"type": "LocalVisBackend", "name": "a"}
    Visualizer(vis_backends=[config], save_dir=str(tmp_path))
    assert config == {"type": "LocalVisBackend", "name": "a"}


def test_instances_are_global_and_of_all_base_classes() -> None:
    class Mine(Visualizer):
        pass

    mine = Mine.get_instance("a")
    assert Mine.get_instance("a") is Visualizer.get_instance("a") is mine
    assert Visualizer.get_current_instance() is Mine.get_current_instance() is mine
    assert mine.instance_name == "a"
    other = Visualizer.get_instance("b")
    assert Visualizer.get_current_instance() is other
    assert Mine.get_current_instance() is mine


def test_a_sample_goes_to_the_backends_or_to_a_file(tmp_path: Path) -> None:
    sample = BaseDataElement()
    sample.pred_instances = InstanceData(
        bboxes=torch.tensor([[10.0, 10, 60, 60]]), scores=torch.tensor([0.9])
    )
    v = Visualizer(vis_backends=[LOCAL], save_dir=str(tmp_path))
    v.add_datasample("val", IMAGE, sample, step=7)
    v.add_datasample("val", IMAGE, sample, out_file=tmp_path / "out" / "a.png", pred_score_thr=0.95)
    written = tmp_path / "vis_data" / "vis_image"
    assert [path.name for path in written.iterdir()] == ["val_7.png"]
    with Image.open(written / "val_7.png") as image:
        assert (np.asarray(image) != IMAGE).any()
    with Image.open(tmp_path / "out" / "a.png") as image:
        assert (np.asarray(image) == IMAGE).all()


def test_save_writes_what_is_drawn(tmp_path: Path) -> None:
    v = Visualizer(image=IMAGE)
    v.draw_bboxes(np.array([10, 10, 60, 60]))
    path = v.save(tmp_path / "new" / "a.png")
    with Image.open(path) as image:
        assert (np.asarray(image) == v.get_image()).all()
    with pytest.raises(NoImageError):
        Visualizer().save(tmp_path / "b.png")


def test_the_name_must_be_a_text() -> None:
    with pytest.raises(TypeError, match="the name must be a str"):
        Visualizer(name=3)  # type: ignore[arg-type]  # what is tested


def test_what_is_asked_for_beyond_mmengine_must_be_named() -> None:
    parameters = inspect.signature(Visualizer.add_datasample).parameters.values()
    named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert named == ["out_file", "pred_score_thr"]


def test_other_processes_draw_and_show_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    v = Visualizer(vis_backends=[LOCAL], save_dir=str(tmp_path))
    v.add_datasample("a", IMAGE, out_file=tmp_path / "a.png")
    v.show(IMAGE)
    v.add_scalar("loss", 1.0)
    v.close()
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize("color", [1.5, {"a": 1}, [1], object()])
def test_a_colour_of_a_wrong_type_is_a_type_error(color: Any) -> None:
    visualizer = Visualizer(image=np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(TypeError, match="is no colour"):
        visualizer.draw_bboxes(np.array([[1, 1, 3, 3]]), edge_colors=color)


def test_styles_of_wrong_types_have_the_classes_of_mmengines_errors() -> None:
    visualizer = Visualizer(image=np.zeros((9, 9, 3), np.uint8))
    ends = np.array([1, 2])
    with pytest.raises(TypeError, match="no line style"):
        visualizer.draw_lines(ends, ends, line_styles=1)
    with pytest.raises(ValueError, match="sizes must be numbers"):
        visualizer.draw_points(np.array([[1, 1]]), sizes="x")
    for option in ({"font_sizes": "x"}, {"font_families": 1}, {"font_properties": 1}):
        with pytest.raises(TypeError):
            visualizer.draw_texts("a", ends, **option)
