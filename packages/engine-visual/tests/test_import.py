"""Importing is cheap: what is heavy comes when it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    *("matplotlib", "torch", "tensorboard", "wandb", "mlflow", "clearml", "neptune"),
    *("dvclive", "aim", "swanlab", "trackio", "engine_structures", "IPython", "cv2"),
)
DRAW = """
import numpy as np
v = engine_visual.Visualizer(image=np.zeros((60, 80, 3), np.uint8))
v.draw_bboxes(np.array([1, 2, 30, 40])).draw_texts("a label", np.array([2, 2]))
v.draw_binary_masks(np.ones((60, 80), bool)).get_image()
v.draw_featmap(np.ones((3, 4, 4)))
"""


@pytest.mark.parametrize("then", ["engine_visual.Visualizer", DRAW], ids=["import", "draw"])
def test_nothing_heavy_is_loaded(then: str) -> None:
    code = f"import sys\nimport engine_visual\n{then}\nprint(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "engine_visual.visualizer" in loaded
    assert not set(HEAVY) & set(loaded)
