from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

from engine_visual import NoImageError, Visualizer

BOX = np.array([20, 20, 60, 50])
# each method with something to draw
DRAWS: dict[str, dict[str, Any]] = {
    "draw_bboxes": {"bboxes": BOX},
    "draw_lines": {"x_datas": np.array([5, 60]), "y_datas": np.array([5, 70])},
    "draw_circles": {"center": np.array([40, 40]), "radius": np.array([20])},
    "draw_points": {"positions": np.array([40, 40])},
    "draw_polygons": {"polygons": np.array([[5, 5], [60, 10], [30, 70]])},
    "draw_texts": {"texts": "a text", "positions": np.array([5, 5])},
    "draw_binary_masks": {"binary_masks": np.eye(80, 120, dtype=bool)},
}
# the same with nothing
EMPTY: dict[str, dict[str, Any]] = {
    "draw_bboxes": {"bboxes": np.zeros((0, 4))},
    "draw_lines": {"x_datas": np.zeros((0, 2)), "y_datas": np.zeros((0, 2))},
    "draw_circles": {"center": np.zeros((0, 2)), "radius": np.zeros(0)},
    "draw_points": {"positions": torch.zeros(0, 2)},
    "draw_polygons": {"polygons": []},
    "draw_texts": {"texts": [], "positions": np.zeros((0, 2))},
    "draw_binary_masks": {"binary_masks": np.zeros((0, 80, 120), bool)},
}


@pytest.mark.parametrize("method", DRAWS)
def test_calls_are_chained_and_change_the_picture(white: Visualizer, method: str) -> None:
    assert getattr(white, method)(**DRAWS[method]) is white
    assert (white.get_image() != 255).any()


@pytest.mark.parametrize("method", DRAWS)
def test_tensors_draw_what_arrays_draw(white: Visualizer, method: str) -> None:
    getattr(white, method)(**DRAWS[method])
    first = white.get_image()
    white.set_image(np.full((80, 120, 3), 255, np.uint8))
    tensors = {
        key: torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        for key, value in DRAWS[method].items()
    }
    getattr(white, method)(**tensors)
    assert (white.get_image() == first).all()


@pytest.mark.parametrize("method", EMPTY)
def test_nothing_draws_nothing(white: Visualizer, method: str) -> None:
    getattr(white, method)(**EMPTY[method])
    assert (white.get_image() == 255).all()


@pytest.mark.parametrize("method", DRAWS)
def test_without_an_image_it_says_so(method: str) -> None:
    with pytest.raises(NoImageError, match="call set_image first"):
        getattr(Visualizer(), method)(**DRAWS[method])


@pytest.mark.parametrize("method", [name for name in DRAWS if name != "draw_binary_masks"])
def test_nan_is_refused_with_its_index(white: Visualizer, method: str) -> None:
    arguments = {
        key: np.stack([value, value * np.nan]) if isinstance(value, np.ndarray) else value
        for key, value in DRAWS[method].items()
    }
    if method == "draw_texts":
        arguments["texts"] = ["a", "b"]
    if method == "draw_polygons":
        arguments["polygons"] = list(arguments["polygons"])
    if method == "draw_circles":
        arguments["radius"] = np.array([1.0, 2.0])
    with pytest.raises(ValueError, match=r"\[1\].* is not finite"):
        getattr(white, method)(**arguments)


@pytest.mark.parametrize("method", ["draw_bboxes", "draw_circles", "draw_points"])
def test_what_reaches_out_is_cut_off_with_a_warning_once(white: Visualizer, method: str) -> None:
    key = next(iter(DRAWS[method]))
    arguments = {**DRAWS[method], key: DRAWS[method][key] + 100}
    with pytest.warns(UserWarning, match="reaches out of the image"):
        getattr(white, method)(**arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(white, method)(**arguments)


def test_the_image_is_copied_in_and_out() -> None:
    image = np.full((80, 120, 3), 255, np.uint8)
    v = Visualizer(image=image)
    v.draw_bboxes(BOX)
    v.get_image()[:] = 0
    assert (image == 255).all()
    assert v.get_image().any() and v.get_image().flags.writeable


@pytest.mark.parametrize("size", [(80, 120), (81, 123), (1, 1), (333, 7)])
def test_the_image_keeps_its_size(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    v = Visualizer(image=noise)
    assert (v.height, v.width) == size
    assert (v.get_image() == noise).all()


def test_edges_are_sharp_and_as_wide_as_told(white: Visualizer) -> None:
    white.draw_bboxes(BOX, edge_colors="k", line_widths=2, alpha=1)
    row = white.get_image()[35, :, 0]
    assert np.flatnonzero(row == 0).tolist() == [19, 20, 21, 59, 60, 61]
    assert set(row.tolist()) == {0, 255}


@pytest.mark.parametrize("width", [1, 2, 4, 9, 40])
def test_a_box_is_blended_once_everywhere(white: Visualizer, width: int) -> None:
    white.draw_bboxes(BOX, edge_colors="k", line_widths=width, alpha=0.5)
    assert set(white.get_image().ravel().tolist()) <= {255, 127, 128}


def test_styles_belong_to_elements(white: Visualizer) -> None:
    boxes = np.array([[5, 5, 20, 20], [30, 5, 50, 20], [60, 5, 80, 20]])
    white.draw_bboxes(boxes, ["r", "b"], line_widths=[1, 2], alpha=1)
    image = white.get_image()
    assert image[10, 5].tolist() == image[10, 60].tolist() == [255, 0, 0]
    assert image[10, 30].tolist() == [0, 0, 255]


def test_opacities_belong_to_elements(white: Visualizer) -> None:
    boxes = np.array([[5, 5, 20, 20], [30, 5, 50, 20]])
    white.draw_bboxes(boxes, "none", face_colors="k", alpha=[1.0, 0.2])
    assert white.get_image()[10, [10, 40], 0].tolist() == [0, 204]


def test_a_box_in_the_wrong_order_is_named(white: Visualizer) -> None:
    boxes = np.array([[0, 0, 5, 5], [50, 0, 5, 5]])
    with pytest.raises(ValueError, match=r"bboxes\[1\] must be \(x1, y1, x2, y2\) in order"):
        white.draw_bboxes(boxes)


def test_a_box_of_no_area_is_a_dot(white: Visualizer) -> None:
    white.draw_bboxes(np.array([10, 10, 10, 10]), edge_colors="k", line_widths=1, alpha=1)
    assert (white.get_image()[..., 0] == 0).sum() == 1


def test_a_text_is_readable_on_its_own_colour() -> None:
    for level in (0, 128, 255):
        v = Visualizer(image=np.full((40, 120, 3), level, np.uint8))
        v.draw_texts("label", np.array([5, 5]), 12, colors=(level, level, level))
        assert np.ptp(v.get_image()) > 120


def test_a_box_around_a_text_takes_matplotlibs_words(white: Visualizer) -> None:
    white.draw_texts("a", np.array([40, 30]), bboxes={"fc": "r", "ec": "none", "pad": 0})
    assert (white.get_image()[32, 40] == (255, 0, 0)).all()
    with pytest.raises(ValueError, match="has no 'colour'; accepted: facecolor"):
        white.draw_texts("a", np.array([1, 1]), bboxes={"colour": "r"})
    with pytest.raises(ValueError, match="'sawtooth' is no boxstyle"):
        white.draw_texts("a", np.array([1, 1]), bboxes={"boxstyle": "sawtooth"})


@pytest.mark.parametrize("spelt", ["Round,pad=0.2", "ROUND, pad = 0.2"])
def test_the_style_of_a_box_may_be_spelt_as_matplotlib_lets_it_be(spelt: str) -> None:
    found = []
    for style in ("round,pad=0.2", spelt):
        v = Visualizer(image=np.full((60, 80, 3), 255, np.uint8))
        v.draw_texts("a", np.array([40, 30]), bboxes={"fc": "r", "boxstyle": style})
        found.append(v.get_image())
    assert (found[0] == found[1]).all()
    assert (found[0] != 255).any()


@pytest.mark.parametrize(
    ("alignments", "side"),
    [(("top", "left"), (1, 1)), (("bottom", "right"), (-1, -1)), (("center", "center"), (0, 0))],
)
def test_texts_lie_where_they_are_aligned(
    white: Visualizer, alignments: tuple[str, str], side: tuple[int, int]
) -> None:
    vertical, horizontal = alignments
    white.draw_texts("HHH", np.array([60, 40]), 12, "k", vertical, horizontal)
    rows, columns = np.nonzero(white.get_image()[..., 0] < 128)
    assert np.sign(round((rows.mean() - 40) / 4)) == side[0]
    assert np.sign(round((columns.mean() - 60) / 4)) == side[1]


@pytest.mark.parametrize(
    ("text", "size", "rows"),  # the rows of the letters and of their box in MMEngine 0.10.7
    [
        ("l", 10, (60, 70, 60, 73)),
        ("p", 20, (66, 86, 60, 87)),
        ("a", 10, (62, 70, 60, 73)),
        ("l\nl", 20, (63, 116, 60, 126)),
        ("a\na", 30, (72, 145, 60, 159)),
        ("l\nl\nl", 10, (62, 105, 60, 110)),
    ],
)
def test_lines_lie_as_matplotlib_lays_them(
    text: str, size: int, rows: tuple[int, int, int, int]
) -> None:
    found: list[int] = []
    for box in (None, {"facecolor": "w", "pad": 0, "edgecolor": "none"}):
        black = Visualizer(image=np.zeros((200, 90, 3), np.uint8))
        black.draw_texts(text, np.array([20, 60]), size, "w", bboxes=box)
        inked = np.nonzero((black.get_image()[..., 0] > 128).any(axis=1))[0]
        found += [inked[0], inked[-1]]
    assert np.abs(np.subtract(found, rows)).max() <= 3


def test_texts_and_positions_must_be_as_many(white: Visualizer) -> None:
    with pytest.raises(ValueError, match="2 texts and 1 positions were given"):
        white.draw_texts(["a", "b"], np.array([1, 1]))
    with pytest.raises(ValueError, match="'middle' is no alignment; accepted: top"):
        white.draw_texts("a", np.array([1, 1]), vertical_alignments="middle")


def test_a_font_can_be_given_by_matplotlibs_properties(white: Visualizer) -> None:
    from matplotlib.font_manager import FontProperties

    mono = FontProperties(family="DejaVu Sans Mono")
    white.draw_texts("mono", np.array([5, 5]), font_properties=mono)
    assert (white.get_image() != 255).any()


def test_masks_are_tinted_one_over_another(white: Visualizer) -> None:
    mask = np.zeros((80, 120), bool)
    mask[10:20, 30:50] = True
    white.draw_binary_masks(np.stack([mask, mask]), ["k", "k"], [0.5, 0.5])
    image = white.get_image()
    assert abs(int(image[15, 40, 0]) - 64) <= 1
    assert (image[~mask] == 255).all()


def test_masks_of_another_size_or_type_are_refused(white: Visualizer) -> None:
    with pytest.raises(ValueError, match=r"the image's size \(80, 120\), got \(1, 8, 12\)"):
        white.draw_binary_masks(np.zeros((8, 12), bool))
    with pytest.raises(ValueError, match="must be bool, got float64; compare"):
        white.draw_binary_masks(np.zeros((80, 120)))


def test_points_take_sizes_of_their_own(white: Visualizer) -> None:
    white.draw_points(np.array([[30, 40], [90, 40]]), "k", sizes=torch.tensor([10, 400]))
    dark = white.get_image()[..., 0] < 128
    assert 10 < dark[:, :60].sum() < 40
    assert dark[:, 60:].sum() == pytest.approx(np.pi * 110.25 * (100 / 72) ** 2, rel=0.05)
    with pytest.raises(ValueError, match="'Q' is no marker; accepted: "):
        white.draw_points(np.array([1, 1]), marker="Q")


def test_lines_circles_and_polygons_check_their_shapes(white: Visualizer) -> None:
    with pytest.raises(ValueError, match="x_datas and y_datas differ"):
        white.draw_lines(np.zeros((1, 2)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="2 centres and 1 radii"):
        white.draw_circles(np.zeros((2, 2)), np.ones(1))
    with pytest.raises(ValueError, match=r"radius\[1\] is negative: -2"):
        white.draw_circles(np.zeros((2, 2)), np.array([1, -2]))
    with pytest.raises(ValueError, match=r"polygons\[1\] must have shape"):
        white.draw_polygons([np.zeros((3, 2)), np.zeros((3, 3))])


def test_none_draws_no_edge_and_no_face(white: Visualizer) -> None:
    white.draw_bboxes(BOX, edge_colors="none")
    white.draw_circles(np.array([40, 40]), np.array([10]), edge_colors="none")
    white.draw_polygons(DRAWS["draw_polygons"]["polygons"], line_styles="none")
    assert (white.get_image() == 255).all()


def test_no_opacity_is_a_full_one_and_widths_may_be_a_tuple(white: Visualizer) -> None:
    boxes = np.array([[5, 5, 30, 30], [40, 5, 70, 30]])
    white.draw_bboxes(boxes, "k", line_widths=(1, 3), alpha=None)
    picture = white.get_image()[..., 0]
    widths = [int((picture[15, part] < 128).sum()) for part in (slice(18), slice(25, 55))]
    assert widths[0] >= 1
    assert widths[1] > widths[0]
