"""Print as JSON what mmpretrain's inferencer says of the first pictures of a data set."""

from __future__ import annotations

import json
import sys

from mmpretrain import ImageClassificationInferencer
from synthetic import Synthetic


def main(config: str, checkpoint: str) -> None:
    """Predict the label and the scores of each of twelve pictures."""
    inferencer = ImageClassificationInferencer(config, pretrained=checkpoint, device="cpu")
    pictures = [item["img"] for item in Synthetic(num_images=12, pipeline=[])]
    found = inferencer(pictures, batch_size=4)
    rows = [[int(each["pred_label"]), each["pred_scores"].tolist()] for each in found]
    print(json.dumps(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
