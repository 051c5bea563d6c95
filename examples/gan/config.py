"""Train two networks against one another, each with an optimizer of its own."""

custom_imports = dict(imports=["gan"])  # gan.py, beside this file

work_dir = "work_dirs/gan"
num_epochs = 60

model = dict(type="DigitGAN", noise_size=16, width=128)
# In several processes each network averages its gradients by itself.
model_wrapper_cfg = dict(type="MMSeparateDistributedDataParallel")

train_dataloader = dict(
    batch_size=64,
    dataset=dict(type="DigitPictures"),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
    drop_last=True,
)
val_dataloader = dict(
    batch_size=599,
    dataset=dict(type="DigitPictures"),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="FrechetDistance")

train_cfg = dict(by_epoch=True, max_epochs=num_epochs, val_interval=10)
val_cfg = dict()
optim_wrapper = dict(
    constructor="OptimizerForEachPart",
    generator=dict(optimizer=dict(type="Adam", lr=1e-3, betas=(0.5, 0.999))),
    discriminator=dict(optimizer=dict(type="Adam", lr=5e-4, betas=(0.5, 0.999))),
)
# One list for both, or a dict with a list for each.
param_scheduler = dict(
    generator=[dict(type="LinearLR", start_factor=1.0, end_factor=0.1, end=num_epochs)],
    discriminator=[dict(type="LinearLR", start_factor=1.0, end_factor=0.1, end=num_epochs)],
)
default_hooks = dict(checkpoint=dict(interval=10, save_best="frechet", rule="less"))
custom_hooks = [dict(type="ShowDrawn")]
randomness = dict(seed=0)
