# A small Swin transformer: mixed pictures, decay by name, clipped gradients, an average.
_base_ = "mmpretrain::swin_transformer/swin-tiny_16xb64_in1k.py"

arch = dict(_delete_=True, embed_dims=16, depths=[1, 1, 2, 1], num_heads=[1, 2, 2, 4])
model = dict(
    backbone=dict(arch=arch, img_size=64, window_size=4, pad_small_map=True),
    head=dict(num_classes=10, in_channels=128),
)
data_preprocessor = dict(num_classes=10)

train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="RandomResizedCrop", scale=64, backend="pillow", interpolation="bicubic"),
    dict(type="RandomFlip", prob=0.5, direction="horizontal"),
    dict(
        type="RandAugment",
        policies="timm_increasing",
        num_policies=2,
        total_level=10,
        magnitude_level=9,
        magnitude_std=0.5,
        hparams=dict(pad_val=[104, 116, 124], interpolation="bicubic"),
    ),
    dict(type="RandomErasing", erase_prob=0.25, mode="rand", fill_color=[103.5, 116.3, 123.7]),
    dict(type="PackInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="ResizeEdge", scale=72, edge="short", backend="pillow", interpolation="bicubic"),
    dict(type="CenterCrop", crop_size=64),
    dict(type="PackInputs"),
]
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        _delete_=True, type="CustomDataset", data_root="labelled/train", pipeline=train_pipeline
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        _delete_=True, type="CustomDataset", data_root="labelled/val", pipeline=test_pipeline
    ),
)
test_dataloader = val_dataloader

param_scheduler = [
    dict(type="LinearLR", start_factor=1e-3, end=1, convert_to_iter_based=True),
    dict(type="CosineAnnealingLR", eta_min=1e-5, T_max=2, begin=1, end=3),
]
custom_hooks = [dict(type="EMAHook", momentum=4e-2)]
train_cfg = dict(max_epochs=2)
default_hooks = dict(logger=dict(interval=1))
randomness = dict(seed=0)
