# PointPillars with schedules of rate and momentum, in a smaller range and without pasted objects.
_base_ = "mmdet3d::pointpillars/pointpillars_hv_secfpn_8xb6-160e_kitti-3d-3class.py"

data_root = "kitti/"
metainfo = dict(classes=["Pedestrian", "Cyclist", "Car"])
voxel_size = [0.32, 0.32, 4]
point_cloud_range = [0, -10.24, -3, 20.48, 10.24, 1]
load = dict(type="LoadPointsFromFile", coord_type="LIDAR", load_dim=4, use_dim=4)
train_pipeline = [
    load,
    dict(type="LoadAnnotations3D", with_bbox_3d=True, with_label_3d=True),
    dict(type="RandomFlip3D", flip_ratio_bev_horizontal=0.5),
    dict(type="GlobalRotScaleTrans", rot_range=[-0.3, 0.3], scale_ratio_range=[0.95, 1.05]),
    dict(type="PointsRangeFilter", point_cloud_range=point_cloud_range),
    dict(type="ObjectRangeFilter", point_cloud_range=point_cloud_range),
    dict(type="PointShuffle"),
    dict(type="Pack3DDetInputs", keys=["points", "gt_labels_3d", "gt_bboxes_3d"]),
]
test_pipeline = [load, dict(type="Pack3DDetInputs", keys=["points"])]
ranges = [
    [0, -10.24, -0.6, 20.48, 10.24, -0.6],
    [0, -10.24, -0.6, 20.48, 10.24, -0.6],
    [0, -10.24, -1.78, 20.48, 10.24, -1.78],
]
model = dict(
    data_preprocessor=dict(
        voxel_layer=dict(
            point_cloud_range=point_cloud_range, voxel_size=voxel_size, max_voxels=(2000, 2000)
        )
    ),
    voxel_encoder=dict(voxel_size=voxel_size, point_cloud_range=point_cloud_range),
    middle_encoder=dict(output_shape=[64, 64]),
    backbone=dict(layer_nums=[1, 1, 1]),
    bbox_head=dict(anchor_generator=dict(ranges=ranges)),
    test_cfg=dict(nms_pre=20, max_num=10, score_thr=0.0),
)
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(times=1, dataset=dict(data_root=data_root, pipeline=train_pipeline)),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root=data_root, pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + "kitti_infos_val.pkl")
test_evaluator = val_evaluator
epoch_num = 2
lr = 0.001
param_scheduler = [
    dict(
        type=f"CosineAnnealing{kind}",
        T_max=1,
        eta_min=end,
        begin=begin,
        end=begin + 1,
        by_epoch=True,
        convert_to_iter_based=True,
    )
    for kind, begin, end in [
        ("LR", 0, 0.01),
        ("LR", 1, 1e-7),
        ("Momentum", 0, 0.89),
        ("Momentum", 1, 1),
    ]
]
train_cfg = dict(max_epochs=epoch_num, val_interval=1)
default_hooks = dict(logger=dict(interval=1))
randomness = dict(seed=0)
