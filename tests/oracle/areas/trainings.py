"""Whole small trainings: which hooks fire when, intervals, what is saved, when it stops."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """import os, json, torch, logging
from torch import nn
from torch.utils.data import Dataset
from mmengine.model import BaseModel
from mmengine.runner import Runner
from mmengine.hooks import Hook
from mmengine.evaluator import BaseMetric
calls = []
class Model(BaseModel):
    def __init__(self):
        super().__init__()
        self.w = nn.Linear(1, 1)
        nn.init.constant_(self.w.weight, 0.3); nn.init.constant_(self.w.bias, 0.1)
    def forward(self, x, mode='tensor'):
        if mode == 'loss': return dict(loss=((self.w(x) - 1) ** 2).mean())
        return [self.w(x)]
class Data(Dataset):
    metainfo = dict(classes=('a',))
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
    def __getitem__(self, i): return dict(x=torch.tensor([i / self.n]))
class Metric(BaseMetric):
    default_prefix = 'm'
    scores = SCORES
    def process(self, data_batch, data_samples): self.results.append(len(data_samples))
    def compute_metrics(self, results):
        type(self).n = getattr(type(self), 'n', -1) + 1
        return dict(score=self.scores[self.n % len(self.scores)], size=sum(results))
class Watch(Hook):
    priority = 'LOWEST'
for stage in Hook.stages:
    def made(self, runner, *args, _stage=stage, **kwargs):
        calls.append((_stage, runner.epoch, runner.iter))
    setattr(Watch, stage, made)
"""


@st.composite
def programs(draw: Any) -> str:
    """A training with loops, schedulers and hooks."""
    n, batch = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    by_epoch = draw(st.booleans())
    interval = draw(st.integers(1, 3))
    total = draw(st.integers(1, 5)) if by_epoch else draw(st.integers(1, 10))
    begin = draw(st.sampled_from([1, 1, 2]))
    dynamic = draw(
        st.sampled_from(
            [
                "",
                "",
                f", dynamic_intervals=[({draw(st.integers(1, 4))}, {draw(st.integers(1, 2))})]",
            ]
        )
    )
    loop = (
        f"dict(by_epoch=True, max_epochs={total}, val_interval={interval}, val_begin={begin}{dynamic})"
        if by_epoch
        else f"dict(by_epoch=False, max_iters={total}, val_interval={interval}, val_begin={begin}{dynamic})"
    )
    checkpoint = [
        f"interval={draw(st.sampled_from([-1, 1, 2, 3]))}",
        f"by_epoch={draw(st.booleans())}",
    ]
    checkpoint += draw(
        st.lists(
            st.sampled_from(
                [
                    "max_keep_ckpts=1",
                    "save_best='m/score'",
                    "save_begin=2",
                    "save_optimizer=False",
                    "published_keys=['state_dict']",
                ]
            ),
            max_size=2,
            unique=True,
        )
    )
    if any("save_best" in each for each in checkpoint):
        checkpoint.append(draw(st.sampled_from(["rule='greater'", "rule='less'"])))
    hooks = ["dict(type=Watch)"]
    if draw(st.integers(0, 2)) == 0:
        hooks.append(
            f"dict(type='EarlyStoppingHook', monitor='m/score', patience={draw(st.integers(1, 2))}, rule='greater', min_delta=0.1)"
        )
        checkpoint.append("save_last=False")  # it is saved where it stops, as documented
    if draw(st.integers(0, 3)) == 0:
        hooks.append(
            f"dict(type='EMAHook', momentum=0.1, begin_{'epoch' if by_epoch else 'iter'}={draw(st.integers(0, 2))})"
        )
    if "save_last=False" not in checkpoint and draw(st.booleans()):
        checkpoint.append("save_last=False")
    scheduler = draw(
        st.sampled_from(
            [
                "None",
                f"dict(type='MultiStepLR', by_epoch={by_epoch}, milestones=[1, 3], gamma=0.5)",
                "dict(type='LinearLR', by_epoch=False, start_factor=0.1, begin=0, end=4)",
                "[dict(type='LinearLR', by_epoch=False, start_factor=0.5, end=2), dict(type='CosineAnnealingLR', by_epoch=True, T_max=4, begin=1, end=5, convert_to_iter_based=True)]",
            ]
        )
    )
    if not by_epoch:
        scheduler = scheduler.replace("by_epoch=True, T_max", "by_epoch=False, T_max").replace(
            ", convert_to_iter_based=True", ""
        )
    lines = [
        f"loader = lambda n, shuffle: dict(batch_size={batch}, num_workers=0, collate_fn=dict(type='default_collate'), dataset=Data(n), sampler=dict(type='DefaultSampler', shuffle=shuffle))",
        f"custom = [{', '.join(hooks)}]",
        "from mmengine.registry import HOOKS",
        "HOOKS.register_module(module=Watch) is Watch",
        "custom[0] = dict(type='Watch')",
        f"runner = Runner(model=Model(), work_dir='w', train_dataloader=loader({n}, True), train_cfg={loop}, optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1), accumulative_counts={draw(st.integers(1, 2))}), param_scheduler={scheduler}, val_dataloader=loader(3, False), val_cfg=dict(), val_evaluator=[Metric()], default_hooks=dict(checkpoint=dict(type='CheckpointHook', {', '.join(checkpoint)}), logger=dict(type='LoggerHook', interval={draw(st.integers(1, 3))})), custom_hooks=custom, randomness=dict(seed=1), experiment_name='e', log_processor=dict(by_epoch={by_epoch}))",
        "runner.train() is not None",
        *_files(has_best=any("save_best" in each for each in checkpoint)),
        "runner.epoch, runner.iter, runner.max_epochs, runner.max_iters, runner.train_loop.stop_training",
        "list(runner.model.state_dict().values())",
        "runner.optim_wrapper.get_lr()['lr']",
        "{k: v.data for k, v in sorted(runner.message_hub.log_scalars.items()) if 'time' not in k and 'memory' not in k}",
        "os.path.basename(str(runner.message_hub.get_info('best_ckpt'))), runner.message_hub.get_info('best_score')",
        "[{k: v for k, v in json.loads(line).items() if 'time' not in k and k != 'memory'} for f in sorted(__import__('pathlib').Path('w').rglob('scalars.json')) for line in f.read_text().splitlines()]",
    ]
    scores = draw(st.lists(st.integers(0, 5), min_size=1, max_size=5))
    return _START.replace("SCORES", repr(scores)) + "\n".join(lines)


def _files(*, has_best: bool) -> list[str]:
    """What has happened, and what there is; MMEngine saves everything again with a new best."""
    listed = "sorted(f.split('-')[0] for f in os.listdir('w') if f.endswith('.pth'){})"
    if has_best:
        return [
            "[each for each in calls if each[0] != 'before_save_checkpoint']",
            listed.format(" and f.startswith('best')"),
        ]
    return [
        "calls",
        listed.format(""),
        "open('w/last_checkpoint').read().split('/')[-1] if os.path.exists('w/last_checkpoint') else None",
    ]
