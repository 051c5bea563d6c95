"""engine-config against mmengine.config: loading, printing, access, copies, import.

The sample is of the size of a real detection config: five files that inherit from one another,
270 lines, written anew into a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Case, Side, compare, import_cpu, print_table, seconds
from peer import mmengine_python, mmpretrain_python

STAGE = """        dict(
            type='Stage{i}',
            in_channels={i}56,
            out_channels=256,
            kernel_size=3,
            stride=({s}, {s}),
            norm_cfg=dict(type='BN', requires_grad=True, eps=1e-5),
            act_cfg=dict(type='ReLU', inplace=True),
            init_cfg=dict(type='Kaiming', layer=['Conv2d', 'Linear'], mode='fan_out')),
"""
TRANSFORM = """    dict(
        type='Transform{i}',
        scale=[(1333, {i}40), (1333, {i}80)],
        prob=0.{i},
        keep_ratio=True,
        meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape')),
"""
LOADER = """{name}_dataloader = dict(
    batch_size={i},
    num_workers={i},
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle={shuffle}),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/instances_{name}2017.json',
        data_prefix=dict(img='{name}2017/'),
        metainfo=dict(classes=classes, palette=[(220, 20, 60), (119, 11, 32), (0, 0, 142)]),
        filter_cfg=dict(filter_empty_gt=True, min_size=32),
        test_mode={test},
        pipeline=pipeline,
        backend_args=backend_args))
"""
RUNTIME = """default_scope = 'mmengine'
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=3, save_best='auto'),
    sampler_seed=dict(type='DistSamplerSeedHook'))
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'))
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='Visualizer', vis_backends=vis_backends, name='visualizer')
log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True)
log_level = 'INFO'
load_from = None
resume = False
"""
SCHEDULE = """max_epochs = 12
base_lr = 0.02
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(
        type='MultiStepLR',
        begin=0,
        end=max_epochs,
        by_epoch=True,
        milestones=[max_epochs - 4, max_epochs - 1],
        gamma=0.1)]
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=base_lr, momentum=0.9, weight_decay=0.0001),
    clip_grad=dict(max_norm=35, norm_type=2),
    paramwise_cfg=dict(
        norm_decay_mult=0.0,
        custom_keys={'backbone': dict(lr_mult=0.1), 'neck.convs': dict(decay_mult=0.5)}))
auto_scale_lr = dict(enable=False, base_batch_size=16)
"""
CHILD = """_base_ = ['./model.py', './data.py', './schedule.py', './runtime.py']
num_classes = 20
max_epochs = 24
model = dict(
    backbone=dict(depth=101, init_cfg=dict(type='Pretrained', checkpoint='r101.pth')),
    neck=dict(num_outs=6, norm_cfg=dict(_delete_=True, type='GN', num_groups=32)),
    head=dict(num_classes=num_classes))
train_dataloader = dict(batch_size=4, dataset=dict(ann_file='train.json'))
train_cfg = dict(max_epochs=max_epochs)
optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=_base_.base_lr / 100))
work_dir = './work_dirs/sample'
"""


# as if nobody had read them: what is kept of a file is so by its time
TOUCH = "for file in files: os.utime(file)\n"


def write_sample(folder: Path) -> tuple[Path, int]:
    """Write the five files; return the one to load and the number of lines of all."""
    stages = "".join(STAGE.format(i=i, s=1 + i % 2) for i in range(1, 13))
    transforms = "".join(TRANSFORM.format(i=i) for i in range(1, 9))
    loaders = "".join(
        LOADER.format(name=name, i=i, shuffle=i == 2, test=i == 1)
        for name, i in (("train", 2), ("val", 1), ("test", 1))
    )
    files = {
        "model.py": "model = dict(\n    type='Detector',\n"
        "    backbone=dict(type='ResNet', depth=50, out_indices=(0, 1, 2, 3)),\n"
        "    neck=dict(type='FPN', num_outs=5, norm_cfg=dict(type='BN')),\n"
        f"    head=dict(type='Head', num_classes=80),\n    stages=[\n{stages}    ])\n",
        "data.py": "dataset_type = 'CocoDataset'\ndata_root = 'data/coco/'\nbackend_args = None\n"
        "classes = ('person', 'bicycle', 'car')\n"
        f"pipeline = [\n{transforms}]\n{loaders}",
        "schedule.py": SCHEDULE,
        "runtime.py": RUNTIME,
        "child.py": CHILD,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder / "child.py", sum(text.count("\n") for text in files.values())


def cases(path: Path) -> list[Case]:
    """What is compared."""
    files = [str(each) for each in path.parent.glob("*.py")]
    ours = (
        "from engine_config import Config\nimport copy, os\n"
        f"path = {str(path)!r}\nfiles = {files!r}\n"
    )
    theirs = f"from mmengine.config import Config\nimport copy\npath = {str(path)!r}\n"
    loaded = "cfg = Config.fromfile(path)\n"
    load = "Config.fromfile(path)"

    def same(name: str, statement: str, target: float | None) -> Case:
        return Case(
            name=name,
            ours=(ours + loaded, statement),
            theirs=(theirs + loaded, statement),
            target=target,
        )

    return [
        Case(
            name="fromfile, files never seen",
            ours=(ours, f"{TOUCH}{load}"),
            theirs=(theirs, load),
            target=5,
        ),
        Case(name="fromfile, read before", ours=(ours, load), theirs=(theirs, load), target=10),
        same("pretty_text", "cfg.pretty_text", 40),
        same("read cfg.model.backbone.depth", "cfg.model.backbone.depth", 1),
        same("read cfg['model']['backbone']['depth']", "cfg['model']['backbone']['depth']", 1),
        same("deepcopy", "copy.deepcopy(cfg)", 1),
        same("merge_from_dict", "cfg.merge_from_dict({'model.backbone.depth': 18})", None),
        same("to_dict", "cfg.to_dict()", None),
    ]


LOADABLE = """
import json, sys
from pathlib import Path
from mmengine.config import Config
found = []
for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    try:
        Config.fromfile(path, import_custom_modules=False)
    except Exception:  # some need other libraries, some are broken
        continue
    found.append(str(path))
print(json.dumps(found))
"""


def published(repeats: int = 3) -> None:
    """Print what loading the configs that mmpretrain's wheel carries takes."""
    peer = mmpretrain_python()
    find = "from importlib.util import find_spec; print(find_spec('mmpretrain').origin)"
    place = _printed(peer, "-c", find).strip()
    load = "for path in paths: Config.fromfile(path, import_custom_modules=False)"
    with tempfile.TemporaryDirectory() as folder:
        copied = shutil.copytree(Path(place).parent / ".mim/configs", Path(folder, "configs"))
        files = [str(each) for each in copied.rglob("*.py")]
        loaded = json.loads(_printed(peer, "-c", LOADABLE, copied).splitlines()[-1])
        paths = loaded[:: max(1, len(loaded) // 300)]
        setup = f"import os\nfiles = {files!r}\npaths = {paths!r}\n"
        mine = setup + "from engine_config import Config"
        theirs = setup + "from mmengine.config import Config", load
        both = [
            Case(name="files never seen", ours=(mine, TOUCH + load), theirs=theirs, number=1),
            Case(name="read before", ours=(mine, load), theirs=theirs, number=1),
        ]
        title = f"{len(paths)} of the {len(loaded)} files of mmpretrain's configs that load"
        compare(title, both, peer=peer, repeats=repeats)


def _printed(*command: str | Path) -> str:
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout


def main() -> None:
    """Print the tables."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    peer = mmengine_python()
    with tempfile.TemporaryDirectory() as folder:
        path, lines = write_sample(Path(folder))
        compare(f"five files that inherit, {lines} lines", cases(path), peer=peer)
        parse = "".join(
            f"ast.parse({text.read_text()!r})\n" for text in sorted(Path(folder).glob("*.py"))
        )
        with Side() as side:
            print(f"Python's own parser, the five files: {seconds(side.time('import ast', parse))}")
    rows = [("import over a bare interpreter", "CPU", "target")]
    cost = import_cpu(sys.executable, "import engine_config")
    rows.append(("engine_config", seconds(cost), "<= 25 ms"))
    rows.append(("mmengine.config", seconds(import_cpu(peer, "import mmengine.config")), ""))
    print_table("imports", rows)
    published()


if __name__ == "__main__":
    main()
