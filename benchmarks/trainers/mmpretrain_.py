"""Train with mmpretrain on whatever `mmengine` is there; print what an iteration takes.

`python mmpretrain_.py lenet 50 250` prints JSON: seconds of CPU and of the clock an iteration, as
the slope between a training of 50 and one of 250 iterations, the least of some each.
"""

import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS

from mmengine.config import Config
from mmengine.runner import Runner

BATCH = 4
TIMES = 4
CONFIGS = {
    "lenet": "mmpretrain::lenet/lenet5_mnist.py",
    "resnet": "mmpretrain::resnet/resnet18_8xb16_cifar10.py",
}
CHANNELS = {"lenet": 1, "resnet": 3}


@DATASETS.register_module()
class Pictures(BaseDataset):
    """Random pictures in ten classes."""

    METAINFO = {"classes": [str(label) for label in range(10)]}  # noqa: RUF012

    def __init__(self, size, channels, pipeline):
        self.size, self.channels = size, channels
        super().__init__(ann_file="", pipeline=pipeline)

    def load_data_list(self):
        """Draw them."""
        shape = (self.size, 32, 32, self.channels)
        pictures = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
        return [{"img": picture, "gt_label": i % 10} for i, picture in enumerate(pictures)]


def config(model, iterations, folder):
    """The wheel's own config with pictures of ours, and without validation."""
    file = Path(folder, f"{model}.py")
    file.write_text(f"_base_ = {CONFIGS[model]!r}\n", encoding="utf-8")
    cfg = Config.fromfile(file)
    loader = {
        "batch_size": BATCH,
        "num_workers": 0,
        "collate_fn": {"type": "default_collate"},
        "sampler": {"type": "DefaultSampler", "shuffle": True},
        "dataset": {
            "type": "Pictures",
            "size": iterations * BATCH,
            "channels": CHANNELS[model],
            "pipeline": [{"type": "PackInputs"}],
        },
    }
    cfg.train_dataloader = loader
    cfg.train_cfg = {"by_epoch": True, "max_epochs": 1}
    for name in ("val", "test"):
        cfg[f"{name}_dataloader"] = cfg[f"{name}_evaluator"] = cfg[f"{name}_cfg"] = None
    cfg.work_dir = folder
    cfg.experiment_name = Path(folder).name  # MMEngine's visualizers of one second are one
    cfg.default_hooks.logger.interval = 50
    cfg.log_level = "ERROR"
    return cfg


def train(model, iterations):
    """(CPU, clock) seconds that a training takes, building and one checkpoint included."""
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner.from_cfg(config(model, iterations, folder))
        cpu, clock = time.process_time(), time.perf_counter()
        runner.train()
        return time.process_time() - cpu, time.perf_counter() - clock


def main(model, short, long):
    """Train once to warm up, then the short and the long training, some times each."""
    warnings.simplefilter("ignore")
    train(model, short)
    few, many = ([train(model, size) for _ in range(TIMES)] for size in (short, long))
    slopes = {}
    for index, kind in enumerate(("cpu", "clock")):
        least = [min(times[index] for times in trainings) for trainings in (few, many)]
        slopes[kind] = (least[1] - least[0]) / (long - short)
    print(json.dumps(slopes))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
