from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from engine_visual.drawing import draw_featmap
from engine_visual.drawing.feature_map import convert_overlay_heatmap, jet

FEATURES = torch.rand(5, 7, 9, generator=torch.Generator().manual_seed(0))
IMAGE = np.full((14, 20, 3), 200, np.uint8)


def heat(values: torch.Tensor) -> np.ndarray:
    """The picture of one channel (H, W), worked out with torch."""
    unit = (values - values.min()) / (values.max() - values.min())
    return jet()[(unit * 255).to(torch.uint8).numpy()]


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """One of 255 steps of a colour is 4 grey levels; rounding may take the next one."""
    return a.shape == b.shape and np.abs(a.astype(int) - b).max() <= 5


def test_jet_goes_from_dark_blue_by_green_to_dark_red() -> None:
    colors = jet()
    assert colors.shape == (256, 3)
    assert colors[[0, -1]].tolist() == [[0, 0, 128], [128, 0, 0]]
    assert colors[128, 1] == 255


def test_channels_are_averaged() -> None:
    assert close(draw_featmap(FEATURES), heat(FEATURES.mean(0)))


def test_the_channel_with_the_largest_sum_is_selected() -> None:
    best = FEATURES[FEATURES.sum((1, 2)).argmax()]
    assert close(draw_featmap(FEATURES, channel_reduction="select_max"), heat(best))


def test_the_map_takes_the_images_size_as_torch_interpolates() -> None:
    large = interpolate(FEATURES[None], (14, 20), mode="bilinear", align_corners=False)[0]
    assert close(draw_featmap(FEATURES, IMAGE, alpha=1.0), heat(large.mean(0)))
    best = large[large.sum((1, 2)).argmax()]
    assert close(draw_featmap(FEATURES, IMAGE, "select_max", alpha=1.0), heat(best))


def test_the_map_is_blended_over_the_image() -> None:
    over = draw_featmap(FEATURES, IMAGE, alpha=1.0)
    mixed = draw_featmap(FEATURES, IMAGE, alpha=0.25)
    assert close(mixed, np.rint(over * 0.25 + IMAGE * 0.75))
    assert (draw_featmap(FEATURES, IMAGE, alpha=0) == IMAGE).all()


def test_both_are_resized_where_a_shape_is_given() -> None:
    assert draw_featmap(FEATURES, IMAGE, resize_shape=(6, 8)).shape == (6, 8, 3)


def test_the_best_channels_stand_side_by_side() -> None:
    sheet = draw_featmap(FEATURES, channel_reduction=None, topk=3, arrangement=(2, 2))
    assert sheet.shape == (14, 18, 3)
    order = FEATURES.sum((1, 2)).argsort(descending=True)
    assert close(sheet[:7, :9], heat(FEATURES[order[0]]))
    assert close(sheet[:7, 9:], heat(FEATURES[order[1]]))
    assert close(sheet[7:, :9], heat(FEATURES[order[2]]))
    assert (sheet[7:, 9:] == 255).all()


def test_three_channels_are_an_image_without_topk() -> None:
    picture = draw_featmap(FEATURES[:3], channel_reduction=None, topk=-1)
    low, high = FEATURES[:3].min(), FEATURES[:3].max()
    unit = ((FEATURES[:3] - low) / (high - low) * 255).permute(1, 2, 0).numpy()
    assert np.abs(picture - unit).max() <= 1
    one = draw_featmap(FEATURES[:1], channel_reduction=None, topk=0)
    assert close(one, heat(FEATURES[0]))


def test_a_constant_map_is_all_low() -> None:
    assert (draw_featmap(np.ones((2, 3, 4))) == (0, 0, 128)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"featmap": np.ones((3, 4))}, r"\(C, H, W\), got \(3, 4\)"),
        ({"channel_reduction": "mean"}, "squeeze_mean"),
        ({"channel_reduction": None, "topk": 0}, "5 channels"),
        ({"channel_reduction": None, "topk": 5, "arrangement": (2, 2)}, "no room for topk=5"),
        ({"featmap": np.full((2, 3, 4), np.nan)}, r"featmap\[0\] is not finite"),
    ],
)
def test_what_cannot_be_drawn_is_told(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw_featmap(**{"featmap": FEATURES, **arguments})


def test_a_map_over_a_picture_has_the_colours_of_mmengine() -> None:
    # of 0.10.7, which rounds some levels the other way
    alone = [[0, 240, 255], [78, 255, 178], [174, 255, 82], [255, 244, 0]]
    over = [[70, 142, 146], [93, 146, 123], [122, 146, 95], [146, 143, 70]]
    values, image = torch.arange(12.0).view(3, 4), np.full((3, 4, 3), 100, np.uint8)
    found = convert_overlay_heatmap(values)
    assert np.abs(found[1].astype(int) - alone).max() <= 1
    assert (convert_overlay_heatmap(values[None].numpy()) == found).all()
    found = convert_overlay_heatmap(values, image, 0.3)
    assert np.abs(found[1].astype(int) - over).max() <= 1
    assert (convert_overlay_heatmap(torch.ones(2, 2)) == [0, 0, 128]).all()
