"""Evaluation of Python configs: equal to execution, bounded, and safe."""

from __future__ import annotations

import builtins
import math
import os
import string
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine_config import Config, ConfigError, UntrustedConfigError

PROGRAMS = {
    "arithmetic": "a = 1 + 2 * 3 ** 2 // 4 % 5 - -6\nb = 7 / 2\nc = 1 << 4 | 3 & 2 ^ 1\nd = ~5",
    "comparison": "a = 1 < 2 <= 2 != 3\nb = 'x' in 'xyz' and not 1 in [2]\nc = None is None",
    "short circuit": "a = 0 or [] or 'x'\nb = 1 and 0 and 1 / 0",
    "conditional": "n = 3\na = 'big' if n > 2 else 1 / 0",
    "comprehensions": "a = [i * j for i in range(3) for j in range(i) if i != j]\n"
    "b = {k: v for k, v in zip('ab', [1, 2])}\nc = {x % 2 for x in range(5)}\n"
    "d = sum(x for x in range(4))",
    "f-string": "n = 3.14159\na = f'{n:.2f} {n!r} {{x}} {\"y\":>4}'",
    "slices": "x = list(range(10))\na = x[2:8:3]\nb = 'abc'[::-1]\nc = x[-1]",
    "text": "a = 'A,b'.lower().split(',')\nb = '-'.join(['x', 'y'])\nc = '%s_%02d' % ('a', 3)\n"
    "d = '{} {name}'.format(1, name='n')\ne = ' x '.strip().upper().replace('X', 'yy')",
    "methods": "d = dict(a=1)\nd.update(b=2, c=dict(e=1))\nd.update(c=dict(f=2))\nx = d.pop('a')\n"
    "y = d.get('zz', 5)\nz = [3, 1, 2]\nz.sort()\nz.append(4)\nw = d.copy()\nw['b'] = 9\n"
    "k = list(d.keys())\ns = d.setdefault('q', [])\ns.append(1)",
    "unpacking": "a, (b, *c) = 1, (2, 3, 4)\nd = [*c, *range(2)]\ne = {**dict(x=1), 'y': 2}\n"
    "f = dict(**e, z=3)\ng = h = [1]",
    "assignment": "a = dict(b=[1, 2])\na['c'] = 3\na['b'][0] = 9\na['b'] += [5]\nx = 1\nx += 2\n"
    "y: int = 3\ndel a['c']",
    "loops": "a = []\nfor i in range(5):\n    if i == 1:\n        continue\n    if i == 4:\n"
    "        break\n    a.append(i)\nelse:\n    a.append('never')\nfor k, v in dict(x=1).items():\n"
    "    b = (k, v)",
    "branches": "n = 2\nif n == 1:\n    a = 1\nelif n == 2:\n    a = 2\nelse:\n    a = 3",
    "functions": "def f(x, *rest, y=2, **more):\n    '''doc'''\n    if x > 2:\n        return x\n"
    "    return [x, rest, y, more]\na = f(1, 5, z=3)\nb = f(3)\n"
    "g = lambda v, w=2: v * w\nc = g(4)\n"
    "d = sorted([3, 1, 2], key=lambda v: -v)\ne = list(map(g, [1, 2]))\nh = max([1, 5], key=g)",
    "closures": "n = 2\ndef outer(a):\n    def inner(b):\n        return a + b + n\n"
    "    return inner(1)\nx = outer(5)\ndel outer",
    "builtins": "a = [len('ab'), sum([1, 2], 3), min(3, 1), max([1, 2]), abs(-1)]\n"
    "r = round(2.567, 1)\n"
    "b = [int('3'), float('1.5'), str(2), bool(0), list('ab'), tuple([1]), set([1, 1])]\n"
    "c = list(enumerate('ab')) + list(zip([1], [2]))\nd = [any([0, 1]), all([]), sorted([2, 1])]\n"
    "e = isinstance(1, (int, str)) and isinstance('a', str)\nf = sum([[1], [2]], [])\n"
    "g = dict([('a', 1)], b=2)\nh = list(reversed([1, 2])) + list(filter(None, [0, 3]))\n"
    "i = frozenset([1])\nj = divmod(7, 2)",
    "named": "a = [y := 3, y + 1]",
    "library": "import os.path as osp\nimport math\nfrom math import pi\n"
    "from copy import deepcopy\n"
    "a = osp.join('a', 'b')\nb = math.sqrt(9) + pi\nc = deepcopy(dict(x=[1]))",
    "odd values": "a = ...\nb = b'x'\nc = 1j\nd = float('inf')\ne = (1,)\nf = ()\ng = {1, 2}",
    "types": "a = int\nb = [str, dict]",
}  # fmt: skip


def executed(text: str) -> dict[str, object]:
    """What Python makes of a config: its names but for functions and modules."""
    space: dict[str, object] = {}
    exec(text, space)
    hidden = ("function", "module", "builtin_function_or_method")
    return {
        name: value
        for name, value in space.items()
        if not name.startswith("__") and type(value).__name__ not in hidden
    }


@pytest.mark.parametrize("name", PROGRAMS)
def test_evaluation_gives_what_execution_gives(name: str) -> None:
    text = PROGRAMS[name]
    assert Config.fromstring(text, ".py", trust=False).to_dict() == executed(text)


atoms = st.one_of(
    st.none(), st.booleans(), st.integers(-99, 99), st.sampled_from(["a", "b c", "ü", "{{ x"])
).map(repr)
names = st.sampled_from(["x", "y", "z", "type"])


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=3).map(lambda items: f"({''.join(i + ', ' for i in items)})"),
        st.dictionaries(names, inner, max_size=3).map(
            lambda d: f"dict({', '.join(f'{k}={v}' for k, v in d.items())})"
        ),
        st.dictionaries(names, inner, max_size=3).map(
            lambda d: f"{{{', '.join(f'{k!r}: {v}' for k, v in d.items())}}}"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"[v for v in [{t[0]}] if {t[1]} or not v]"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} == {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} and {t[1]})"),
        inner.map(lambda t: f"str({t})"),
        inner.map(lambda t: f"f'<{{ {t} !r}}>'" if "'" not in t and "\\" not in t else t),
        inner.map(lambda t: f"len([{t}] * 3)"),
    )


expressions = st.recursive(atoms, compound, max_leaves=12)


@given(st.lists(expressions, min_size=1, max_size=4))
@settings(max_examples=150)
def test_generated_configs_evaluate_to_what_they_execute_to(values: list[str]) -> None:
    text = "".join(f"v{i} = {value}\n" for i, value in enumerate(values))
    text += "all_of_them = [" + ", ".join(f"v{i}" for i in range(len(values))) + "]\n"
    assert Config.fromstring(text, ".py", trust=False).to_dict() == executed(text)


NEEDS_EXECUTION = [
    "().__class__.__mro__[1].__subclasses__()",
    "(lambda: 0).__globals__",
    "[].append.__self__",
    "'{0.__class__}'.format(1)",
    "'{a[b]}'.format(a=1)",
    "'{:{}}'.format(1, 10)",
    "__import__('os').system('echo')",
    "open('x')",
    "eval('1')",
    "exec('1')",
    "getattr(1, 'real')",
    "globals()",
    "__builtins__",
    "type(1)",
    "(1).real",
    "f'{(1).__class__}'",
    "[c for c in ().__class__.__bases__]",
    "str.format",
    "dict.fromkeys('ab')",
    "(lambda f: f(f))(lambda f: f(f))",
]
# Ten lists, each holding the one before ten times: ten billion values to whoever visits them all.
NEST = "(lambda f: f(f, 10))(lambda f, n: [f(f, n - 1)] * 10 if n else [1])"
BOMBS = [
    NEST,
    f"str({NEST})",
    f"f'{{{NEST}}}'",
    f"'%s' % {NEST}",
    f"'{{}}'.format({NEST})",
    f"{NEST} == {NEST}",
    f"{NEST} in [{NEST}]",
    f"sorted([{NEST}, {NEST}])",
    f"[{NEST}].index({NEST})",
    "'a' * 10**9",
    "[[0] * 10**7 for _ in range(1000)]",
    "[s.upper() for s in ['a' * 10**7] * 1000]",
    "[s[:] for s in [[0] * 10**7] * 1000]",
    "[s.copy() for s in [[0] * 10**7] * 1000]",
    "[s + s for s in [[0] * 4 * 10**6] * 1000]",
    "('b' * 10**6).join('a' * 10**6)",
    "0.5 in range(10**12)",
    "round(5, -10**9)",
    "[].extend(range(10**12))",
    "set([1]).union(range(10**12))",
    "[0] * 10**9",
    "10**9 * (0,)",
    "2 ** 10**9",
    "1 << 10**9",
    "list(range(10**12))",
    "max(range(10**12))",
    "sum(x for x in range(10**9))",
    "[x for x in range(10**9)]",
    "[0 for a in range(9999) for b in range(9999)]",
    "'%999999999d' % 1",
    "'%*d' % (999999999, 1)",
    "f'{1:999999999}'",
    "'{:999999999}'.format(1)",
    "'a'.ljust(10**12)",
    "'a'.replace('a', 'b' * 10**7).replace('b', 'c' * 10**6)",
    "''.join(['a' * 10**6] * 10**6)",
    "sum([[1] * 1000] * 100000, [])",
    "str([['a' * 10**6] * 100] * 100)",
]  # fmt: skip


@pytest.mark.parametrize("expression", NEEDS_EXECUTION)
def test_without_trust_nothing_reaches_outside(tmp_path: Path, expression: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"ok = 1\nbad = {expression}")
    with pytest.raises(UntrustedConfigError) as caught:
        Config.fromfile(path, trust=False)
    assert caught.value.line == 2 and f"{path}:2:" in str(caught.value)


@pytest.mark.parametrize("expression", BOMBS)
def test_a_bomb_is_refused_before_it_explodes(expression: str) -> None:
    with pytest.raises(ConfigError, match=r"at most|more than|width"):
        Config.fromstring(f"a = {expression}", ".py", trust=False)


@pytest.mark.parametrize(
    "statement",
    [
        "import os\na = os.getcwd()",
        "from os import *",
        "class A:\n    pass",
        "while True:\n    pass",
        "try:\n    a = 1\nfinally:\n    pass",
        "with open('x') as f:\n    pass",
        "@property\ndef f(): pass",
        "async def f(): pass",
        "global a",
        "assert False",
        "raise ValueError",
        "def f():\n    yield 1\na = f()",
        "print.__self__",
        "def f():\n    return f()\na = f()",
        "a = []\nfor i in range(10**9):\n    a.append(i)",
        "a = []\na.append(a)\nb = str(a)",
    ],
)
def test_without_trust_statements_that_need_execution_are_refused(statement: str) -> None:
    with pytest.raises(UntrustedConfigError):
        Config.fromstring(statement, ".py", trust=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1 / 0", r"1:5: ZeroDivisionError: division by zero"),
        ("a = [1][5]", r"1:5: IndexError"),
        ("a = dict(lr=1)['lrr']", r"1:5: there is no key 'lrr'; did you mean 'lr'\?"),
        ("lr = 1\nb = lrr", r"2:5: unknown name 'lrr'; did you mean 'lr'\?"),
        ("a = 'x' + 1", r"1:5: TypeError: can only concatenate"),
        ("a, b = 1, 2, 3", r"1:1: ValueError: 2 names for 3 values"),
        ("a = int('x')", r"1:5: ValueError: invalid literal"),
        ("a = int('9' * 9999)", r"1:5: ValueError: Exceeds the limit"),
        ("a = (lambda x: x)()", r"misses its argument 'x'"),
        ("a = 'ü' + b", r"1:11: unknown name 'b'"),
        ("a = [].nothing", r"list has no attribute 'nothing'"),
        ("a = []\na.append(a)", r"nested too deeply|more than"),
        ("a = {}\na['x'] = a", r"nested too deeply|more than"),
        ("from .b import x", r"put it below `with read_base\(\):`"),
    ],
)
def test_a_mistake_points_to_its_place(text: str, message: str) -> None:
    for trust in (True, False):
        with pytest.raises(ConfigError, match=message):
            Config.fromstring(text, ".py", trust=trust)


@pytest.mark.parametrize(
    "text",
    [
        "a = dict(b=1)['c']",
        "a = dict(b=1)\na[1].c = 1",
        "a = dict(b=1)\na[1]['c'] = 1",
        "a = dict(b=[1])\na['b'][3] = 1",
        "a = [1][5]",
        "a = 1 / 0",
        "a = b",
        "a = [].nothing",
        "a = {}\na.b.c = 1",
        "a = 'x' + 1",
        "a, b = 1, 2, 3",
        "a = int('x')",
        "a = dict(b=1).pop('c')",
        "a = [].pop()",
    ],
)
def test_a_mistake_is_of_the_class_that_python_raises(text: str) -> None:
    with pytest.raises(Exception) as raised:
        exec(text, {})
    for trust in (True, False):
        with pytest.raises(ConfigError) as caught:
            Config.fromstring(text, ".py", trust=trust)
        assert isinstance(caught.value, raised.type)


def test_with_trust_a_file_that_needs_it_is_executed(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "import os\nclass A:\n    x = 3\n"
        "a = dict(n=A.x, sep=[os.sep])\nb = a['n'] + 1\ndef f(): 0\n"
    )
    cfg = Config.fromfile(path)
    assert cfg.a == {"n": 3, "sep": [__import__("os").sep]} and cfg.b == 4
    assert "f" not in cfg and "os" not in cfg
    assert str(cfg.origin("a.n")) == f"{path}:4:10"
    with pytest.raises(UntrustedConfigError, match=r"a.py:2:1: a statement of the kind ClassDef"):
        Config.fromfile(path, trust=False)


def test_an_exception_of_an_executed_file_points_to_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("class A:\n    pass\nb = A().nothing\n")
    with pytest.raises(ConfigError, match=r"a.py:3:1: AttributeError: 'A' object") as caught:
        Config.fromfile(path)
    assert isinstance(caught.value.__cause__, AttributeError)


def test_a_file_is_parsed_once_and_its_values_are_fresh(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = [1]")
    first = Config.fromfile(path)
    first.a.append(2)
    assert Config.fromfile(path).a == [1]
    path.write_text("a = [1, 2, 3]")
    assert Config.fromfile(path).a == [1, 2, 3]


def test_print_prints(capsys: pytest.CaptureFixture[str]) -> None:
    Config.fromstring("print('seen', 1)", ".py", trust=False)
    assert capsys.readouterr().out == "seen 1\n"


words = st.sampled_from(
    ["a", "b", "=", "(", ")", "[", "]", "{", "}", ",", ":", "\n", " ", "1", "'x'", "dict", "for",
     "in", "lambda", "if", "else", "**", "*", ".", "__class__", "f'{a}'", "range", "_base_", "{{",
     "}}", "import os", "def f():", "return", "\x00", "é", "==", "not", "-", "%", "<<", "del "]
)  # fmt: skip


@given(st.lists(words, max_size=25).map(" ".join))
@example("a = 'x' . join ( [ [] ] )")
@settings(max_examples=400)
def test_no_text_makes_the_evaluator_do_anything_but_answer(text: str) -> None:
    opened: list[object] = []
    real = builtins.open
    builtins.open = lambda *args, **kwargs: opened.append(args) or real(*args, **kwargs)
    try:
        Config.fromstring(text, ".py", trust=False)
    except ConfigError as error:
        assert error.message
    finally:
        builtins.open = real
    assert not opened


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("repr('x')", "'x'"),
        ("'%s/20170101' % 'coco'", "coco/20170101"),
        ("'%d%% of %5.1f' % (5, 20000)", "5% of 20000.0"),
    ],
)
def test_texts_are_made_as_python_makes_them(expression: str, value: str) -> None:
    assert Config.fromstring(f"a = {expression}", ".py", trust=False).a == value


@pytest.mark.parametrize(
    "expression",
    ["len(('{0:9000}' * 1_000_000).format(1))", "1 << 13_999 << 13_999", "2**14_001"],
)
def test_many_small_fields_and_shifts_are_counted_together(expression: str) -> None:
    with pytest.raises(UntrustedConfigError, match=r"at most|more than"):
        Config.fromstring(f"a = {expression}", ".py", trust=False)


def test_a_value_that_only_an_import_has_is_taken_by_execution() -> None:
    text = "import string\na = [string.digits]"
    assert Config.fromstring(text, ".py").a == ["0123456789"]
    with pytest.raises(UntrustedConfigError, match=r":2:1: the imported value in 'a'"):
        Config.fromstring(text, ".py", trust=False)


def test_a_function_among_the_values_is_taken_by_execution() -> None:
    text = "double = lambda v: 2 * v\na = dict(f=double, g=[double])\nb = double(2)"
    cfg = Config.fromstring(text, ".py")
    assert cfg.a.f(3) == 6 and cfg.a.g[0](4) == 8 and cfg.b == 4 and "double" not in cfg
    with pytest.raises(UntrustedConfigError, match=r":2:1: the function in 'a'"):
        Config.fromstring(text, ".py", trust=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("import sys\nv = 1 if sys.platform == sys.platform + '' else 2", 1),
        ("import sys\nv = 0\nif sys.platform in (sys.platform[:], ''):\n    v = 1", 1),
        ("import os\nv = f'{os.name}'", os.name),
        ("import os\nv = '%s' % os.name", os.name),
        ("import os\nv = '{}'.format(os.name)", os.name),
        ("import os\nv = str(os.name)", os.name),
        ("import sys\nv = sys.version_info.major == 3", True),
        ("import sys\nv = sys.version_info >= (3, 8)", True),
        ("import math\nv = 2 * math.tau", 2 * math.tau),
        ("import sys\nv = max(1, sys.maxsize)", sys.maxsize),
        ("import string\nv = len(string.digits)", 10),
        ("import string\nv = list(string.digits)", list(string.digits)),
        ("import os\nv = 'no such variable' in os.environ", False),
        ("import os\nv = not os.name", False),
        ("import os\nv = [*os.name]", list(os.name)),
    ],
)
def test_what_is_computed_with_an_imported_value_is_what_python_computes(
    text: str, value: object
) -> None:
    assert Config.fromstring(text, ".py").v == value
    with pytest.raises(UntrustedConfigError):
        Config.fromstring(text, ".py", trust=False)


@pytest.mark.parametrize("made", ["(d for d in [dict(a=1)])", "dict(x=dict(a=1)).values()"])
def test_what_only_gives_entries_is_a_list_of_them(made: str) -> None:
    for trust in (True, False):
        assert Config.fromstring(f"v = {made}", ".py", trust=trust).v == [{"a": 1}]
