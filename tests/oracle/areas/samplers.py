"""Samplers and data-set wrappers: which indices they give."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """from itertools import islice
from mmengine.dataset import *
class Numbers(BaseDataset):
    def load_data_list(self):
        return [dict(n=i, cats=[i % 3, i % 2]) for i in range(self.size)]
    def get_cat_ids(self, i): return self.get_data_info(i)['cats']
def numbers(size, **kwargs):
    made = Numbers.__new__(Numbers)
    made.size = size
    made.__init__(**kwargs)
    return made
"""


@st.composite
def programs(draw: Any) -> str:
    """A data set, perhaps wrapped, and a sampler over it."""
    size, other = draw(st.integers(2, 12)), draw(st.integers(1, 5))
    given = draw(
        st.sampled_from(
            [
                "",
                "indices=3",
                "indices=[0]",
                "indices=-2",
                "metainfo=dict(classes=['a'])",
                "serialize_data=False",
                "lazy_init=True",
                "test_mode=True",
                "filter_cfg=dict(k=1)",
                "max_refetch=2",
            ]
        )
    )
    lines = [
        f"d = numbers({size}{', ' + given if given else ''})",
        "len(d), d.metainfo",
        f"e = numbers({other}, metainfo=dict(classes=['a']))",
        f"w = {draw(st.sampled_from(['ConcatDataset([d, e], ignore_keys=[' + repr('classes') + '])', 'ConcatDataset([d, e])', f'RepeatDataset(d, {other})', 'ClassBalancedDataset(d, 0.4)', 'd', f'd.get_subset(range({min(other, size)}))', f'd.get_subset({other})', f'd.get_subset(-{min(other, size - 1)})']))}",
        "len(w), w.metainfo",
        "[w[i]['n'] for i in range(len(w))]",
        f"w[{draw(st.integers(-3, 14))}]['n']",
        f"w.get_data_info({draw(st.integers(-2, 8))})",
        f"w.get_subset_({draw(st.integers(-3, 5))})",
        "len(w), [w.get_data_info(i)['n'] for i in range(len(w))]",
        f"d.get_cat_ids({draw(st.integers(0, 4))})",
    ]
    shuffle, seed = draw(st.booleans()), draw(st.integers(0, 9))
    sampler = draw(
        st.sampled_from(
            [
                f"DefaultSampler(w, shuffle={shuffle}, seed={seed}, round_up={draw(st.booleans())})",
                f"InfiniteSampler(w, shuffle={shuffle}, seed={seed})",
            ]
        )
    )
    lines += [
        f"s = {sampler} if len(w) else None",  # over nothing, MMEngine's never end
        "list(islice(iter(s), 20)), len(s), s.seed, s.world_size, s.rank",
        f"s.set_epoch({draw(st.integers(0, 3))})",
        "list(islice(iter(s), 20))",
    ]
    return _START + "\n".join(lines)
