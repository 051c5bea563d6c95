"""Let a library's inferencer look at a picture: `python infer.py KIND CONFIG CHECKPOINT PICTURE`.

What it writes goes into the folder `inferred` below the current one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

OUT = {"out_dir": "inferred", "show": False}


def mmdet(config: str, checkpoint: str, picture: str) -> Any:
    from mmdet.apis import DetInferencer

    infer = DetInferencer(config, checkpoint, device="cpu")
    return infer(picture, **OUT, no_save_pred=False)


def mmpretrain(config: str, checkpoint: str, picture: str) -> Any:
    from mmpretrain import FeatureExtractor, ImageClassificationInferencer

    infer = ImageClassificationInferencer(config, checkpoint, device="cpu")
    found = infer([picture, picture], show_dir="inferred", batch_size=2)
    features = FeatureExtractor(config, checkpoint, device="cpu")(picture, stage="neck")
    return [found, [each.numpy() for each in features[0]]]


def mmseg(config: str, checkpoint: str, picture: str) -> Any:
    from mmseg.apis import MMSegInferencer

    palette = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]
    infer = MMSegInferencer(
        config, checkpoint, device="cpu", classes=("a", "b", "c", "d"), palette=palette
    )
    return infer(picture, **OUT)


def mmpose(config: str, checkpoint: str, picture: str) -> Any:
    from mmpose.apis import MMPoseInferencer

    infer = MMPoseInferencer(
        pose2d=config, pose2d_weights=checkpoint, det_model="whole_image", device="cpu"
    )
    return next(infer(picture, **OUT))


def mmocr(config: str, checkpoint: str, picture: str) -> Any:
    from mmocr.apis import TextRecInferencer

    infer = TextRecInferencer(config, checkpoint, device="cpu")
    return infer(picture, **OUT, save_vis=True)


def plain(value: Any) -> Any:
    """``value`` as JSON; of an array its sum."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.ndarray | np.generic):
        return float(value.astype(float).sum())
    return value if isinstance(value, str | int | float | None) else str(value)


if __name__ == "__main__":
    print("found:", json.dumps(plain(globals()[sys.argv[1]](*sys.argv[2:]))))
