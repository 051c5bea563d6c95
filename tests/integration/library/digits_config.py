"""A training on digits whose average is validated, that stops early and is profiled."""

custom_imports = dict(imports=["digits", "tiny"])

work_dir = "work"
model = dict(type="DigitNet")
train_dataloader = dict(
    batch_size=50,
    dataset=dict(type="Digits", train=True, pipeline=[]),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=100,
    dataset=dict(type="Digits", train=False, pipeline=[]),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
test_dataloader = val_dataloader
val_evaluator = dict(type="DigitAccuracy")
test_evaluator = dict(type="DigitAccuracy", keep=True)
train_cfg = dict(by_epoch=True, max_epochs=4)
val_cfg = dict()
test_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="Adam", lr=0.01))
default_hooks = dict(logger=dict(interval=100))
custom_hooks = [
    dict(type="EMAHook", momentum=0.1),
    dict(type="EarlyStoppingHook", monitor="accuracy", min_delta=0.02, patience=20),
    dict(
        type="ProfilerHook",
        by_epoch=False,
        profile_times=8,
        schedule=dict(wait=1, warmup=1, active=2, repeat=1),
        json_trace_path="trace.json",
    ),
]
tta_model = dict(type="MeanScores")
tta_pipeline = [dict(type="Shifts", by=[0, 1, -1])]
randomness = dict(seed=7)
log_level = "WARNING"
