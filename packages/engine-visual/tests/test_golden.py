"""Pictures of every draw function, compared with stored ones that have been looked at.

``python test_golden.py`` draws them again; look at each before it is stored.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine_structures import BaseDataElement, InstanceData, PixelData
from engine_visual import Visualizer

GOLDEN = Path(__file__).with_name("golden")
MEAN = 1.5  # grey levels: FreeType's versions render texts a little differently
FAR = 60  # grey levels that a pixel may be off...
SHARE = 0.01  # ... but for this share of the pixels


def background() -> np.ndarray:
    """Bright on the left, dark on the right, with a soft pattern."""
    x, y = np.meshgrid(np.arange(360), np.arange(200))
    wave = 18 * np.sin(x / 23) * np.cos(y / 17)
    image = np.where(x < 180, 215, 45)[..., None] + wave[..., None] + np.array([8, 0, -8])
    return image.clip(0, 255).astype(np.uint8)


def bboxes() -> np.ndarray:
    v = Visualizer(image=background())
    boxes = np.array([[12, 12, 92, 72], [110, 20, 250, 90], [270, 30, 350, 80], [20, 100, 60, 190]])
    v.draw_bboxes(boxes, edge_colors=["r", "tab:blue", "#ffcc00", "w"], line_widths=[1, 2, 4, 3])
    v.draw_bboxes(
        torch.tensor([[90.0, 110, 170, 180], [200, 110, 280, 180]]),
        edge_colors=["k", "cyan"],
        face_colors=["orange", (0, 120, 255)],
        line_styles=["-", "--"],
        alpha=0.5,
    )
    return v.draw_bboxes(np.array([300, 120, 420, 240]), edge_colors="magenta").get_image()


def lines() -> np.ndarray:
    v = Visualizer(image=background())
    for i, style in enumerate(["-", "--", "-.", ":", (0, (6.0, 2.0, 1.0, 2.0))]):
        y = 20 + 22 * i
        v.draw_lines(
            np.array([15, 345]), np.array([y, y + 12]), "r", line_styles=style, line_widths=1 + i
        )
    x = np.linspace(15, 345, 60)
    v.draw_lines(x, 160 + 25 * np.sin(x / 18), colors="yellow", line_widths=0.6)
    corners = np.array([[30, 60, 90, 120, 150], [210, 240, 270, 300, 330]])
    ups = np.array([[180, 135, 180, 135, 180], [185, 140, 185, 140, 185]])
    return v.draw_lines(corners, ups, colors=["b", "w"], line_widths=[5, 2]).get_image()


def circles() -> np.ndarray:
    v = Visualizer(image=background())
    centres = np.array([[40, 50], [120, 50], [220, 60], [310, 60], [60, 150], [180, 140]])
    v.draw_circles(
        centres,
        np.array([25, 35, 45, 30, 5, 40]),
        edge_colors=["r", "b", "w", "yellow", "k", "none"],
        line_styles=["-", "--", "-", ":", "-", "-"],
        line_widths=[1, 2, 4, 3, 2, 2],
        face_colors=["none", "none", "tab:green", "none", "w", "tab:purple"],
        alpha=0.7,
    )
    return v.draw_circles(np.array([340, 190]), np.array([60]), edge_colors="c").get_image()


def points() -> np.ndarray:
    v = Visualizer(image=background())
    for i, marker in enumerate("o.s^v<>Dd*phH8+x|_"):
        at = np.array([30 + 38 * (i % 9), 40 + 50 * (i // 9)])
        v.draw_points(at, colors="r" if i % 2 else "tab:cyan", marker=marker, sizes=160)
    spots = np.stack([np.linspace(20, 340, 12), np.full(12, 150)], axis=1)
    v.draw_points(spots, colors="k", sizes=np.linspace(1, 300, 12))
    return v.draw_points(spots + np.array([0, 30]), colors=["w", "r", "g"]).get_image()


def polygons() -> np.ndarray:
    v = Visualizer(image=background())
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    radii = np.where(np.arange(10) % 2, 22, 55)[:, None]
    star = np.stack([np.sin(angles), -np.cos(angles)], axis=1) * radii
    v.draw_polygons(
        [star + np.array(at) for at in ((70, 70), (180, 100), (290, 70))],
        edge_colors=["r", "k", "w"],
        face_colors=["none", "gold", (255, 0, 128)],
        line_styles=["-", "-", "--"],
        alpha=0.6,
    )
    corner = np.array([[300.0, 150], [420, 140], [400, 260], [310, 230]])
    return v.draw_polygons(corner, edge_colors="c", face_colors="c", alpha=0.4).get_image()


def texts() -> np.ndarray:
    v = Visualizer(image=background())
    spots = np.array([[10, 8], [120, 10], [350, 10]])
    v.draw_texts(["black", "on both: gjpqy", "white"], spots, 12, ["k", "tab:red", "w"], "top",
                 ["left", "left", "right"])  # fmt: skip
    boxed = {"facecolor": "black", "alpha": 0.8, "pad": 0.7, "edgecolor": "none"}
    v.draw_texts("person: 97.3", np.array([20, 70]), 13, "w", bboxes=boxed)
    rounded = {"facecolor": "w", "edgecolor": "r", "boxstyle": "round,pad=0.3"}
    v.draw_texts("round, no edge lost", np.array([250, 80]), 11, "b", "center", "center",
                 bboxes=rounded)  # fmt: skip
    v.draw_texts("three lines\nof text,\ncentred", np.array([90, 190]), 10, "g", "bottom", "center")
    v.draw_texts(["left of it", "right of it"], np.array([[270, 150], [270, 150]]), 10,
                 "yellow", "baseline", ["right", "left"])  # fmt: skip
    v.draw_texts("cut off at the edge", np.array([290, 180]), 16, (255, 0, 255))
    return v.draw_lines(np.array([270, 270]), np.array([130, 160]), colors="w").get_image()


def masks() -> np.ndarray:
    x, y = np.meshgrid(np.arange(360), np.arange(200))
    shapes = [(x - cx) ** 2 + (y - 100) ** 2 < 60**2 for cx in (80, 140, 270)]
    v = Visualizer(image=background())
    v.draw_binary_masks(np.stack(shapes), ["r", "b", (0, 255, 0)], [0.3, 0.5, 0.7])
    return v.draw_binary_masks(torch.from_numpy((x + y) % 40 < 3), "w", 0.6).get_image()


def _features() -> torch.Tensor:
    x, y = np.meshgrid(np.linspace(-1, 1, 30), np.linspace(-1, 1, 20))
    spots = [
        np.exp(-((x - a) ** 2 + (y - b) ** 2) * 6) for a, b in ((-0.5, 0), (0.6, 0.4), (0, -1))
    ]
    return torch.from_numpy(np.stack(spots) * np.array([1.0, 3.0, 2.0])[:, None, None])


def featmap_mean() -> np.ndarray:
    return Visualizer.draw_featmap(_features(), background(), alpha=0.6)


def featmap_max() -> np.ndarray:
    return Visualizer.draw_featmap(
        _features(), channel_reduction="select_max", resize_shape=(100, 180)
    )


def featmap_channels() -> np.ndarray:
    return Visualizer.draw_featmap(
        _features(), channel_reduction=None, topk=3, arrangement=(2, 2), resize_shape=(90, 150)
    )


def sample() -> np.ndarray:
    x, y = np.meshgrid(np.arange(360), np.arange(200))
    data = BaseDataElement()
    data.gt_instances = InstanceData(
        bboxes=torch.tensor([[30.0, 50, 130, 150], [210, 10, 330, 110]]),
        labels=torch.tensor([0, 1]),
        masks=torch.from_numpy(np.stack([(x - 80) ** 2 + (y - 100) ** 2 < 45**2, y < 0])),
        keypoints=torch.tensor([[[60.0, 80], [100, 80], [80, 130]]] * 2),
        keypoint_scores=torch.tensor([[1.0, 1, 1], [0, 0, 0]]),
    )
    data.gt_sem_seg = PixelData(sem_seg=torch.from_numpy((y > 160).astype(np.int64))[None] * 2)
    data.pred_instances = InstanceData(
        bboxes=np.array([[34.0, 44, 128, 155], [205, 14, 333, 100], [0, 0, 50, 50]]),
        labels=np.array([0, 1, 1]),
        scores=np.array([0.93, 0.51, 0.1]),
    )
    v = Visualizer()
    v.dataset_meta = {
        "classes": ("cat", "dog", "floor"),
        "palette": [(220, 20, 60), (0, 160, 230), (90, 200, 90)],
        "skeleton_links": [(0, 2), (1, 2)],
    }
    v.add_datasample("sample", background(), data)
    return v.get_image()


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    draw.__name__: draw
    for draw in (
        *(bboxes, lines, circles, points, polygons, texts, masks),
        *(featmap_mean, featmap_max, featmap_channels, sample),
    )
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.filterwarnings("ignore:.* reaches out of the image")
def test_a_picture_is_as_it_was_when_looked_at(name: str, tmp_path: Path) -> None:
    drawn = PICTURES[name]()
    stored = np.asarray(Image.open(GOLDEN / f"{name}.png"))
    assert drawn.shape == stored.shape
    off = np.abs(drawn.astype(int) - stored)
    Image.fromarray(drawn).save(tmp_path / f"{name}.png")
    assert off.mean() < MEAN and (off.max(axis=2) > FAR).mean() < SHARE, tmp_path / f"{name}.png"


def test_every_stored_picture_is_drawn() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(PICTURES)


def test_another_picture_is_told_from_the_stored_one() -> None:
    stored = np.asarray(Image.open(GOLDEN / "bboxes.png")).astype(int)
    moved = np.roll(stored, 3, axis=1)
    assert (np.abs(moved - stored).max(axis=2) > FAR).mean() > SHARE


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for name, draw in PICTURES.items():
        Image.fromarray(draw()).save(GOLDEN / f"{name}.png", optimize=True)
