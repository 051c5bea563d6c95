"""The same training as config.py, with objects instead of a config: `python train.py`."""

from __future__ import annotations

import argparse

from fashion import ClassAccuracy, FashionMNIST, Flip, SmallCNN
from torch.optim import AdamW
from torch.utils.data import DataLoader

from engine_runner import Runner


def main() -> None:
    """Train, validate, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-root", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--work-dir", default="work_dirs/fashion_mnist_script")
    parser.add_argument("--epochs", type=int, default=1)
    args = parser.parse_args()
    model = SmallCNN()
    train_data = FashionMNIST(args.data_root, train=True, pipeline=[Flip(prob=0.5)])
    runner = Runner(
        model=model,
        work_dir=args.work_dir,
        train_dataloader=DataLoader(train_data, batch_size=128, shuffle=True, num_workers=1),
        train_cfg={"by_epoch": True, "max_epochs": args.epochs},
        optim_wrapper={"optimizer": AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)},
        val_dataloader=DataLoader(FashionMNIST(args.data_root, train=False), batch_size=500),
        val_cfg={},
        val_evaluator=ClassAccuracy(),
        default_hooks={"logger": {"interval": 50}},
        randomness={"seed": 0},
    )
    runner.train()


if __name__ == "__main__":
    main()
