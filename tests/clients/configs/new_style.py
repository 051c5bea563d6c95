# The same training in Python alone: classes instead of their names.
from mmengine.config import read_base

with read_base():
    from .new_style_runtime import *  # noqa: F403

from mmpretrain.datasets import PackInputs
from mmpretrain.evaluation import Accuracy
from mmpretrain.models import (
    CrossEntropyLoss,
    GlobalAveragePooling,
    ImageClassifier,
    LinearClsHead,
    ResNet_CIFAR,
)
from synthetic import Synthetic
from torch.optim import SGD

from mmengine.dataset import DefaultSampler

model = dict(
    type=ImageClassifier,
    backbone=dict(type=ResNet_CIFAR, depth=18, num_stages=4, out_indices=(3,), base_channels=16),
    neck=dict(type=GlobalAveragePooling),
    head=dict(
        type=LinearClsHead,
        num_classes=10,
        in_channels=128,
        loss=dict(type=CrossEntropyLoss, loss_weight=1.0),
    ),
)
data_preprocessor = dict(num_classes=10, mean=[125.3, 123.0, 113.9], std=[51.6, 50.8, 51.3])

train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    dataset=dict(type=Synthetic, pipeline=[dict(type=PackInputs)]),
    sampler=dict(type=DefaultSampler, shuffle=True),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=0,
    dataset=dict(type=Synthetic, test_mode=True, pipeline=[dict(type=PackInputs)]),
    sampler=dict(type=DefaultSampler, shuffle=False),
)
val_evaluator = dict(type=Accuracy, topk=(1,))

optim_wrapper.update(  # noqa: F405
    optimizer=dict(type=SGD, lr=0.01, momentum=0.9)
)
train_cfg = dict(by_epoch=True, max_epochs=1)
val_cfg = dict()
