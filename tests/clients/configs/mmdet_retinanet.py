# RetinaNet on a ResNet-18, by epochs, with workers that persist.
_base_ = "mmdet::retinanet/retinanet_r18_fpn_1x_coco.py"

metainfo = dict(classes=("person", "bicycle", "car"))
data_root = "coco/"
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(type="RandomResize", scale=(160, 120), ratio_range=(0.8, 1.2), keep_ratio=True),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PackDetInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="Resize", scale=(160, 120), keep_ratio=True),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(
        type="PackDetInputs",
        meta_keys=("img_id", "img_path", "ori_shape", "img_shape", "scale_factor"),
    ),
]
model = dict(backbone=dict(init_cfg=None), bbox_head=dict(num_classes=3))
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(data_root=data_root, metainfo=metainfo, pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(data_root=data_root, metainfo=metainfo, pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + "annotations/instances_val2017.json")
test_evaluator = val_evaluator
param_scheduler = [
    dict(type="LinearLR", start_factor=0.1, by_epoch=False, begin=0, end=4),
    dict(type="MultiStepLR", begin=0, end=3, by_epoch=True, milestones=[2], gamma=0.1),
]
optim_wrapper = dict(optimizer=dict(lr=0.005))
train_cfg = dict(max_epochs=2)
default_hooks = dict(
    logger=dict(interval=1),
    visualization=dict(type="DetVisualizationHook", draw=True, interval=1, test_out_dir="shown"),
)
randomness = dict(seed=0)
