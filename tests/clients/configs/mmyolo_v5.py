# YOLO v5, fast: its own optimizer's constructor, warm-up and average.
_base_ = "mmyolo::yolov5/yolov5_n-v61_syncbn_fast_8xb16-300e_coco.py"

metainfo = dict(classes=("person", "bicycle", "car"))
data_root = "coco/"
size = (128, 128)
pre_transform = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True),
]
train_pipeline = [
    *pre_transform,
    dict(type="Mosaic", img_scale=size, pad_val=114.0, pre_transform=pre_transform),
    dict(
        type="YOLOv5RandomAffine",
        max_rotate_degree=0.0,
        max_shear_degree=0.0,
        scaling_ratio_range=(0.5, 1.5),
        border=(-64, -64),
        border_val=(114, 114, 114),
    ),
    dict(type="YOLOv5HSVRandomAug"),
    dict(type="mmdet.RandomFlip", prob=0.5),
    dict(
        type="mmdet.PackDetInputs",
        meta_keys=("img_id", "img_path", "ori_shape", "img_shape", "flip", "flip_direction"),
    ),
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
model = dict(bbox_head=dict(head_module=dict(num_classes=3)))
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
        batch_shapes_cfg=dict(batch_size=2, img_size=128),
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + "annotations/instances_val2017.json")
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=2, val_interval=1)
default_hooks = dict(
    logger=dict(interval=1),
    checkpoint=dict(interval=1, save_best="auto"),
    param_scheduler=dict(max_epochs=3, warmup_mim_iter=3),
)
randomness = dict(seed=0)
