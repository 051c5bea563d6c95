"""Operations on ConfigDict and Config, one after another."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from literals import dict_paths, dicts, keys, reached, values


@st.composite
def programs(draw: Any) -> str:
    """A value, and what is done with it."""
    start = draw(dicts)
    paths = dict_paths(start)
    lines = [
        "import copy, pickle",
        "from mmengine import Config, ConfigDict",
        f"c = ConfigDict({start!r})",
    ]
    for _ in range(draw(st.integers(1, 6))):
        at = "c" + reached(draw(st.sampled_from(paths)))
        lines += [draw(_operation(at)), "c"]
    lines += ["c.to_dict()", "str(c)", "Config(c).pretty_text is not None"]
    return "\n".join(lines)


@st.composite
def _operation(draw: Any, at: str) -> str:
    key, value, other = draw(keys), draw(values(3)), draw(dicts)
    return draw(
        st.sampled_from(
            [
                f"{at}.{key} = {value!r}",
                f"{at}[{key!r}] = {value!r}",
                f"del {at}.{key}",
                f"del {at}[{key!r}]",
                f"{at}.{key}",
                f"{at}.get({key!r}, {value!r})",
                f"{at}.pop({key!r}, {value!r})",
                f"{at}.pop({key!r})",
                f"{at}.setdefault({key!r}, {value!r})",
                f"{at}.update({other!r})",
                f"{at}.update(**{other!r})",
                f"{at}.merge({other!r})",
                f"{at}.merge(dict({other!r}, _delete_=True))",
                f"{at}.merge(dict({key}=dict({other!r}, _delete_=True)))",
                f"{at} | {other!r}",
                f"{other!r} | {at}",
                f"{at}.items()",
                f"{at}.values()",
                f"list({at}.keys())",
                f"list({at}), len({at}), {key!r} in {at}, bool({at})",
                f"copy.copy({at}), copy.deepcopy({at}), {at}.copy(), {at}.deepcopy()",
                f"pickle.loads(pickle.dumps({at}))",
                f"{at}.freeze()",
                f"{at}.unfreeze()",
                f"{at} == {other!r}",
                f"{at} == {at}.to_dict()",
                f"dict({at}), {{**{at}}}",
                f"type({at}.copy()), type({at}.to_dict())",
                f"hasattr({at}, {key!r})",
                f"ConfigDict({at}, **{other!r})",
                f"ConfigDict({at}, {other!r})",
                f"{at}.fromkeys([{key!r}], 1)",
            ]
        )
    )
