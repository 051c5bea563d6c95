from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from engine_structures import BaseDataElement, InstanceData, LabelData, PixelData
from engine_visual import Look, Visualizer, draws_field, samples

IMAGE = np.full((80, 120, 3), 255, np.uint8)
RED, BLUE = (255, 0, 0), (0, 0, 255)
META = {"classes": ["cat", "dog"], "palette": [RED, BLUE]}


@pytest.fixture
def v() -> Visualizer:
    made = Visualizer()
    made.dataset_meta = META
    return made


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The table of drawings, put back afterwards."""
    monkeypatch.setattr(samples, "_drawers", dict(samples._drawers))
    yield samples._drawers


def drawn(v: Visualizer, sample: Any, **options: Any) -> np.ndarray:
    v.add_datasample("a", IMAGE, sample, **options)
    return v.get_image()


def has(image: np.ndarray, color: tuple[int, int, int]) -> bool:
    """Whether there are pixels that lie close to ``color``."""
    return bool((np.abs(image.astype(int) - color).max(axis=-1) < 60).any())


def instances(**fields: Any) -> InstanceData:
    return InstanceData(bboxes=torch.tensor([[10.0, 30, 50, 70], [60, 30, 110, 70]]), **fields)


def test_no_sample_is_the_image(v: Visualizer) -> None:
    assert (drawn(v, None) == IMAGE).all()
    assert (drawn(v, BaseDataElement()) == IMAGE).all()


def test_something_else_is_refused(v: Visualizer) -> None:
    with pytest.raises(TypeError, match="must be a BaseDataElement, got dict"):
        drawn(v, {"bboxes": 1})


def test_boxes_take_the_colours_of_their_classes(v: Visualizer) -> None:
    image = drawn(v, instances(labels=torch.tensor([0, 1])))
    assert has(image[30:, 10:55], RED) and not has(image[30:, 10:55], BLUE)
    assert has(image[:, 60:], BLUE)


def test_instances_below_the_score_are_left_out(v: Visualizer) -> None:
    data = instances(labels=torch.tensor([0, 1]), scores=torch.tensor([0.9, 0.2]))
    image = drawn(v, data)
    assert has(image, RED) and not has(image, BLUE)
    assert has(drawn(v, data, pred_score_thr=0.1), BLUE)


def test_labels_and_predictions_lie_side_by_side(v: Visualizer) -> None:
    sample = BaseDataElement()
    sample.gt_instances = instances(labels=torch.tensor([0, 0]))
    sample.pred_instances = instances(labels=torch.tensor([1, 1]), scores=torch.tensor([0.9, 0.8]))
    image = drawn(v, sample)
    assert image.shape == (80, 240, 3)
    assert has(image[:, :120], RED) and has(image[:, 120:], BLUE)
    assert drawn(v, sample, draw_gt=False).shape == IMAGE.shape
    assert has(drawn(v, sample, draw_gt=False), BLUE)
    assert (drawn(v, sample, draw_gt=False, draw_pred=False) == IMAGE).all()


def test_ground_truth_is_not_cut_by_scores(v: Visualizer) -> None:
    sample = BaseDataElement()
    sample.gt_instances = instances(labels=torch.tensor([0, 0]), scores=torch.tensor([0.0, 0.0]))
    assert has(drawn(v, sample), RED)


def test_masks_polygons_and_key_points_are_drawn(v: Visualizer) -> None:
    square = np.array([[20.0, 20], [40, 20], [40, 40]])
    masks = torch.zeros(1, 80, 120, dtype=torch.bool)
    masks[:, 10:20, 10:20] = True
    for data in (
        InstanceData(masks=masks),
        InstanceData(polygons=[square], labels=torch.tensor([1])),
        InstanceData(keypoints=torch.tensor([[[20.0, 20], [40, 40]]])),
    ):
        assert (drawn(v, data) != IMAGE).any()


def test_key_points_that_are_not_seen_are_left_out(v: Visualizer) -> None:
    points = torch.tensor([[[20.0, 20], [90, 60]]])
    v.dataset_meta = {"skeleton_links": [(0, 1)]}
    image = drawn(v, InstanceData(keypoints=points, keypoint_scores=torch.tensor([[0.9, 0.1]])))
    assert (image[:30, :30] != 255).any() and (image[40:, 60:] == 255).all()


def test_pixels_take_the_colours_of_their_labels(v: Visualizer) -> None:
    labels = torch.full((1, 80, 120), 255)
    labels[:, :40], labels[:, 40:60] = 0, 1
    image = drawn(v, PixelData(sem_seg=labels))
    assert image[10, 10].tolist() == [255, 127, 127] and image[50, 10].tolist() == [127, 127, 255]
    assert (image[60:] == 255).all()


def test_heat_maps_lie_over_the_image(v: Visualizer) -> None:
    assert (drawn(v, PixelData(heatmaps=torch.rand(3, 80, 120))) != IMAGE).any()


@pytest.mark.parametrize("score", [torch.tensor([0.1, 0.9]), torch.tensor([0.9]), None])
def test_labels_of_images_are_written(v: Visualizer, score: torch.Tensor | None) -> None:
    sample = BaseDataElement()
    sample.gt_label = LabelData(label=torch.tensor([1]))
    sample.set_field(torch.tensor([1]), "pred_label")
    if score is not None:
        sample.set_field(score, "pred_score")
    image = drawn(v, sample)
    assert image.shape == (80, 240, 3)
    assert (image[:30, :60] != 255).any() and (image[:30, 120:180] != 255).any()


def test_empty_instances_draw_nothing(v: Visualizer) -> None:
    empty = InstanceData(
        bboxes=torch.zeros(0, 4),
        labels=torch.zeros(0, dtype=torch.long),
        masks=torch.zeros(0, 80, 120, dtype=torch.bool),
        keypoints=torch.zeros(0, 3, 2),
        scores=torch.zeros(0),
    )
    assert (drawn(v, empty) == IMAGE).all()


def test_a_library_adds_fields_of_its_own(v: Visualizer, table: dict[str, Any]) -> None:
    seen = []

    @draws_field("lanes")
    def draw_lanes(surface: Visualizer, fields: dict[str, Any], look: Look) -> None:
        seen.append((sorted(fields), look.name(1)))
        for lane in fields["lanes"]:
            surface.draw_lines(lane[:, 0], lane[:, 1], colors="b")

    lanes = [np.array([[10, 10], [90, 70]])]
    assert has(drawn(v, InstanceData(lanes=lanes, width=[3])), BLUE)
    assert seen == [(["lanes", "width"], "dog")]
    assert list(table)[-1] == "lanes"


def test_a_field_drawn_first_lies_below_the_others(v: Visualizer, table: dict[str, Any]) -> None:
    order = list(table)

    @draws_field("ground", first=True)
    def draw_ground(surface: Visualizer, fields: dict[str, Any], look: Look) -> None: ...

    @draws_field("masks")
    def draw_masks(surface: Visualizer, fields: dict[str, Any], look: Look) -> None: ...

    assert list(table) == ["ground", *order]
    assert table["masks"] is draw_masks


def test_a_look_has_a_name_and_a_colour_for_every_label() -> None:
    look = samples.look_of({"CLASSES": ("a",), "PALETTE": [RED]})
    assert (look.name(0), look.name(5)) == ("a", "5")
    assert look.color(0) == RED and look.color(5) == look.color(5) != look.color(6)
    assert samples.look_of({"palette": "random"}).colors == ()
    assert samples.look_of(None) == Look()
