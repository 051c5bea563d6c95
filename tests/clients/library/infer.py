"""Let a library's inferencer look at a picture: `python infer.py KIND CONFIG CHECKPOINT PICTURE`.

What it writes goes into the folder `inferred` below the current one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
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


def mmaction(config: str, checkpoint: str, video: str) -> Any:
    from mmaction.apis import ActionRecogInferencer, inference_recognizer, init_recognizer

    infer = ActionRecogInferencer(config, checkpoint, device="cpu")
    found = infer(
        video, vid_out_dir="inferred", out_type="img"
    )  # the pictures are compared as files
    scores = inference_recognizer(init_recognizer(config, checkpoint, "cpu"), video).pred_score
    return [found["predictions"], scores.numpy()]


def mmyolo(config: str, checkpoint: str, picture: str) -> Any:
    from mmdet.apis import DetInferencer

    infer = DetInferencer(config, checkpoint, device="cpu", scope="mmyolo")
    return infer(picture, **OUT, no_save_pred=False)


def mmdet3d(config: str, checkpoint: str, points: str) -> Any:
    from mmdet3d.apis import LidarDet3DInferencer, inference_detector, init_model

    infer = LidarDet3DInferencer(config, checkpoint, device="cpu")
    found = infer({"points": points}, no_save_vis=True, out_dir="inferred", pred_score_thr=0.0)
    sample, _ = inference_detector(init_model(config, checkpoint, device="cpu"), points)
    return [found, sample.pred_instances_3d.scores_3d.numpy()]


def mmagic(config: str, checkpoint: str, _: str) -> Any:
    import torch
    from mmagic.apis.inferencers.unconditional_inferencer import UnconditionalInferencer

    Path("inferred").mkdir()
    more = {"num_batches": 2, "sample_model": "orig"}
    infer = UnconditionalInferencer(config, checkpoint, device="cpu", extra_parameters=more)
    torch.manual_seed(0)
    found, _ = infer(result_out_dir="inferred/faces.png")
    return {key: value.numpy() for key, value in found.items()}


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
