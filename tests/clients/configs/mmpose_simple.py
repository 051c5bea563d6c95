# The simple baseline on a ResNet-18, with its pictures.
_base_ = "mmpose::body_2d_keypoint/topdown_heatmap/coco/td-hm_res50_8xb64-210e_coco-256x192.py"

model = dict(
    backbone=dict(depth=18, init_cfg=None),
    head=dict(in_channels=512, deconv_out_channels=(32, 32, 32)),
)
train_dataloader = dict(batch_size=4, num_workers=1, dataset=dict(data_root="coco/"))
val_dataloader = dict(batch_size=4, num_workers=1, dataset=dict(data_root="coco/", bbox_file=""))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file="coco/annotations/person_keypoints_val2017.json")
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=2, val_interval=1)
param_scheduler = [
    dict(type="LinearLR", begin=0, end=4, start_factor=0.001, by_epoch=False),
    dict(type="MultiStepLR", begin=0, end=3, milestones=[2], gamma=0.1, by_epoch=True),
]
default_hooks = dict(
    logger=dict(interval=1),
    checkpoint=dict(interval=1),
    visualization=dict(type="PoseVisualizationHook", enable=True, interval=1),
)
randomness = dict(seed=0)
