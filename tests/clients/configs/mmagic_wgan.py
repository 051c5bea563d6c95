# A Wasserstein GAN of two small networks, each with its optimizer, by iterations.
_base_ = [  # 0.10.7 finds no config in a folder with a hyphen, as wgan-gp is
    "mmagic::_base_/datasets/unconditional_imgs_128x128.py",
    "mmagic::_base_/gen_default_runtime.py",
]

load = [
    dict(type="LoadImageFromFile", key="gt"),
    dict(type="Resize", keys="gt", scale=(32, 32)),
    dict(type="PackInputs"),
]
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="faces/", pipeline=load),
)
val_dataloader = train_dataloader
test_dataloader = train_dataloader
model = dict(
    type="WGANGP",
    data_preprocessor=dict(type="DataPreprocessor"),
    generator=dict(type="WGANGPGenerator", noise_size=16, out_scale=32),
    discriminator=dict(
        type="WGANGPDiscriminator",
        in_channel=3,
        in_scale=32,
        conv_module_cfg=dict(
            conv_cfg=None,
            kernel_size=3,
            stride=1,
            padding=1,
            bias=True,
            act_cfg=dict(type="LeakyReLU", negative_slope=0.2),
            norm_cfg=dict(type="GN"),
            order=("conv", "norm", "act"),
        ),
    ),
    discriminator_steps=2,
    loss_config=dict(gp_norm_mode="HWC", gp_loss_weight=10),
)
adam = dict(optimizer=dict(type="Adam", lr=0.0001, betas=(0.5, 0.9)))
optim_wrapper = dict(generator=adam, discriminator=adam)
swd = dict(type="SWD", prefix="swd", fake_nums=8, sample_model="orig", image_shape=(3, 32, 32))
val_evaluator = dict(metrics=[swd])
test_evaluator = val_evaluator
train_cfg = dict(max_iters=6, val_begin=1, val_interval=3)
custom_hooks = [
    dict(
        type="VisualizationHook",
        interval=3,
        fixed_input=True,
        vis_kwargs_list=dict(type="GAN", name="fake_img"),
    )
]
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=3))
randomness = dict(_delete_=True, seed=0)
