"""Train a small network on Fashion-MNIST: 84 % after one epoch."""

custom_imports = dict(imports=["fashion"])  # fashion.py, beside this file

work_dir = "work_dirs/fashion_mnist"
data_root = "/usr/share/datasets/fashion-mnist"  # where Debian's package puts it

model = dict(type="SmallCNN")

train_dataloader = dict(
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    dataset=dict(
        type="FashionMNIST", data_root=data_root, train=True, pipeline=[dict(type="Flip", prob=0.5)]
    ),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=500,
    dataset=dict(type="FashionMNIST", data_root=data_root, train=False),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="ClassAccuracy")

train_cfg = dict(by_epoch=True, max_epochs=1)
val_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=2e-3, weight_decay=1e-2))
param_scheduler = dict(type="LinearLR", start_factor=0.1, by_epoch=False, begin=0, end=100)
default_hooks = dict(logger=dict(interval=50), checkpoint=dict(save_best="accuracy"))
randomness = dict(seed=0)
