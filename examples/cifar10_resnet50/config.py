"""Train torchvision's ResNet-50 on CIFAR-10. It needs a GPU to be quick."""

custom_imports = dict(imports=["cifar"])  # cifar.py, beside this file

work_dir = "work_dirs/cifar10_resnet50"

model = dict(type="ResNet50")

train_dataloader = dict(
    batch_size=32,
    dataset=dict(type="CIFAR10", root="data/cifar10", train=True),
    sampler=dict(type="DefaultSampler", shuffle=True),
    collate_fn=dict(type="default_collate"),
)
val_dataloader = dict(
    batch_size=32,
    dataset=dict(type="CIFAR10", root="data/cifar10", train=False),
    sampler=dict(type="DefaultSampler", shuffle=False),
    collate_fn=dict(type="default_collate"),
)
val_evaluator = dict(type="Accuracy")

train_cfg = dict(by_epoch=True, max_epochs=5, val_interval=1)
val_cfg = dict()
optim_wrapper = dict(optimizer=dict(type="SGD", lr=0.001, momentum=0.9))
