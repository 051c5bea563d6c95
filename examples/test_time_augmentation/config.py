"""Test with several views of each picture: `engine test config.py CHECKPOINT --tta`."""

custom_imports = dict(imports=["shifted"])  # shifted.py, beside this file

work_dir = "work_dirs/test_time_augmentation"
num_epochs = 30

model = dict(type="Perceptron", width=128)

train_dataloader = dict(
    batch_size=64,
    dataset=dict(type="FramedDigits", train=True, pipeline=[dict(type="Move")]),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
test_dataloader = dict(
    batch_size=90,
    dataset=dict(type="FramedDigits", train=False, pipeline=[]),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
test_evaluator = dict(type="TopKAccuracy")

# With --tta this pipeline takes the place of the test data's, and this model asks the other one.
tta_model = dict(type="MeanOfScores")
tta_pipeline = [
    dict(type="Views", moves=[(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]),
]

train_cfg = dict(by_epoch=True, max_epochs=num_epochs)
test_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=3e-3, weight_decay=1e-2))
param_scheduler = [
    dict(type="CosineAnnealingLR", T_max=num_epochs, convert_to_iter_based=True),
]
default_hooks = dict(checkpoint=dict(interval=10))
randomness = dict(seed=0)
