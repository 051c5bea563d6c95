"""The same training as config.py, with objects instead of a config: `python train.py`."""

from __future__ import annotations

import argparse

from cifar import CIFAR10, Accuracy, RandomImages, ResNet50
from torch.optim import SGD
from torch.utils.data import DataLoader

from engine_runner import Runner


def main() -> None:
    """Train, validate, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-root", default="data/cifar10")
    parser.add_argument("--random-images", type=int, metavar="N", help="N of them, without data")
    parser.add_argument("--work-dir", default="work_dirs/cifar10_resnet50_script")
    parser.add_argument("--epochs", type=int, default=5)
    args = parser.parse_args()

    def data(train: bool) -> object:
        if args.random_images:
            return RandomImages(args.random_images, train=train)
        return CIFAR10(args.data_root, train=train)

    runner = Runner(
        model=ResNet50(),
        work_dir=args.work_dir,
        train_dataloader=DataLoader(data(train=True), batch_size=32, shuffle=True),
        optim_wrapper={"optimizer": {"type": SGD, "lr": 0.001, "momentum": 0.9}},
        train_cfg={"by_epoch": True, "max_epochs": args.epochs, "val_interval": 1},
        val_dataloader=DataLoader(data(train=False), batch_size=32),
        val_cfg={},
        val_evaluator={"type": Accuracy},
    )
    runner.train()


if __name__ == "__main__":
    main()
