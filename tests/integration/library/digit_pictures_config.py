"""A training on digits in memory that predicts for files."""

custom_imports = dict(imports=["digits", "digit_pictures"])

model = dict(type="PictureNet")
train_dataloader = dict(
    batch_size=50,
    dataset=dict(type="Digits", train=True, pipeline=[]),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
train_cfg = dict(by_epoch=True, max_epochs=8)
optim_wrapper = dict(optimizer=dict(type="Adam", lr=0.01))
test_dataloader = dict(
    batch_size=8,
    dataset=dict(type="DigitFiles", data_root="pictures", pipeline=[dict(type="ReadDigit")]),
    collate_fn=dict(type="default_collate"),
)
test_cfg = dict()
test_evaluator = dict(type="TopKAccuracy")
tta_pipeline = [dict(type="ReadDigit"), dict(type="Moved")]
tta_model = dict(type="MeanOfViews")
default_hooks = dict(logger=dict(interval=100))
randomness = dict(seed=7)
log_level = "WARNING"
