"""Pure-Python configs: bases by import, names that they bring, edits in place."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from literals import NAMES, dict_paths, dicts, keys, reached, scalars, values, written

_IMPORTS = (
    "from torch import nn\nfrom torch.nn import ReLU as R, GELU\nfrom torch.optim import SGD\n"
)
_FUNCTION = "def made(value, depth=2):\n    return dict(value=value, depth=depth)\n"
_READ = "from mmengine.config import read_base\nwith read_base():\n"


@st.composite
def programs(draw: Any) -> str:
    """One or two bases, a child that edits what they bring, and options for it."""
    base = draw(st.dictionaries(keys, values(), min_size=1, max_size=3))
    brought = draw(st.booleans())
    text = (_IMPORTS + _FUNCTION if brought else "") + _assigned(base)
    lines = ["from mmengine import Config", f"write('base.py', {text!r})"]
    head, known = ["from .base import *"], dict(base)
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(base)))
        head = draw(
            st.sampled_from(
                [[f"from .base import {name}"], [*head, f"from .base import {name} as o"]]
            )
        )
        known = {name: base[name]} if len(head) == 1 else {**known, "o": base[name]}
        brought = brought and len(head) == 2
    if draw(st.booleans()):
        second = {f"{name}2": value for name, value in draw(dicts).items()}
        lines.append(f"write('second.py', {_assigned(second)!r})")
        head.append("from .second import *")
        known |= second
    body = "\n".join(draw(_statements(known, brought)))
    text = _READ + "".join(f"    {line}\n" for line in head) + body + "\n"
    lines += [f"write('child.py', {text!r})", "cfg = Config.fromfile('child.py')"]
    shown = "{k: v for k, v in cfg.to_dict().items() if k != 'made'}"
    lines.append(shown)
    for _ in range(draw(st.integers(0, 2))):
        path = ".".join(
            draw(st.lists(st.sampled_from([*NAMES, "new", "0"]), min_size=1, max_size=3))
        )
        lines += [f"cfg.merge_from_dict({{{path!r}: {draw(scalars)!r}}})", shown]
    return "\n".join(lines)


def _assigned(values: dict[str, Any]) -> str:
    return "".join(f"{key} = {written(value)}\n" for key, value in values.items())


@st.composite
def _statements(draw: Any, known: dict[str, Any], brought: bool) -> list[str]:
    paths = [path for path in dict_paths(known) if path]
    found = []
    for i in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from([*NAMES, "new", f"n{i}"]))
        whole = draw(st.sampled_from(sorted(known)))
        inner = reached(draw(st.sampled_from(paths)))[1:] if paths else whole
        key, value = draw(keys), written(draw(values(3)))
        kinds = [
            f"{name} = {whole}",
            f"{name} = dict({key}={inner}, z={value})",
            f"{name} = [{inner}, {whole}]",
            f"{whole} = {value}",
        ]
        if brought:
            kinds += [
                f"{name} = dict(type=R)",
                f"{name} = dict(type=nn.Conv2d, {key}={value})",
                f"{name} = made({value})",
                f"{name} = made({inner}, depth={value})",
                f"{name} = dict(optimizer=dict(type=SGD, lr=0.1), act=GELU)",
            ]
        if paths:
            kinds += [
                f"{inner}.{key} = {value}",
                f"{inner}.{key} = {whole}",
                f"{inner}.update(dict({key}={value}))",
                f"{inner}.update({key}={value})",
                f"{inner}.merge(dict({key}={value}))",
                f"{inner}.merge(dict(_delete_=True, {key}={value}))",
                f"{inner}.merge(dict({key}=dict(_delete_=True, k={value})))",
                f"{inner}.pop({key!r}, None)",
                f"{name} = {inner}; {name}.{key} = {value}",
                f"{inner}.setdefault({key!r}, {value})",
            ]
        found.append(draw(st.sampled_from(kinds)))
    return found
