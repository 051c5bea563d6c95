"""Drawing on a 1333 x 800 image, ours against MMEngine's, and what importing costs.

Each statement begins with the image set and ends with the pixels read. The labels of the boxes
hold scores that change from one execution to the next, as they do in a validation.
"""

from __future__ import annotations

import argparse
import sys

from measure import Case, compare, import_cpu, print_table, seconds
from peer import mmengine_python

SETUP = """
import itertools, warnings
import numpy as np
import torch
warnings.simplefilter("ignore")
from {package} import Visualizer

rng = np.random.default_rng(0)
image = rng.integers(0, 256, (800, 1333, 3), dtype=np.uint8)
corners = rng.uniform(0, (1100, 600), (100, 2))
boxes = np.concatenate([corners, corners + rng.uniform(20, 200, (100, 2))], axis=1)
angles = np.linspace(0, 2 * np.pi, 30, endpoint=False)
ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(20, 60, (100, 30, 1))
polygons = [points + corner + 60 for points, corner in zip(ring, corners)]
masks = np.zeros((10, 800, 1333), dtype=bool)
for i, (x, y) in enumerate(corners[:10].astype(int)):
    masks[i, y : y + 200, x : x + 200] = True
colors = [tuple(int(n) for n in color) for color in rng.integers(0, 256, (100, 3))]
behind = dict(facecolor="black", alpha=0.8, pad=0.7, edgecolor="none")
names = ["person", "car", "dog", "traffic light"]
draws = [
    [f"{{names[n % 4]}}: {{100 * score:.1f}}" for n, score in enumerate(rng.random(100))]
    for _ in range(50)
]
labels = itertools.cycle(draws)
features = torch.from_numpy(rng.random((256, 50, 84), dtype=np.float32))
visualizer = Visualizer()
"""
LABELS = (
    ".draw_texts(next(labels), boxes[:, :2], font_sizes=13, colors=colors, bboxes=[behind] * 100)"
)
# (name, what happens between set_image and get_image, target)
CASES = (
    ("100 boxes with labels", f"visualizer.draw_bboxes(boxes, edge_colors=colors){LABELS}", 15.0),
    ("100 boxes", "visualizer.draw_bboxes(boxes, edge_colors=colors)", None),
    ("100 lines", "visualizer.draw_lines(boxes[:, ::2], boxes[:, 1::2], colors=colors)", None),
    ("100 circles", "visualizer.draw_circles(corners, ring[:, 0, 0] ** 2 / 60 + 5)", None),
    ("100 polygons", "visualizer.draw_polygons(polygons, face_colors=colors, alpha=0.5)", None),
    ("1000 points", "visualizer.draw_points(np.tile(corners, (10, 1)), colors='r')", None),
    ("10 masks", "visualizer.draw_binary_masks(masks, colors=colors[:10], alphas=0.5)", None),
    ("feature map over the image", "visualizer.draw_featmap(features, image)", None),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each statement")
    repeats = parser.parse_args().repeats
    peer = mmengine_python()
    cases = []
    for name, drawing, target in CASES:
        statement = f"visualizer.set_image(image); {drawing}; visualizer.get_image()"
        ours = (SETUP.format(package="engine_visual"), statement)
        theirs = (SETUP.format(package="mmengine.visualization"), statement)
        cases.append(Case(name=name, ours=ours, theirs=theirs, target=target))
    compare("drawing on 1333 x 800", cases, peer=peer, repeats=repeats)

    mine = import_cpu(sys.executable, "import engine_visual")
    other = import_cpu(peer, "from mmengine.visualization import Visualizer")
    print_table(
        "importing (CPU time)",
        [("", "time"), ("engine_visual", seconds(mine)), ("mmengine", seconds(other))],
    )


if __name__ == "__main__":
    main()
