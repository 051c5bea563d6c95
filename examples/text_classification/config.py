"""Tell from a docstring which package of the standard library it is of."""

custom_imports = dict(imports=["docstrings"])  # docstrings.py, beside this file

work_dir = "work_dirs/text_classification"
num_epochs = 20
num_texts = None  # of each package, the first ones; all of them take half a minute to embed

model = dict(type="TextClassifier", width=128)

train_dataloader = dict(
    batch_size=32,
    dataset=dict(type="Docstrings", train=True, num_texts=num_texts),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=128,
    dataset=dict(type="Docstrings", train=False, num_texts=num_texts),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="TopKAccuracy", topk=(1, 3))

train_cfg = dict(by_epoch=True, max_epochs=num_epochs, val_interval=5)
val_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=3e-3, weight_decay=1e-2))
param_scheduler = [
    dict(type="CosineAnnealingLR", T_max=num_epochs, convert_to_iter_based=True),
]
default_hooks = dict(checkpoint=dict(interval=5, save_best="auto"))
randomness = dict(seed=0)
