"""A training of two epochs, that takes milliseconds."""

custom_imports = dict(imports=["tiny"])

work_dir = "work"
model = dict(type="TinyNet")
train_dataloader = dict(
    batch_size=4,
    dataset=dict(type="Samples"),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=4,
    dataset=dict(type="Samples", size=6),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
test_dataloader = val_dataloader
val_evaluator = dict(type="SquaredError")
test_evaluator = val_evaluator
train_cfg = dict(by_epoch=True, max_epochs=2)
val_cfg = dict()
test_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="SGD", lr=0.05, momentum=0.9))
param_scheduler = dict(type="ExponentialLR", gamma=0.9)
default_hooks = dict(logger=dict(interval=2))
randomness = dict(seed=3)
log_level = "WARNING"
