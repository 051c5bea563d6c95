# A narrow ResNet-18 on Fashion-MNIST, as mmpretrain's own data set reads it.
_base_ = "mmpretrain::resnet/resnet18_8xb16_cifar10.py"

model = dict(
    backbone=dict(in_channels=1, stem_channels=16, base_channels=16),
    head=dict(in_channels=128),
    data_preprocessor=dict(type="ClsDataPreprocessor", mean=[72.94], std=[90.02]),
)
data_preprocessor = dict(_delete_=True)

train_dataloader = dict(
    batch_size=32,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        _delete_=True,
        type="FashionMNIST",
        data_root="fashion-mnist",
        split="train",
        indices=1920,
        pipeline=[dict(type="PackInputs")],
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        _delete_=True,
        type="FashionMNIST",
        data_root="fashion-mnist",
        split="test",
        indices=256,
        pipeline=[dict(type="PackInputs")],
    ),
)
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=0.05))
train_cfg = dict(max_epochs=1)
default_hooks = dict(logger=dict(interval=20))
randomness = dict(seed=0)
