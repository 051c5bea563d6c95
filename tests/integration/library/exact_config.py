"""A training of two epochs of eight batches, in which everything that could differ is at work."""

custom_imports = dict(imports=["exact"])

work_dir = "work"
model = dict(type="Drops")
train_dataloader = dict(
    batch_size=4,
    dataset=dict(type="Noisy"),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=16,
    dataset=dict(type="Noisy", augment=False),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="Confidence")
train_cfg = dict(by_epoch=True, max_epochs=2)
val_cfg = dict()
optim_wrapper = dict(
    type="AmpOptimWrapper",
    dtype="bfloat16",
    accumulative_counts=3,
    optimizer=dict(type="AdamW", lr=0.01),
)
param_scheduler = dict(type="OneCycleLR", eta_max=0.02, by_epoch=False, total_steps=16)
default_hooks = dict(
    logger=dict(interval=3),
    checkpoint=dict(by_epoch=False, interval=1, save_best="accuracy", max_keep_ckpts=1),
)
custom_hooks = [dict(type="EMAHook", momentum=0.1)]
randomness = dict(seed=3)
log_level = "ERROR"
