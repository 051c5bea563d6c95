"""Train a small network on scikit-learn's handwritten digits: `hatch run train`."""

custom_imports = dict(imports=["digits"])  # digits.py, beside this file

work_dir = "work_dirs/digits"
batch_size = 64
num_epochs = 20

model = dict(type="DigitNet", width=32)

train_dataloader = dict(
    batch_size=batch_size,
    dataset=dict(type="Digits", train=True, pipeline=[dict(type="Shift", prob=0.5)]),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=batch_size,
    dataset=dict(type="Digits", train=False),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="Accuracy")

train_cfg = dict(by_epoch=True, max_epochs=num_epochs)
val_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=4e-3, weight_decay=1e-2))
param_scheduler = [
    dict(type="OneCycleLR", eta_max=4e-3, total_steps=num_epochs, convert_to_iter_based=True),
]
default_hooks = dict(
    checkpoint=dict(interval=1, max_keep_ckpts=2, save_best="accuracy", rule="greater"),
)
custom_hooks = [dict(type="ShowPredictions")]
randomness = dict(seed=0)
