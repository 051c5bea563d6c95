# RTMDet-tiny: mosaics, an average with buffers, and other data from the second epoch on.
_base_ = "mmdet::rtmdet/rtmdet_tiny_8xb32-300e_coco.py"

metainfo = dict(classes=("person", "bicycle", "car"))
data_root = "coco/"
size = (128, 128)
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(type="CachedMosaic", img_scale=size, pad_val=114.0, max_cached_images=20),
    dict(type="RandomResize", scale=(256, 256), ratio_range=(0.5, 2.0), keep_ratio=True),
    dict(type="RandomCrop", crop_size=size),
    dict(type="YOLOXHSVRandomAug"),
    dict(type="RandomFlip", prob=0.5),
    dict(type="Pad", size=size, pad_val=dict(img=(114, 114, 114))),
    dict(type="CachedMixUp", img_scale=size, ratio_range=(1.0, 1.0), max_cached_images=10),
    dict(type="PackDetInputs"),
]
train_pipeline_stage2 = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(type="RandomResize", scale=size, ratio_range=(0.8, 1.5), keep_ratio=True),
    dict(type="RandomCrop", crop_size=size),
    dict(type="YOLOXHSVRandomAug"),
    dict(type="RandomFlip", prob=0.5),
    dict(type="Pad", size=size, pad_val=dict(img=(114, 114, 114))),
    dict(type="PackDetInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="Resize", scale=size, keep_ratio=True),
    dict(type="Pad", size=size, pad_val=dict(img=(114, 114, 114))),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(
        type="PackDetInputs",
        meta_keys=("img_id", "img_path", "ori_shape", "img_shape", "scale_factor"),
    ),
]
model = dict(backbone=dict(init_cfg=None), bbox_head=dict(num_classes=3))
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    persistent_workers=False,
    pin_memory=False,
    dataset=dict(data_root=data_root, metainfo=metainfo, pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=2,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root=data_root, metainfo=metainfo, pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + "annotations/instances_val2017.json")
test_evaluator = val_evaluator
max_epochs = 2
param_scheduler = [
    dict(type="LinearLR", start_factor=1.0e-5, by_epoch=False, begin=0, end=3),
    dict(
        type="CosineAnnealingLR",
        eta_min=0.0002,
        begin=1,
        end=3,
        T_max=2,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=max_epochs, val_interval=1, dynamic_intervals=[(1, 1)])
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=1, save_best="auto"))
custom_hooks = [
    dict(
        type="EMAHook",
        ema_type="ExpMomentumEMA",
        momentum=0.0002,
        update_buffers=True,
        priority=49,
    ),
    dict(type="PipelineSwitchHook", switch_epoch=1, switch_pipeline=train_pipeline_stage2),
]
randomness = dict(seed=0)
