"""Text configs that inherit: references, edits in place, templates, options."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from literals import NAMES, dict_paths, dicts, keys, reached, scalars, values, written


@st.composite
def programs(draw: Any) -> str:
    """A base or two, sometimes a file between, a child, and options for it."""
    base = draw(st.dictionaries(keys, values(), min_size=1, max_size=3))
    lines = ["from mmengine import Config", _file("base", [], base, [])]
    bases = ["base.py"]
    known = dict(base)
    if draw(st.booleans()):
        second = {f"{name}2": value for name, value in draw(dicts).items()}
        lines.append(_file("second", [], second, []))
        bases.append("second.py")
        known |= second
    if draw(st.integers(0, 3)) == 0:
        statements = draw(_statements(known))
        lines.append(_file("middle", bases, {}, statements))
        bases = ["middle.py"]
    child = draw(st.dictionaries(keys, values(), max_size=2))
    lines.append(_file("child", bases, child, draw(_statements(known))))
    lines += ["cfg = Config.fromfile('child.py')", "cfg.to_dict()"]
    for _ in range(draw(st.integers(0, 3))):
        path = ".".join(
            draw(st.lists(st.sampled_from([*NAMES, "new", "0"]), min_size=1, max_size=3))
        )
        lines += [f"cfg.merge_from_dict({{{path!r}: {draw(scalars)!r}}})", "cfg.to_dict()"]
    lines.append("Config.fromstring(cfg.pretty_text, '.py').to_dict() == cfg.to_dict()")
    return "\n".join(lines)


def _file(name: str, bases: list[str], given: dict[str, Any], statements: list[str]) -> str:
    listed = [f"_base_ = {bases[0] if len(bases) == 1 else bases!r}"] if bases else []
    if len(bases) == 1:
        listed = [f"_base_ = {bases[0]!r}"]
    text = [*listed, *(f"{k} = {written(v)}" for k, v in given.items()), *statements]
    return f"write({f'{name}.py'!r}, {chr(10).join(text) + chr(10)!r})"


@st.composite
def _statements(draw: Any, known: dict[str, Any]) -> list[str]:
    """Statements of a child, most of which refer to its base."""
    paths = [path for path in dict_paths(known) if path]
    found = []
    templates = draw(st.booleans())
    for i in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from([*NAMES, "new", f"n{i}"]))
        whole = f"_base_.{draw(st.sampled_from(sorted(known)))}"
        inner = f"_base_{reached(draw(st.sampled_from(paths)))}" if paths else whole
        key, value = draw(keys), written(draw(values(3)))
        kinds = [
            f"{name} = {whole}",
            f"{name} = dict({key}={inner}, z={value})",
            f"{name} = [{inner}, {whole}]",
            f"{name} = dict(_delete_=True, {key}={value})",
            f"{name} = dict({key}=dict(_delete_=True, k={inner}))",
        ]
        if templates:  # which MMEngine fills in at last, so that nothing changes what they gave
            kinds += [f"n{i} = {{{{{whole}}}}}", f"n{i} = dict(k={{{{{whole}}}}})"]
        elif paths:
            kinds += [
                f"{inner}.{key} = {value}",
                f"{inner}.{key} = {whole}",
                f"{name} = {inner}; {name}.{key} = {value}",
                f"{inner}.update(dict({key}={value}))",
                f"{inner}.pop({key!r}, None)",
                f"{inner}.merge(dict({key}={value}))",
                f"import copy; {name} = copy.deepcopy({inner}); {name}['q'] = {value}",
            ]
        found.append(draw(st.sampled_from(kinds)))
    return found
