"""The same training as config.py, with objects instead of a config: `python train.py`."""

from __future__ import annotations

from digits import Accuracy, DigitNet, Digits, Shift
from torch.optim import AdamW
from torch.utils.data import DataLoader

from engine_runner import Runner

if __name__ == "__main__":
    model = DigitNet(width=32)
    train_data = Digits(train=True, pipeline=[Shift(prob=0.5)])
    runner = Runner(
        model=model,
        work_dir="work_dirs/digits_script",
        train_dataloader=DataLoader(train_data, batch_size=64, shuffle=True),
        train_cfg=dict(by_epoch=True, max_epochs=20),
        optim_wrapper=dict(optimizer=AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)),
        param_scheduler={"type": "CosineAnnealingLR", "T_max": 20},
        val_dataloader=DataLoader(Digits(train=False), batch_size=64),
        val_cfg={},
        val_evaluator=Accuracy(),
        default_hooks=dict(checkpoint=dict(save_best="accuracy", max_keep_ckpts=2)),
        randomness=dict(seed=0),
    )
    runner.train()
