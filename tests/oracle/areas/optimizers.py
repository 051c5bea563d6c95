"""paramwise_cfg on generated models, and sequences of steps with accumulation and clipping."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """import torch
from torch import nn
from mmengine.optim import build_optim_wrapper, OptimWrapper, OptimWrapperDict, DefaultOptimWrapperConstructor
class Net(nn.Module):
    def __init__(self, parts):
        super().__init__()
        for name, part in parts: self.add_module(name, part)
    def forward(self, x): return x
def model():
    torch.manual_seed(0)
    return {model}
def groups(w):
    o = getattr(w, 'optimizer', w)
    keys = ('lr', 'weight_decay', 'momentum')
    settings = {id(p): [g.get(k) for k in keys] for g in o.param_groups for p in g['params']}
    return [[name, settings.get(id(p))] for name, p in m.named_parameters()]
"""


@st.composite
def _part(draw: Any, depth: int) -> str:
    leaves = [
        "nn.Linear(2, 3)",
        "nn.Linear(2, 3, bias=False)",
        "nn.Conv2d(2, 2, 1)",
        "nn.Conv2d(2, 2, 1, groups=2)",
        "nn.BatchNorm2d(2)",
        "nn.GroupNorm(1, 2)",
        "nn.LayerNorm(2)",
        "nn.InstanceNorm2d(2, affine=True)",
        "nn.Embedding(2, 2)",
        "nn.PReLU()",
    ]
    if depth and draw(st.integers(0, 2)) == 0:
        names = draw(
            st.lists(
                st.sampled_from(["conv", "head", "norm", "sub", "backbone"]),
                min_size=1,
                max_size=3,
                unique=True,
            )
        )
        return f"Net([{', '.join(f'({name!r}, {draw(_part(depth - 1))})' for name in names)}])"
    return str(draw(st.sampled_from(leaves)))


@st.composite
def programs(draw: Any) -> str:
    """A model, settings for its parameters, and some steps."""
    names = draw(
        st.lists(
            st.sampled_from(["conv", "head", "norm", "sub", "backbone"]),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    model = f"Net([{', '.join(f'({name!r}, {draw(_part(2))})' for name in names)}])"
    multiplier = st.sampled_from([0, 0.1, 2.0])
    settings = [
        f"{key}={draw(multiplier)}"
        for key in (
            "bias_lr_mult",
            "bias_decay_mult",
            "norm_decay_mult",
            "dwconv_decay_mult",
            "flat_decay_mult",
        )
        if draw(st.integers(0, 2)) == 0
    ]
    custom = {
        draw(st.sampled_from(names)): {
            key: draw(multiplier)
            for key in draw(
                st.lists(st.sampled_from(["lr_mult", "decay_mult"]), min_size=1, unique=True)
            )
        }
        for _ in range(draw(st.integers(0, 2)))
    }
    if custom and (not settings or all(len(each) == 2 for each in custom.values())):
        settings.append(f"custom_keys={custom}")
    if draw(st.booleans()):
        settings.append("bypass_duplicate=True")
    kind = draw(
        st.sampled_from(
            [
                "type='SGD', lr=0.1, momentum=0.9, weight_decay=0.01",
                "type='AdamW', lr=0.01, weight_decay=0.1",
            ]
        )
    )
    accumulative, clip = (
        draw(st.integers(1, 3)),
        draw(st.sampled_from(["None", "dict(max_norm=1)", "dict(type='value', clip_value=0.1)"])),
    )
    lines = [
        "m = model()",
        f"w = build_optim_wrapper(m, dict(type='OptimWrapper', optimizer=dict({kind}), paramwise_cfg=dict({', '.join(settings)}), accumulative_counts={accumulative}, clip_grad={clip}))",
        "groups(w)",
        f"w.initialize_count_status(m, 0, {draw(st.integers(1, 7))})",
        "for i in range(5): w.update_params(sum((p * (i + 1)).sum() for p in m.parameters() if p.requires_grad))",
        "[p for p in m.parameters()]",
        "sorted(set(w.get_lr()['lr'])), sorted(map(str, set(w.get_momentum()['momentum'])))",
        "w.should_update(), w.should_sync(), w.inner_count",
        "w.zero_grad()",
        "d = OptimWrapperDict(a=w, b=OptimWrapper(torch.optim.SGD([nn.Parameter(torch.ones(2))], lr=0.3)))",
        "len(d), list(d.keys()), 'a' in d",
        "d['b'].update_params(torch.ones(1, requires_grad=True).sum())",
        "d.update_params(torch.ones(1))",
        "sorted(d.state_dict())",
    ]
    return _START.replace("{model}", model) + "\n".join(lines)
