# ResNet_CIFAR-18 on pictures in folders, with pictures of its validation.
_base_ = "mmpretrain::resnet/resnet18_8xb16_cifar10.py"

train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    dataset=dict(
        _delete_=True,
        type="CustomDataset",
        data_root="labelled/train",
        pipeline=[
            dict(type="LoadImageFromFile"),
            dict(type="RandomResizedCrop", scale=32),
            dict(type="RandomFlip", prob=0.5, direction="horizontal"),
            dict(type="PackInputs"),
        ],
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=1,
    dataset=dict(
        _delete_=True,
        type="CustomDataset",
        data_root="labelled/val",
        pipeline=[
            dict(type="LoadImageFromFile"),
            dict(type="ResizeEdge", scale=32),
            dict(type="PackInputs"),
        ],
    ),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type="Accuracy", topk=(1, 5)),
    dict(type="SingleLabelMetric", items=["precision", "recall", "f1-score"]),
]
test_evaluator = val_evaluator

optim_wrapper = dict(optimizer=dict(lr=0.01))
train_cfg = dict(max_epochs=2)
default_hooks = dict(
    logger=dict(interval=1),
    checkpoint=dict(interval=1, save_best="auto"),
    visualization=dict(type="VisualizationHook", enable=True, interval=1),
)
randomness = dict(seed=0)
