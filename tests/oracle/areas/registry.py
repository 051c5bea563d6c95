"""Registries: scopes, parents and children, aliases, forced registration, building."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """from mmengine.registry import Registry, DefaultScope, build_from_cfg
class A:
    def __init__(self, x=1, y=2): self.x, self.y = x, y
class B(A): pass
def make(x=0): return ('made', x)
root = Registry('thing', scope='root')
left = Registry('thing', scope='left', parent=root)
right = Registry('thing', scope='right', parent=root)
below = Registry('thing', scope='below', parent=left)
def shown(found): return found if isinstance(found, tuple) else (type(found).__name__, vars(found)) if hasattr(found, 'x') else found
"""
_NAMES = [
    "A",
    "B",
    "make",
    "a",
    "left.A",
    "right.B",
    "root.A",
    "below.A",
    "left.below.A",
    "nothing",
    "other.A",
    "math.sqrt",
    "collections.OrderedDict",
]


@st.composite
def programs(draw: Any) -> str:
    """Registrations, then questions to one registry or another."""
    registry = st.sampled_from(["root", "left", "right", "below"])
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["A", "B", "make"]))
        given = draw(
            st.sampled_from(
                ["", "name='a'", "name=['a', 'b']", "force=True", "name='A', force=True"]
            )
        )
        way = draw(
            st.sampled_from(
                [
                    f"register_module({given})({kind})",
                    f"register_module({given + ', ' if given else ''}module={kind})",
                ]
            )
        )
        lines.append(f"{draw(registry)}.{way} is {kind}")
    for _ in range(draw(st.integers(1, 5))):
        at, name = draw(registry), draw(st.sampled_from(_NAMES))
        other = draw(st.sampled_from(["left", "right", "root", "below", "nowhere"]))
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"{at}.get({name!r})",
                        f"shown({at}.build(dict(type={name!r}, x=5)))",
                        f"shown({at}.build(dict(type={name!r}, z=5)))",
                        f"shown({at}.build(dict(type={name!r}, _scope_={other!r})))",
                        f"shown({at}.build(dict(type=A)))",
                        f"shown({at}.build(dict(x=1)))",
                        f"shown({at}.build({name!r}))",
                        f"shown({at}.build(dict(type={name!r}), default_args=dict(x=7, y=8)))",
                        f"shown(build_from_cfg(dict(type={name!r}, x=3), {at}))",
                        f"{name!r} in {at}, len({at})",
                        f"sorted({at}.module_dict), {at}.name, {at}.scope",
                        f"sorted({at}.children), {at}.parent is root, {at}.root is root",
                        f"{at}.infer_scope() is not None",
                        f"{at}.split_scope_key({name!r})",
                        f"Registry('thing', scope={other!r}, parent={at}).scope",
                        f"[r.scope for r in [{at}.switch_scope_and_registry({other!r}).__enter__()]]",
                    ]
                )
            )
        )
    return _START + "\n".join(lines)
