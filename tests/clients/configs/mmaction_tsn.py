# TSN on a ResNet-18, on small videos.
_base_ = "mmaction::recognition/tsn/tsn_imagenet-pretrained-r50_8xb32-1x1x3-100e_kinetics400-rgb.py"

train_pipeline = [
    dict(type="DecordInit"),
    dict(type="SampleFrames", clip_len=1, frame_interval=1, num_clips=3),
    dict(type="DecordDecode"),
    dict(type="Resize", scale=(-1, 64)),
    dict(type="MultiScaleCrop", input_size=48, scales=(1, 0.875), max_wh_scale_gap=1),
    dict(type="Resize", scale=(48, 48), keep_ratio=False),
    dict(type="Flip", flip_ratio=0.5),
    dict(type="FormatShape", input_format="NCHW"),
    dict(type="PackActionInputs"),
]
val_pipeline = [
    dict(type="DecordInit"),
    dict(type="SampleFrames", clip_len=1, frame_interval=1, num_clips=3, test_mode=True),
    dict(type="DecordDecode"),
    dict(type="Resize", scale=(-1, 64)),
    dict(type="CenterCrop", crop_size=48),
    dict(type="FormatShape", input_format="NCHW"),
    dict(type="PackActionInputs"),
]
model = dict(
    backbone=dict(depth=18, pretrained=None), cls_head=dict(num_classes=2, in_channels=512)
)
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(
        ann_file="videos/train.txt",
        data_prefix=dict(video="videos/train"),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(
        ann_file="videos/val.txt", data_prefix=dict(video="videos/val"), pipeline=val_pipeline
    ),
)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=2, val_interval=1)
default_hooks = dict(
    logger=dict(interval=1, ignore_last=False),
    checkpoint=dict(interval=1, save_best="auto"),
)
randomness = dict(seed=0)
