"""InstanceData, PixelData, LabelData and BaseDataElement: what operations give."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """import copy
import numpy as np, torch
from mmengine.structures import BaseDataElement, InstanceData, PixelData, LabelData
def shown(d):
    return [type(d).__name__, sorted(d.keys()), [d.get(k) for k in sorted(d.keys())], sorted(d.metainfo_items()), len(d) if hasattr(d, '__len__') else None]
"""


@st.composite
def _field(draw: Any, size: int) -> str:
    numbers = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))
    return draw(
        st.sampled_from(
            [
                f"torch.tensor({numbers})",
                f"torch.tensor({[[float(n), 1.0] for n in numbers]}).reshape({size}, 2)",
                f"np.array({numbers})",
                f"{numbers}",
                f"{tuple(numbers)}",
                f"{'abcdefgh'[:size]!r}",
                f"[dict(k=n) for n in {numbers}]",
                f"torch.zeros({size}, 2, 2)",
            ]
        )
    )


@st.composite
def programs(draw: Any) -> str:
    """An element, and what is done with it."""
    if draw(st.integers(0, 4)) == 0:
        return _START + draw(_pixels())
    if draw(st.integers(0, 4)) == 0:
        return _START + draw(_base())
    size = draw(st.integers(0, 4))
    lines = ["d = InstanceData(metainfo=dict(shape=(3, 4)))"]
    lines += [
        f"d.{name} = {draw(_field(size))}"
        for name in draw(st.sampled_from([["b"], ["b", "s"], ["b", "l", "s"]]))
    ]
    lines.append("shown(d)")
    for _ in range(draw(st.integers(1, 4))):
        flags = draw(st.lists(st.booleans(), min_size=size, max_size=size))
        picks = draw(st.lists(st.integers(-2, 4), max_size=3))
        index = draw(
            st.sampled_from(
                [
                    f"torch.tensor({flags}, dtype=torch.bool)",
                    f"torch.tensor({picks}, dtype=torch.long)",
                    f"np.array({flags}, dtype=bool)",
                    f"np.array({picks}, dtype=np.int64)",
                    f"{picks}",
                    f"{draw(st.integers(-3, 5))}",
                    "slice(1, None)",
                    "slice(None, None, 2)",
                    "slice(None, None, -1)",
                    f"{flags}",
                    "'b'",
                    "None",
                    "1.5",
                ]
            )
        )
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"shown(d[{index}])",
                        "shown(InstanceData.cat([d, d]))",
                        f"shown(InstanceData.cat([d, d[{index}]]))",
                        f"shown(InstanceData.cat([d[{index}], d]))",
                        "shown(InstanceData.cat([d]))",
                        "shown(d.clone()), shown(d.new()), shown(copy.deepcopy(d))",
                        "d.pop('b'), shown(d)",
                        "d.pop('zz', 3), shown(d)",
                        "del d.b",
                        f"d.s = {draw(_field(draw(st.integers(0, 4))))}",
                        "shown(d)",
                        "d.set_metainfo(dict(k=1)), shown(d)",
                        "d.set_metainfo(dict(b=1))",
                        "d.set_field(3, 'f', field_type='metainfo'), shown(d)",
                        "'b' in d, 'shape' in d, d.get('b'), d.get('q', 4)",
                        "shown(d.to_tensor()), shown(d.numpy()), shown(d.detach()), shown(d.cpu()), shown(d.to('cpu'))",
                        "shown(d.new(metainfo=dict(z=1), data=dict(q=[1])))",
                        "d.update(InstanceData(metainfo=dict(w=1))), shown(d)",
                        "d.shape, d.all_keys() is not None, sorted(d.all_keys()), sorted(d.metainfo_keys())",
                        "d.to_dict() is not None, sorted(d.to_dict())",
                        "d.q",
                    ]
                )
            )
        )
    return _START + "\n".join(lines)


@st.composite
def _pixels(draw: Any) -> str:
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    lines = [
        "d = PixelData(metainfo=dict(k=1))",
        f"d.m = torch.arange({height * width}).reshape({draw(st.sampled_from([f'{height}, {width}', f'1, {height}, {width}']))})",
        "shown(d), d.shape",
    ]
    for _ in range(draw(st.integers(1, 3))):
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"shown(d[{draw(st.integers(-2, 5))}, {draw(st.integers(-2, 3))}])",
                        f"shown(d[{draw(st.integers(0, 2))}:, :{draw(st.integers(1, 4))}])",
                        "shown(d[::2, 0:1])",
                        "shown(d[0])",
                        f"d.n = np.zeros(({draw(st.integers(1, 2))}, {height}, {width}))",
                        f"d.n = torch.zeros({height}, {width + 1})",
                        "d.n = [1]",
                        "shown(d), d.shape",
                    ]
                )
            )
        )
    return "\n".join(lines)


@st.composite
def _base(draw: Any) -> str:
    lines = [
        "d = BaseDataElement(metainfo=dict(a=1, s=(2, 3)), x=torch.ones(2), y='t')",
        "shown(d)",
    ]
    for _ in range(draw(st.integers(1, 4))):
        lines.append(
            draw(
                st.sampled_from(
                    [
                        "d.a = 5",
                        "d.x = 4",
                        "del d.x",
                        "del d.a",
                        "d.pop('a')",
                        "d.pop('x')",
                        "shown(d.clone())",
                        "shown(d.new(data=dict(z=1)))",
                        "d.set_metainfo(dict(a=7, n=dict(q=1)))",
                        "d.set_data(dict(x=1, w=2))",
                        "d.set_data(dict(a=2))",
                        "d.set_field([1], 'x')",
                        "d.set_field([1], 'a')",
                        "d.set_field('t', 'tt', dtype=int)",
                        "shown(d)",
                        "sorted(d.metainfo.items())",
                        "sorted(d.to_dict())",
                        "d.get('a'), d.get('x', 1)",
                        "sorted(d.values(), key=str), sorted(d.items(), key=str)",
                        "d.inner = BaseDataElement(q=1)",
                        "d._x = 1",
                        "d.metainfo_fields = 1",
                        "LabelData.onehot_to_label(torch.tensor([0, 1, 1]))",
                        "LabelData.label_to_onehot(torch.tensor([1]), 3)",
                        "d.update(BaseDataElement(metainfo=dict(a=9), x=0))",
                        "d.new_thing",
                    ]
                )
            )
        )
        lines.append("shown(d)")
    return "\n".join(lines)
