"""A training by the names that MMEngine and ours share: either can go on from the other's files.

``python either_way.py EPOCHS WORK_DIR [FORMER_WORK_DIR]`` trains each case, from the second epoch
on if it has a former folder, and prints the weights and the history of losses that they come to.
"""

from __future__ import annotations

import json
import os
import sys

os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"  # MMEngine 0.10.7 can't do without
sys.modules.setdefault("torchvision", None)  # type: ignore[arg-type]  # as if it weren't there

import torch  # noqa: E402 - after what it is to find
from torch import nn  # noqa: E402

from mmengine.model import BaseModel  # noqa: E402
from mmengine.runner import Runner  # noqa: E402

SGD = {"optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}}
ADAM = {"optimizer": {"type": "AdamW", "lr": 0.01, "weight_decay": 0.1}}
WARMUP = {"type": "LinearLR", "start_factor": 0.1, "by_epoch": False, "end": 6}
CASES = {
    "step": (SGD, {"type": "StepLR", "step_size": 2, "end": 9}),
    "paramwise": (
        {**ADAM, "paramwise_cfg": {"bias_lr_mult": 2.0, "bias_decay_mult": 0.0}},
        [WARMUP, {"type": "MultiStepLR", "milestones": [1, 3], "end": 9}],
    ),
    "momentum": (ADAM, {"type": "CosineAnnealingMomentum", "T_max": 5, "end": 9}),
    "one cycle": (
        SGD,
        {
            "type": "OneCycleLR",
            "eta_max": 0.1,
            "total_steps": 20,
            "by_epoch": False,
            "end": 20,
        },
    ),
    "plateau": (SGD, {"type": "ReduceOnPlateauLR", "monitor": "loss", "end": 9}),
}


class Model(BaseModel):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 3), nn.Linear(3, 1)
        for each in self.parameters():
            nn.init.constant_(each, 0.3)

    def forward(self, x, y, mode="tensor"):
        return {"loss": ((self.second(self.first(x)) - y) ** 2).mean()}


class Points(torch.utils.data.Dataset):
    def __init__(self):
        self.metainfo = {"classes": ("a", "b")}

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return torch.ones(2) * index / 4, torch.ones(1)


def train(case, epochs, work_dir, checkpoint):
    optim_wrapper, schedule = CASES[case]
    runner = Runner(
        Model(),
        work_dir=work_dir,
        train_dataloader={
            "batch_size": 2,
            "dataset": Points(),
            "collate_fn": {"type": "default_collate"},
            "sampler": {"type": "DefaultSampler", "shuffle": False},
        },
        train_cfg={"by_epoch": True, "max_epochs": epochs},
        optim_wrapper=optim_wrapper,
        param_scheduler=schedule,
        load_from=checkpoint,
        resume=checkpoint is not None,
        experiment_name=case,
        log_level="ERROR",
    )
    runner.train()
    weights = [each.flatten().tolist() for each in runner.model.state_dict().values()]
    losses, _ = runner.message_hub.get_scalar("train/loss").data
    return {"iter": runner.iter, "weights": weights, "losses": losses.tolist()}


def main(epochs, work_dir, former=None):
    found = {}
    for case in CASES:
        checkpoint = None if former is None else f"{former}/{case}/epoch_2.pth"
        found[case] = train(case, int(epochs), f"{work_dir}/{case}", checkpoint)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
