"""Train a tiny Llama on Python's language reference, letter by letter."""

custom_imports = dict(imports=["llama", "text"])  # llama.py and text.py, beside this file

work_dir = "work_dirs/llama"
num_iters = 300

model = dict(type="llama", size="tiny")  # a plain module: its output has the loss

train_dataloader = dict(
    batch_size=16,
    dataset=dict(type="Tokens", train=True, length=128),
    sampler=dict(type="InfiniteSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=32,
    dataset=dict(type="Tokens", train=False, length=128, num_samples=64),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)

train_cfg = dict(by_epoch=False, max_iters=num_iters, val_interval=100)
val_cfg = dict(loss=True)  # the loss, in nats for each byte
optim_wrapper = dict(
    optimizer=dict(type="AdamW", lr=2e-3, weight_decay=0.1, betas=(0.9, 0.95)),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type="LinearLR", start_factor=0.1, by_epoch=False, end=20),
    dict(type="CosineAnnealingLR", by_epoch=False, begin=20, T_max=num_iters - 20, eta_min=2e-4),
]
default_hooks = dict(
    logger=dict(interval=20),
    checkpoint=dict(by_epoch=False, interval=100, max_keep_ckpts=2),
)
randomness = dict(seed=0)
