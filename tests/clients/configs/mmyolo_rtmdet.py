# RTMDet-tiny of mmyolo.
_base_ = "mmyolo::rtmdet/rtmdet_tiny_syncbn_fast_8xb32-300e_coco.py"

metainfo = dict(classes=("person", "bicycle", "car"))
data_root = "coco/"
size = (128, 128)
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(type="Mosaic", img_scale=size, use_cached=True, max_cached_images=20, pad_val=114.0),
    dict(
        type="mmdet.RandomResize",
        scale=(256, 256),
        ratio_range=(0.5, 2.0),
        resize_type="mmdet.Resize",
        keep_ratio=True,
    ),
    dict(type="mmdet.RandomCrop", crop_size=size),
    dict(type="mmdet.YOLOXHSVRandomAug"),
    dict(type="mmdet.RandomFlip", prob=0.5),
    dict(type="mmdet.Pad", size=size, pad_val=dict(img=(114, 114, 114))),
    dict(type="mmdet.PackDetInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="YOLOv5KeepRatioResize", scale=size),
    dict(type="LetterResize", scale=size, allow_scale_up=False, pad_val=dict(img=114)),
    dict(type="LoadAnnotations", with_bbox=True, _scope_="mmdet"),
    dict(
        type="mmdet.PackDetInputs",
        meta_keys=(*("img_id", "img_path", "ori_shape", "img_shape", "scale_factor", "pad_param"),),
    ),
]
model = dict(
    backbone=dict(init_cfg=None),
    bbox_head=dict(head_module=dict(num_classes=3)),
    train_cfg=dict(assigner=dict(num_classes=3)),
)
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    pin_memory=False,
    collate_fn=dict(_delete_=True, type="yolov5_collate"),
    dataset=dict(
        data_root=data_root,
        metainfo=metainfo,
        ann_file="annotations/instances_train2017.json",
        data_prefix=dict(img="train2017/"),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=2,
    num_workers=1,
    pin_memory=False,
    dataset=dict(
        data_root=data_root,
        metainfo=metainfo,
        ann_file="annotations/instances_val2017.json",
        data_prefix=dict(img="val2017/"),
        pipeline=test_pipeline,
        batch_shapes_cfg=None,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + "annotations/instances_val2017.json")
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=2, val_interval=1, dynamic_intervals=[(1, 1)])
param_scheduler = [
    dict(type="LinearLR", start_factor=1.0e-5, by_epoch=False, begin=0, end=3),
]
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=1))
custom_hooks = [
    dict(
        type="EMAHook",
        ema_type="ExpMomentumEMA",
        momentum=0.0002,
        update_buffers=True,
        strict_load=False,
        priority=49,
    ),
]
randomness = dict(seed=0)
