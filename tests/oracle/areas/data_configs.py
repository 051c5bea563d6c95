"""YAML and JSON configs with a Python base, and what dumps read back as."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from literals import keys, scalars, values, written


@st.composite
def programs(draw: Any) -> str:
    """A Python base, a child in one of the languages, and dumps of it in all."""
    base = draw(st.dictionaries(keys, values(4), min_size=1, max_size=3))
    child = draw(st.dictionaries(keys, values(3).map(_plain), max_size=2))
    suffix = draw(st.sampled_from(["json", "yaml"]))
    parts = [f"{json.dumps('_base_')}: {json.dumps('base.py')}"]
    parts += [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in child.items()]
    for i in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(sorted(base)))
        template = f"{{{{ _base_.{name} }}}}"
        kinds = [template, f"[{template}, 1]", f'{{"k": {template}}}']
        parts.append(f'"n{i}": {draw(st.sampled_from(kinds))}')
    text = (
        "{" + ", ".join(parts) + "}"
        if suffix == "json"
        else "\n".join(p.replace('"', "", 2) for p in parts)
    )
    lines = [
        "from mmengine import Config",
        f"write('base.py', {''.join(f'{k} = {written(v)}' + chr(10) for k, v in base.items())!r})",
        f"write('child.{suffix}', {text!r})",
        f"cfg = Config.fromfile('child.{suffix}')",
        "cfg.to_dict()",
    ]
    key = draw(st.sampled_from(["1", "2.5", "None", "'s'", "True"]))
    lines.append(f"cfg.keyed = {{{key}: {draw(scalars)!r}}}")
    for kind in ("py", "yaml", "json"):
        lines += [f"cfg.dump('again.{kind}')", f"again = Config.fromfile('again.{kind}').to_dict()"]
        lines.append("plain(again)")
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return json.loads(json.dumps(value))
