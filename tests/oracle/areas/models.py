"""init_cfg, averaged models and FLOPs of generated models."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """import math, torch
from torch import nn
from mmengine.model import BaseModule, Sequential, ModuleList, ExponentialMovingAverage, MomentumAnnealingEMA, StochasticWeightAverage
from mmengine.model import initialize, constant_init, xavier_init, kaiming_init, normal_init, uniform_init, bias_init_with_prob
from mmengine.model.weight_init import caffe2_xavier_init, trunc_normal_, trunc_normal_init
from mmengine.analysis import get_model_complexity_info
class Net(BaseModule):
    def __init__(self, init_cfg=None):
        super().__init__(init_cfg)
        self.conv = nn.Conv2d(2, 2, 1)
        self.norm = nn.BatchNorm2d(2)
        self.head = Head()
    def forward(self, x): return self.head(self.norm(self.conv(x)).mean((2, 3)))
class Head(BaseModule):
    def __init__(self, init_cfg=None):
        super().__init__(init_cfg)
        self.fc = nn.Linear(2, 3)
    def forward(self, x): return self.fc(x)
def weights(m): return [(k, v) for k, v in m.state_dict().items()]
"""


@st.composite
def _init(draw: Any) -> str:
    kind = draw(
        st.sampled_from(
            ["Constant", "Xavier", "Normal", "TruncNormal", "Uniform", "Kaiming", "Caffe2Xavier"]
        )
    )
    given = {
        "Constant": "val=2",
        "Normal": "std=0.1",
        "TruncNormal": "std=0.1",
        "Uniform": "a=-1, b=2",
        "Xavier": "gain=2",
        "Kaiming": "mode='fan_out'",
    }.get(kind, "")
    layer = draw(
        st.sampled_from(
            [
                "layer='Conv2d'",
                "layer=['Conv2d', 'Linear']",
                "layer='BatchNorm2d'",
                "layer='_BatchNorm'",
                "override=dict(name='conv')",
                "layer='Linear', override=dict(name='conv', type='Constant', val=5)",
                "",
                "layer='Nothing'",
                "override=dict(name='zz')",
            ]
        )
    )
    more = (
        draw(st.sampled_from(["", "bias=1", "distribution='normal'"]))
        if kind != "Constant"
        else "bias=3"
    )
    return f"dict(type={kind!r}, {', '.join(p for p in (given, layer, more) if p)})"


@st.composite
def programs(draw: Any) -> str:
    """Initialised weights, averages of them over steps, counts of operations."""
    cfg = draw(
        st.one_of(_init(), st.lists(_init(), max_size=2).map(lambda each: f"[{', '.join(each)}]"))
    )
    average = draw(
        st.sampled_from(
            [
                "ExponentialMovingAverage(m, momentum=0.1)",
                "ExponentialMovingAverage(m, momentum=0.1, interval=2)",
                "ExponentialMovingAverage(m, momentum=0.2, update_buffers=True)",
                "MomentumAnnealingEMA(m, momentum=0.1, gamma=5)",
                "StochasticWeightAverage(m)",
                "StochasticWeightAverage(m, interval=2)",
            ]
        )
    )
    size = draw(st.sampled_from(["(2, 4, 4)", "(2, 1, 3)"]))
    function = draw(
        st.sampled_from(
            [
                "trunc_normal_(t, std=0.02)",
                "trunc_normal_(t, 0.5, 1.0, -1.0, 0.75)",
                "trunc_normal_init(layer, std=0.1)",
                "caffe2_xavier_init(layer)",
                "xavier_init(layer, distribution='uniform')",
                "kaiming_init(layer, mode='fan_in')",
            ]
        )
    )
    lines = [
        "torch.manual_seed(0)",
        "t, layer = nn.Parameter(torch.zeros(5)), nn.Linear(2, 3)",
        "torch.manual_seed(2)",
        function,
        "t, layer.weight, layer.bias, torch.rand(1)",
        "torch.manual_seed(0)",
        f"m = Net(init_cfg={cfg})",
        "m.init_weights()",
        "weights(m), m.is_init",
        "m.init_weights()",
        "torch.manual_seed(0)",
        "for p in m.parameters(): nn.init.uniform_(p)",
        f"a = {average}",
        "found = []",
        "for i in range(4):\n    for p in m.parameters(): p.data.add_(1)\n    m.norm.running_mean.add_(1)\n    a.update_parameters(m)\n    found.append([p.clone() for p in a.module.parameters()] + [a.module.norm.running_mean.clone()])",
        "found",
        "a.steps",
        "sorted(a.state_dict())",
        f"r = get_model_complexity_info(m.eval(), {size}, show_table=False, show_arch=False)",
        "r['flops'], r['params'], r['activations'], sorted(r)",
        "bias_init_with_prob(0.01)",
        f"s = Sequential(nn.Linear(1, 1), Head({draw(_init())}), init_cfg=None)",
        "torch.manual_seed(1)",
        "s.init_weights()",
        "weights(s[1])",
    ]
    return _START + "\n".join(lines)
