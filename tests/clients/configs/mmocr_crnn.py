# CRNN on short words.
_base_ = "mmocr::textrecog/crnn/crnn_mini-vgg_5e_mj.py"

words = dict(type="OCRDataset", data_root="words", data_prefix=dict(img_path=""))
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    dataset=dict(_delete_=True, **words, ann_file="train.json", pipeline=_base_.train_pipeline),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    dataset=dict(
        _delete_=True, **words, ann_file="val.json", test_mode=True, pipeline=_base_.test_pipeline
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(dataset_prefixes=["words"])
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=2, val_interval=1)
default_hooks = dict(
    logger=dict(interval=1),
    checkpoint=dict(interval=1),
    visualization=dict(enable=True, interval=1),
)
randomness = dict(seed=0)
