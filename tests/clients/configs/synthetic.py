# ResNet-18 as the library's own config makes it, on four pictures an iteration.
_base_ = "mmpretrain::resnet/resnet18_8xb16_cifar10.py"
custom_imports = dict(imports=["synthetic"])

train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        _delete_=True,
        type="Synthetic",
        num_images=16,
        pipeline=[
            dict(type="RandomCrop", crop_size=32, padding=4),
            dict(type="RandomFlip", prob=0.5, direction="horizontal"),
            dict(type="PackInputs"),
        ],
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        _delete_=True,
        type="Synthetic",
        num_images=12,
        test_mode=True,
        pipeline=[dict(type="PackInputs")],
    ),
)
test_dataloader = val_dataloader

param_scheduler = dict(
    _delete_=True,
    type="CosineAnnealingLR",
    T_max=3,
    end=3,  # it would be the last epoch of the training that is stopped
    by_epoch=True,
    convert_to_iter_based=True,
)
optim_wrapper = dict(optimizer=dict(lr=0.01))
train_cfg = dict(max_epochs=2)
default_hooks = dict(logger=dict(interval=1))
randomness = dict(seed=0, deterministic=True)
