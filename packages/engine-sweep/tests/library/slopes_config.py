custom_imports = dict(imports=["slopes"])
model = dict(type="Line")
train_dataloader = dict(
    batch_size=4,
    dataset=dict(type="Slope"),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=4,
    dataset=dict(type="Slope"),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="Error")
train_cfg = dict(by_epoch=True, max_epochs=4)
val_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="SGD", lr=0.1))
default_hooks = dict(checkpoint=dict(interval=1))
randomness = dict(seed=0)
log_level = "WARNING"
sweep = dict(
    space={"optim_wrapper.optimizer.lr": "loguniform(1e-3, 1.0)"},
    metric="line/error",
    direction="minimize",
    trials=3,
)
