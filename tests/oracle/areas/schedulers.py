"""Every scheduler on every optimizer: values step by step, converted, chained, resumed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """import torch
from torch import nn
from mmengine.optim import OptimWrapper
from mmengine.registry import PARAM_SCHEDULERS as S
import mmengine.optim.scheduler
def optimizer():
    weights = [nn.Parameter(torch.ones(1)) for _ in range(3)]
    groups = {groups}
    return torch.optim.{kind}(groups, {args})
def built(cfgs, o):
    made = []
    for cfg in cfgs:
        cfg = dict(cfg)
        kind = cfg.pop('type')
        cls = S.get(kind)
        made.append(cls.build_iter_from_epoch(o, epoch_length=3, **cfg) if cfg.pop('convert', False) else cls(o, **cfg))
    return made
def state(o):
    return [[g['lr'], None if 'betas' in g else g.get('momentum'), list(g.get('betas', ()))] for g in o.param_groups]
def rounds(schedulers, o, count):
    found = []
    for _ in range(count):
        o.step()
        for each in schedulers:
            each.step(*([dict(loss=METRIC[each.last_step % len(METRIC)])] if getattr(each, 'need_val_args', False) else ()))
        found.append(state(o))
    return found
METRIC = {metric}
"""
_GROUPS = [
    "[dict(params=weights[:2]), dict(params=weights[2:], lr=0.5)]",
    "[dict(params=weights[:1]), dict(params=weights[1:2], lr=0.02), dict(params=weights[2:], lr=0.5)]",
    "weights",
]
_KINDS = {
    "SGD": ["lr=0.1, momentum=0.9", "lr=0.1"],
    "AdamW": ["lr=0.01", "lr=0.01, betas=(0.8, 0.99)"],
    "RMSprop": ["lr=0.1, momentum=0.5"],
}


@st.composite
def _scheduler(draw: Any) -> str:
    end, begin = draw(st.integers(2, 8)), draw(st.integers(0, 3))
    part = draw(st.sampled_from(["LR", "LR", "Momentum"]))
    kinds = {
        f"Constant{part}": f"factor={draw(st.sampled_from([0.5, 1 / 3]))}",
        f"Linear{part}": f"start_factor={draw(st.sampled_from([0.1, 1.0, 0.001]))}, end_factor={draw(st.sampled_from([1.0, 0.2]))}",
        f"Exponential{part}": "gamma=0.7",
        f"Step{part}": f"step_size={draw(st.integers(1, 3))}, gamma=0.5",
        f"MultiStep{part}": f"milestones={draw(st.lists(st.integers(0, 8), min_size=1, max_size=3))}, gamma=0.3",
        f"CosineAnnealing{part}": draw(
            st.sampled_from(["eta_min=0.01", f"T_max={end}", f"T_max={end}, eta_min_ratio=0.1"])
        ),
        f"Poly{part}": f"power={draw(st.sampled_from([1.0, 2.0]))}, eta_min=0.001",
        f"CosineRestart{part}": f"periods=[{end}, 3], restart_weights=[1, 0.5], eta_min=0.001",
    }
    if part == "LR":
        kinds["OneCycleLR"] = f"eta_max=0.5, total_steps={end + 2}, pct_start=0.4"
    kinds[f"ReduceOnPlateau{part}"] = (
        f"factor=0.5, patience={draw(st.integers(0, 1))}, rule={draw(st.sampled_from(['less', 'greater']))!r}"
    )
    kind = draw(st.sampled_from(sorted(kinds)))
    bounds = draw(st.sampled_from(["", f"begin={begin}, end={begin + end}", f"end={end}"]))
    more = draw(
        st.sampled_from(["", "by_epoch=True, convert=True", "last_step=-1", "by_epoch=False"])
    )
    if "Plateau" in kind:  # begin and end count other things, as documented
        bounds, more = "", "last_step=-1"
    if kind == "OneCycleLR":
        more = more.replace("by_epoch=True, ", "")
    return f"dict(type={kind!r}, {', '.join(part for part in (kinds[kind], bounds, more) if part)})"


@st.composite
def programs(draw: Any) -> str:
    """One to three schedulers, a save in the middle, and the rest by others that load it."""
    kind = draw(st.sampled_from(sorted(_KINDS)))
    metric = draw(st.lists(st.integers(0, 3), min_size=1, max_size=5))
    start = _START.format(
        kind=kind,
        args=draw(st.sampled_from(_KINDS[kind])),
        metric=metric,
        groups=draw(st.sampled_from(_GROUPS)),
    )
    cfgs = draw(st.lists(_scheduler(), min_size=1, max_size=3))
    over, later = draw(st.tuples(*[st.sampled_from(["{}", "OptimWrapper({})"])] * 2))
    steps = draw(st.integers(1, 5))
    lines = [
        f"cfgs = [{', '.join(cfgs)}]",
        "o = optimizer()",
        f"schedulers = built(cfgs, {over.format('o')})",
        "state(o)",
        f"rounds(schedulers, o, {steps})",
        "[each.get_last_value() for each in schedulers]",
        "saved = [each.state_dict() for each in schedulers], o.state_dict()",
        "[each.last_step for each in schedulers], [each.by_epoch for each in schedulers]",
        "o2 = optimizer()",
        f"again = built(cfgs, {later.format('o2')})",
        "o2.load_state_dict(saved[1])",
        "for each, values in zip(again, saved[0]): each.load_state_dict(values)",
        "rounds(again, o2, 6)",
        "rounds(schedulers, o, 6)",
    ]
    return start + "\n".join(lines)
