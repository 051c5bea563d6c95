"""Texts that DictAction reads."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_PARSE = """import argparse
from mmengine import Config, DictAction
def parse(*words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument('--o', nargs='+', action=DictAction)
    return parser.parse_args(['--o', *words]).o
"""
_words = st.sampled_from(
    [
        "1",
        "-2",
        "0.5",
        "1e-3",
        "true",
        "False",
        "None",
        "none",
        "x",
        "a.b",
        "img(1).png",
        "http://x/y",
        "a-b",
        "v2",
        "'q'",
        '"5"',
        "(?i)x",
        "[0-9]*",
        "(v2)t.json",
        "x=y",
        "*",
    ]
)


def _sequences(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.lists(inner, max_size=3).map(",".join)
    return st.one_of(parts.map("[{}]".format), parts.map("({})".format))


@st.composite
def programs(draw: Any) -> str:
    """One text or several."""
    values = st.recursive(_words, _sequences, max_leaves=6)
    text = st.one_of(
        values,
        st.lists(_words, min_size=2, max_size=3).map(",".join),
        values.map('"{}"'.format),
        st.text(alphabet="[](),a1.-=", max_size=8),
    )
    words = [
        f"{key}={draw(text)}"
        for key in draw(
            st.lists(st.sampled_from(["a", "a.b", "l.0"]), min_size=1, max_size=2, unique=True)
        )
    ]
    return f"{_PARSE}parse({', '.join(map(repr, words))})"
