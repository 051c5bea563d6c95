"""Find nuclei in a microscope's picture, pixel by pixel: mIoU about 0.9."""

custom_imports = dict(imports=["nuclei"])  # nuclei.py, beside this file

work_dir = "work_dirs/segmentation"
num_epochs = 15

model = dict(type="SmallUNet", num_classes=2, width=12)

train_dataloader = dict(
    batch_size=16,
    dataset=dict(type="Nuclei", train=True, pipeline=[dict(type="TurnAndMirror")]),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=8,
    dataset=dict(type="Nuclei", train=False),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="MeanIoU", num_classes=2, per_class=True)

train_cfg = dict(by_epoch=True, max_epochs=num_epochs, val_interval=5)
val_cfg = dict()
optim_wrapper = dict(
    optimizer=dict(type="AdamW", lr=4e-3, weight_decay=1e-2), clip_grad=dict(max_norm=1.0)
)
param_scheduler = [
    dict(type="OneCycleLR", eta_max=4e-3, total_steps=num_epochs, convert_to_iter_based=True),
]
default_hooks = dict(checkpoint=dict(interval=5, save_best="mIoU"))
custom_hooks = [dict(type="ShowNuclei")]
randomness = dict(seed=0)
