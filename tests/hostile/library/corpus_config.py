"""Hostile configurations, by kinds: every operation times every way to reach it.

A case is the text of a file and of those beside it; ``%`` stands for nothing here. A strange
value is written once, a way to use it once, and both are multiplied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["Case", "code", "cost", "data_files", "files", "sources", "templates"]


class Case(NamedTuple):
    """One input.

    Attributes:
        name: its kind and what was multiplied.
        files: texts by name; the one called "case" with any suffix is loaded.
        links: what is no regular file: names, and where they point or "fifo".
        names: modules that it names.
        stays: some part of this must be in the answer; empty if any answer will do.
    """

    name: str
    files: dict[str, str]
    links: Mapping[str, str] = MappingProxyType({})
    names: tuple[str, ...] = ("stranger", "subprocess", "torch", "ctypes", "code", "antigravity")
    stays: str = ""


# How a config gets at an object that it must not have: an import, or the value of a base.
_BASE = "import torch\nfrom stranger import run\nfrom os import system\nt = system\n"
_PREPARE = (
    "_base_ = './base.json'\nimport stranger\nimport copy\nfrom os import system\n"
    "from stranger import run\n_base_.update(dict(t=system, r=run))\n"
)
_REACHED = {
    "import": "system",
    "attribute of an import": "stranger.run",
    "attribute": "_base_.t",
    "index": "_base_['t']",
    "get": "_base_.get('t')",
    "get of a stranger": "_base_.get('r')",
    "pop": "_base_.pop('t')",
    "setdefault": "_base_.setdefault('t', 1)",
    "values": "list(_base_.values())[-2]",
    "items": "list(_base_.items())[-1][1]",
    "popitem": "_base_.popitem()[1]",
    "loop over values": "[v for v in _base_.values()][-1]",
    "dict of": "dict(**_base_)['t']",
    "dict call": "dict(_base_)['t']",
    "spread": "{**_base_}['r']",
    "copy": "_base_.copy()['t']",
    "shallow": "copy.copy(_base_)['t']",
    "deep": "copy.deepcopy(_base_).t",
    "union": "(_base_ | {})['t']",
    "to_dict": "_base_.to_dict()['t']",
    "format": "'{}'.format(_base_.t)",
    "max": "max([_base_.t], key=str)",
    "real built-in": "_base_.k",
}
_CALLED = {
    "call": "{}('touch here')",
    "map": "list(map({}, ['touch here']))",
    "filter": "list(filter({}, ['touch here']))",
    "sorted": "sorted(['touch here'], key={})",
    "min": "min(['touch here', 'x'], key={})",
    "max": "max(['touch here', 'x'], key={})",
    "comprehension": "[f('touch here') for f in [{}]]",
    "lambda": "(lambda f: f('touch here'))({})",
    "default": "(lambda s, f={}: f(s))('touch here')",
    "star": "(lambda *fs: fs[0]('touch here'))(*[{}])",
    "map of map": "list(map(map, [{}], [['touch here']]))",
    "attribute": "{}.__call__('touch here')",
    "isinstance": "isinstance(1, {})",
    "f-string": "f'{{{}}}'",
    "key": "dict([({}, 1)])",
}
_STATEMENTS = {
    "sort": "x = ['touch here']\nx.sort(key={})",
    "decorator": "@{}\ndef f(): pass",
    "function": "def f(g):\n    return g('touch here')\nx = f({})",
    "loop": "for f in [{}]:\n    f('touch here')",
    "with": "with {}('touch here') as f:\n    pass",
    "class": "class A(metaclass={}):\n    pass",
    "reduce": "class A:\n    __reduce__ = {}\nx = A()",
    "annotation": "x: {}('touch here') = 1",
    "augmented": "x = 'touch here'\nx += {}",
    "delete": "del {}[0]",
    "value": "x = dict(type={}, args=['touch here'])",
    "base of a base": "_base_.x = {}\ny = _base_.x",
}


def code() -> Iterator[Case]:
    """Configs that try to run something: each way to a function times each way to call it."""
    base = {"base.json": '{"a": 1, "k": "int"}'}
    ways = [*((n, f"x = {t}") for n, t in _CALLED.items()), *_STATEMENTS.items()]
    for (reached, value), (called, way) in product(_REACHED.items(), ways):
        text = _PREPARE + way.format(value) + "\n"
        yield Case(f"code: {reached}, {called}", {**base, "case.py": text})
    for reached, value in _ESCAPES.items():
        for called, way in list(ways)[:4]:
            yield Case(f"escape: {reached}, {called}", {"case.py": way.format(value) + "\n"})


_ESCAPES = {
    "class": "().__class__.__bases__[0].__subclasses__()",
    "globals": "(lambda: 0).__globals__['__builtins__']",
    "method": "[].append",
    "class of a method": "''.join.__self__.__class__",
    "format of a class": "'{0.__class__.__mro__}'.format",
    "import": "__import__('subprocess').run",
    "eval": "eval",
    "exec": "exec",
    "compile": "compile",
    "open": "open",
    "getattr": "getattr",
    "type": "type",
    "vars": "vars",
    "codec": "b'x'.decode('stranger')",
    "codec of a text": "str(b'x', 'stranger')",
    "print to": "(lambda s: print(s, file=stranger))",
}

# Values that are small to write and large to look at.
_LIST = "(lambda f: f(f, 12))(lambda f, n: [f(f, n - 1)] * 10 if n else [1])"
_TUPLE = "(lambda f: f(f, 12))(lambda f, n: (f(f, n - 1),) * 10 if n else (1,))"
_BOMBS = {
    "lists": _LIST,
    "tuples": _TUPLE,
    "dicts": "(lambda f: f(f, 30))(lambda f, n: (lambda v: dict(a=v, b=v))(f(f, n - 1)) if n else 1)",  # noqa: E501
    "frozensets": "frozenset([(1, 2), " + _TUPLE + "])",
    "deep lists": "(lambda f: f(f, [], 0))(lambda f, v, n: f(f, [[[[v]]]], n + 1) if n < 60 else v)",  # noqa: E501
    "deep tuples": "(lambda f: f(f, (), 0))(lambda f, v, n: f(f, ((((v,),),),), n + 1) if n < 60 else v)",  # noqa: E501
    "range": "range(10**13)",
    "text": "'ab' * 2_000_000",
    "wide text": "'\\U0001f600' * 1_000_000",
    "texts": "['a' * 1_000_000] * 1_000_000",
    "bytes": "b'ab' * 2_000_000",
    "number": "1 << 13_999",
    "negative": "-10**9",
    "huge": "10**9",
    "numbers": "[1 << 13_999] * 100_000",
    "long list": "[0] * 3_000_000",
    "ranges": "[range(10**13)] * 10_000",
    "collisions": "[(i * (2**61 - 1)) for i in range(60_000)]",
    "complex collisions": "[i * 1j - 1000003 * i for i in range(60_000)]",
    "lambdas": "[lambda: i for i in range(100_000)]",
    # tables that are large and hold little
    "emptied set": "(lambda a: a ^ a)(set(range(30_000)))",
    "emptied by pops": "(lambda a: [a, [a.pop() for i in range(15_000)]][0])(set(range(15_000)))",
    "emptied dict": "(lambda d: [d, [d.pop(i) for i in range(8_000)]][0])"
    "({i: i for i in range(8_001)})",
    "view of an emptied dict": "(lambda d: [d.keys(), [d.pop(i) for i in range(8_000)]][0])"
    "({i: i for i in range(8_001)})",
    # keys that stand where the search for another one passes
    "chain": "(lambda k: [{i: i for i in k}, [k.append((k[-1] * 5 + 1) & 32_767) "
    "for i in range(15_000)]][0])([0])",
    "chained set": "(lambda k: [[k.append((k[-1] * 5 + 1) & 32_767) for i in range(15_000)], "
    "set(k)][1])([0])",
    "equal low bits": "{i << 40 for i in range(20_000)}",
    "equal low bits of floats": "{float(i << 40) for i in range(10_000)}",
}
_USES = {
    "hash": "{{}}.get({0})",
    "index": "{{1: 2}}[{0}]",
    "dict": "{{{0}: 1}}",
    "set": "{{{0}}}",
    "set of": "set({0})",
    "frozenset of": "frozenset({0})",
    "dict comprehension": "{{k: 1 for k in {0}}}",
    "set comprehension": "{{k for k in [{0}]}}",
    "dict of pairs": "dict([({0}, 1)])",
    "dict zip": "dict(zip({0}, {0}))",
    "in a set": "{0} in {{1, 2}}",
    "in": "{0} in [{0}]",
    "in it": "1.5 in {0}",
    "equal": "{0} == {0}",
    "less": "{0} < {0}",
    "isinstance": "isinstance(1, {0})",
    "str": "str({0})",
    "repr": "repr({0})",
    "f-string": "f'{{{0}}}'",
    "f-string width": "f'{{1:{{{0}}}}}'",
    "percent": "'%s' % ({0},)",
    "percent keys": "'%(a)s' * 1000 % dict(a={0})",
    "percent alone": "('%s%%' * 1000) % {0}",
    "format": "'{{}}'.format({0})",
    "format again": "('{{0}}' * 1000).format({0})",
    "print": "print({0})",
    "prints": "[print({0}) for i in range(10**6)]",
    "join": "''.join({0})",
    "join by": "('ab' * 100_000).join({0})",
    "sorted": "sorted([{0}, {0}])",
    "sorted it": "sorted({0})",
    "min": "min({0}, {0})",
    "sum": "sum({0})",
    "sum of lists": "sum([{0}] * 1000, [])",
    "any": "any({0})",
    "list": "list({0})",
    "lists": "[list(v) for v in [{0}] * 100_000]",
    "tuple": "tuple({0})",
    "map str": "list(map(str, [{0}] * 1000))",
    "map sum": "list(map(sum, [{0}] * 1000))",
    "map list": "list(map(list, [{0}] * 1000))",
    "map round": "list(map(round, [1] * 10, [{0}] * 10))",
    "round": "round(5, {0})",
    "int": "int({0})",
    "int of base": "int({0}, 16)",
    "float": "float({0})",
    "chr": "chr({0})",
    "zip": "list(zip(*[{0}] * 10_000))",
    "zip them": "list(zip({0}, {0}))",
    "enumerate": "list(enumerate({0}))",
    "reversed": "list(reversed({0}))",
    "filter": "list(filter(None, {0}))",
    "slice": "[v[:] for v in [{0}] * 100_000]",
    "backwards": "[v[::-1] for v in [{0}] * 100_000]",
    "times": "{0} * {0}",
    "times much": "{0} * 10**7",
    "plus": "{0} + {0}",
    "power": "{0} ** {0}",
    "shift": "1 << {0}",
    "or": "set({0}) | set({0})",
    "copies": "[v.copy() for v in [{0}] * 100_000]",
    "copy": "copy.copy({0})",
    "copied often": "[copy.copy(v) for v in [{0}] * 100_000]",
    "deepcopy": "copy.deepcopy({0})",
    "upper": "[s.upper() for s in [{0}] * 1000]",
    "split": "{0}.split('a')",
    "words": "('a ' * 3_000_000).split()",
    "replace": "{0}.replace('a', {0})",
    "replace nothing": "{0}.replace('', {0})",
    "find": "{0}.find('b' * 1_000_000)",
    "rfind": "('a' * 2_000_000).rfind('b' + 'a' * 1_000_000)",
    "strip": "('a' * 1_000_000).strip('b' * 100_000 + 'a')",
    "ljust": "'a'.ljust({0})",
    "decode": "{0}.decode()",
    "update": "dict().update({0})",
    "set update": "set().union({0})",
    "index of": "[{0}].index({0})",
    "count": "[{0}].count({0})",
    "calls": "[(lambda *a: 0)(*v) for v in [{0}] * 1000]",
    "calls with": "[(lambda **a: 0)(**v) for v in [{0}] * 1000]",
    "base": "_base_.update(a={0})",
    "base merge": "_base_.merge(dict(a=dict(b={0})))",
    "base union": "_base_ | dict(a={0})",
    "visited often": "[0 for v in [{0}] * 100_000 for k in v]",
    "in often": "[i + 32_768 in v for v in [{0}] for i in range(100_000)]",
    "got often": "[v.get(i + 32_768) for v in [{0}] for i in range(100_000)]",
    "united often": "[v | v for v in [{0}] * 100_000]",
    "compared often": "[v == v for v in [{0}] * 100_000]",
    "less often": "[v <= v for v in [{0}] * 100_000]",
    "shown often": "[repr(v) for v in [{0}] * 100_000]",
    "spread often": "[{{**v}} for v in [{0}] * 100_000]",
    "starred often": "[{{*v}} for v in [{0}] * 100_000]",
    "sorted often": "[sorted(v) for v in [{0}] * 100_000]",
    "grown often": "[[v.add(5), v.pop()] for v in [{0}] * 100_000]",
    "path": "os.path.join({0}, {0})",
    "value": "{0}",
}  # fmt: skip
_COSTLY_STATEMENTS = {
    "insert": "x = [0] * 100_000\nfor i in range(10**6):\n    x.insert(0, i)",
    "reverse": "x = [0] * 100_000\nfor i in range(10**6):\n    x.reverse()",
    "delete": "x = [0] * 1_000_000\nfor i in range(10**6):\n    del x[0]",
    "delete slice": "x = [0] * 1_000_000\nfor i in range(10**6):\n    del x[0:1]",
    "pop": "x = [0] * 1_000_000\nfor i in range(10**6):\n    x.pop(0)",
    "assign slice": "x = [0] * 100_000\nfor i in range(10**6):\n    x[0:0] = [1]",
    "assign entries": "x = dict()\nfor i in range(10**6):\n    x[i] = i",
    "assign to a base": "for i in range(10**6):\n    _base_.a = i",
    "assign dicts to a base": "d = dict(a=dict(b=dict(c=1)))\nfor i in range(10**6):\n    _base_.a = d",  # noqa: E501
    "append": "x = []\nfor i in range(10**7):\n    x.append([])",
    "extend": "x = [1]\nfor i in range(100):\n    x.extend(x)",
    "add": "x = [1]\nfor i in range(100):\n    x += x",
    "text": "x = 'a'\nfor i in range(100):\n    x += x",
    "nest": "x = []\nfor i in range(100_000):\n    x = [x]",
    "nest tuples": "x = ()\nfor i in range(100_000):\n    x = (x,)\ny = {x: 1}",
    "nest dicts": "x = dict()\nfor i in range(100_000):\n    x = dict(a=x)",
    "nest imports": "import torch\nx = torch\nfor i in range(100_000):\n    x = x.a",
    "lambdas": "x = 1\nfor i in range(100_000):\n    x = lambda y=x: y",
    "dicts": "x = [dict(a=dict(b=1), c=[1, (2, 3)]) for i in range(10**6)]",
    "lists": "x = [[[i], (i,)] for i in range(10**6)]",
    "numbers": "x = [i << 13_000 for i in range(10**6)]",
    "products": "x = [(1 << 6_900) * (1 << 6_900) for i in range(10**6)]",
    "remainders": "y = (1 << 13_900) + 1\nz = (1 << 7_000) + 1\nx = [y % z for i in range(10**6)]",
    "powers": "x = [3 ** 8_000 for i in range(10**6)]",
    "shown numbers": "y = 1 << 13_900\nx = [str(y) for i in range(10**6)]",
    "shown floats": "x = ['%.9999f' % 1e308 for i in range(10**6)]",
    "floods": "[print('x') for i in range(10**6)]",
    "empty loops": "for i in range(10**9):\n    pass",
    "loops in loops": "x = [0 for a in range(9999) for b in range(9999)]",
    "long body": "for i in range(10**6):\n" + "    x = 1\n" * 2000,
    "long lambda": "f = lambda: [" + "1 + 1, " * 3000 + "]\nx = [f() for i in range(10**6)]",
    "recursion": "def f(n):\n    return f(n - 1) + f(n - 1) if n else 1\nx = f(60)",
    "sets": "x = set(range(100_000))\nfor i in range(10**6):\n    y = x | x",
    "set methods": "x = set(range(100_000))\nfor i in range(10**6):\n    y = x.issubset(x)",
    "views": "x = dict(zip(range(100_000), range(100_000)))\nfor i in range(10**6):\n    y = x.keys() | x.keys()",  # noqa: E501
    "compare texts": "x = 'a' * 10**6\ny = ('a' * 10**6).lower()\nz = [x == y for i in range(10**6)]",  # noqa: E501
    "in texts": "x = 'a' * 10**6\nz = ['ab' in x for i in range(10**6)]",
    "many errors": "\n".join(f"x{i} = dict(a=1).get('b')" for i in range(20_000)),
    "unpack": "a, *b = range(10**12)",
    "misspelt": "x = dict(" + ", ".join(f"{'a' * 50}{i}=1" for i in range(10_000)) + ")\ny = x['" + "a" * 60 + "']",  # noqa: E501
    "misspelt name": "\n".join(f"{'a' * 50}{i} = 1" for i in range(10_000)) + "\ny = " + "a" * 60,
    "ranges": "x = [range(10**4000)[i:] for i in range(100_000)]",
    "colons": "x = ('{' + ':' * 1_000_000).format(1)",
    "fields": "x = ('%(' * 500_000) % dict(a=1)",
    "key error": "x = dict().pop(" + _TUPLE + ")",
}  # fmt: skip


def cost(*, whole: bool) -> Iterator[Case]:
    """Configs that want time or memory: each large value times each thing to do with it.

    Args:
        whole: all of them; else a part in which every value and every use stands several times.
    """
    base = {"base.json": '{"a": 1}'}
    head = "_base_ = './base.json'\nimport copy\nimport os.path\n"
    pairs = list(product(_BOMBS.items(), _USES.items()))
    for i, ((bomb, value), (use, way)) in enumerate(pairs):
        if whole or i % 17 == 0:
            text = f"{head}x = {way.format(f'({value})')}\n"
            yield Case(f"cost: {bomb}, {use}", {**base, "case.py": text})
    for name, text in _COSTLY_STATEMENTS.items():
        yield Case(f"cost: {name}", {**base, "case.py": f"{head}{text}\n"})


def sources() -> Iterator[Case]:
    """Texts that are costly to parse or to walk, as large as a file may be."""
    size = 260_000
    for name, text in {
        "brackets": "x = " + "[" * 90 + "]" * 90,
        "lists": "x = [" + "[]," * (size // 3) + "]",
        "ones": "x = [" + "1," * (size // 2) + "]",
        "dicts": "x = [" + "dict(a=1)," * (size // 11) + "]",
        "texts": "x = [" + "'ab'," * (size // 5) + "]",
        "attributes": "import torch\nx = torch" + ".a" * (size // 2),
        "sums": "x = 1" + "+1" * (size // 2),
        "nots": "x = " + "not " * (size // 4) + "1",
        "minus": "x = " + "-" * size + "1",
        "comparisons": "x = 1" + "<2" * (size // 2),
        "ands": "x = 1" + " and 1" * (size // 6),
        "lambdas": "x = " + "lambda:" * (size // 7) + "1",
        "ifs": "x = " + "1 if 1 else " * (size // 12) + "1",
        "calls": "x = dict" + "()" * (size // 2),
        "indices": "x = [0]" + "[0]" * (size // 3),
        "loops": "x = [0 " + "for a in [0] " * (size // 13) + "]",
        "statements": "x=1\n" * (size // 4),
        "imports": "import torch\n" * (size // 13),
        "names": "\n".join(f"x{i}=1" for i in range(size // 9)),
        "functions": "f=lambda a:a\n" * (size // 13),
        "warnings": "x = [" + "1if 1else 1," * (size // 12) + "]",
        "escapes": "x = [" + "'\\d'," * (size // 5) + "]",
        "expressions": "a = 1\n" + "a\n" * (size // 2 - 3),
        "nested lists": "x = [" + "[[]]," * (size // 5) + "]",
        "sets of sets": "x = [" + "{{1}}," * (size // 6) + "]",
        "many fields": "x = f'" + "{1}" * 30_000 + "'",
        "f-string": "x = f'" + "{1}" * (size // 3) + "'",
        "long text": "x = '" + "a" * size + "'",
        "long name": "a" * size + " = 1",
        "number": "x = " + "9" * size,
        "hexadecimal": "x = str(0x" + "f" * size + ")",
        "float": "x = " + "9" * size + ".0",
        "unpack": "(" + "a," * (size // 2) + ") = 1",
        "starred": "x = [" + "*[1]," * (size // 5) + "]",
        "nul": "x = 1\0",
        "too large": "x = '" + "a" * (5 * size) + "'",
        "elses": "if 0: pass\n" + "elif 0: pass\n" * (size // 13),
    }.items():
        yield Case(f"source: {name}", {"case.py": text})


def templates() -> Iterator[Case]:
    """Templates that blow up, run away or ask for what is not given."""
    size = 250_000
    base = {"base.py": "t = 'ab' * 100_000\nn = [[[1] * 10] * 10] * 10\n"}
    for name, inner in {
        "spaces": "{{" + " " * size + "}}",
        "spaces that go on": "{{" + " " * size,
        "braces": "{" * size,
        "variable": "{{ $HOME }}",
        "quoted variable": "{{ '$HOME' }}",
        "colons": "{{ $A" + ":" * size,
        "colons closed": "{{ $A:" + " " * size + "}}",
        "dollars": "{{ " + "$" * size + " }}",
        "quotes": "{{" + "'" * size + "}}",
        "folder": "{{ fileDirname }}" * (size // 17),
        "base": "{{ _base_.t }}",
        "bases": "{{ _base_.t }} " * 10_000,
        "base of lists": "a{{ _base_.n }}" * 10_000,
        "dots": "{{ _base_" + ".t" * (size // 2) + " }}",
        "many": "{{ $A:b }}" * (size // 10),
        "private": "\ue000base:t\ue000" * 1000,
    }.items():
        for suffix, text in (
            ("py", f"_base_ = './base.py'\nx = '''{inner}'''\n"),
            ("yaml", f"_base_: ./base.py\nx: '{inner}'\n"),
            ("json", '{"_base_": "./base.py", "x": "' + inner + '"}'),
        ):
            yield Case(f"template: {name}, {suffix}", {**base, f"case.{suffix}": text})
    for name, expression in {
        "code": "{{ _base_.t }}",
        "nested": "{{" * 40 + "1" + "}}" * 40,
        "default": '{{\'$A:__import__("os").system("touch here")\'}}',
        "list default": "{{'$A:[[]]'}}",
        "set default": "{{'$A:{[]}'}}",
        "deep default": "{{'$A:" + "[" * 300 + "'}}",
        "minus default": "{{'$A:" + "-" * 990 + "1'}}",
    }.items():
        text = f"_base_ = './base.py'\nx = {expression}\n"
        yield Case(f"template: {name}", {**base, "case.py": text})


_INHERIT = {
    "py": "_base_ = {0!r}\n",
    "py list": "_base_ = ['./ok.py', {0!r}]\n",
    "yaml": "_base_: {0!r}\n",
    "json": '{{"_base_": "{0}"}}',
}


def files() -> Iterator[Case]:
    """Files that are none, are elsewhere, or are too many."""
    ok = {"ok.py": "ok = 1\n"}
    special = {"pipe": "fifo", "zero": "/dev/zero", "random": "/dev/urandom", "tty": "/dev/tty",
               "loop": "loop", "secret": "/etc/hostname", "memory": "/proc/self/mem",
               "kernel": "/proc/kmsg", "outside": "../outside"}  # fmt: skip
    for (name, target), suffix, (way, text) in product(
        special.items(), (".py", ".yaml", ".json"), _INHERIT.items()
    ):
        kind = way.split()[0]
        link = f"{name}{suffix}"
        points = target if target in ("fifo", "loop") or target.startswith("/") else target + suffix
        yield Case(
            f"file: {name}{suffix}, {way}",
            {**ok, f"case.{kind}": text.format(f"./{link}")},
            {link: points},
            stays="Error",
        )
    for name, (way, text) in product(
        ("/dev/zero", "/etc/passwd", "../outside.py", "sub/../../outside.yaml", "~/x.py",
         "/etc/../etc/passwd", "a\\u0000.py", "x" * 5000 + ".py", "", ".", "case.py/x.py",
         "yaml::../../x.py", "yaml::/etc/passwd", "__main__::x.py", "::x.py", "yaml::",
         "../../../etc/x::y.py", "stranger::x.py", "strangers::c.py", "strangers::configs/c.py",
         "\\ud800.py", "http://127.0.0.1:9/x.py",
         "/proc/self/environ.py", "no/such.py"),
        _INHERIT.items(),
    ):  # fmt: skip
        kind = way.split()[0]
        stays = "Error"
        yield Case(
            f"path: {name[:40]}, {way}", {**ok, f"case.{kind}": _said(text, name)}, stays=stays
        )
    for module in (
        "..outside",
        "...outside",
        ".." * 100 + "x",
        "stranger.x",
        "strangers.configs.c",
        "yaml.x",
        "os.path",
    ):
        text = f"with read_base():\n    from {module} import *\n"
        yield Case(f"module: {module[:40]}", {"case.py": text}, stays="Error")
    fan = {f"b{i}_{j}.py": f"_base_ = ['./b{i + 1}_0.py', './b{i + 1}_1.py']\nx{i}_{j} = 1\n"
           for i in range(22) for j in range(2)}  # fmt: skip
    last = {"b22_0.py": "y = 1\n", "b22_1.py": "z = 1\n"}
    yield Case("fan-out", {**fan, **last, "case.py": fan["b0_0.py"]}, stays="Error")
    same = {f"c{i}.yaml": f"_base_: [./c{i + 1}.yaml, ./c{i + 1}.yaml]\n" for i in range(40)}
    yield Case(
        "fan-out of one", {**same, "c40.yaml": "{}", "case.yaml": same["c0.yaml"]}, stays="Error"
    )
    for name, text in {
        "ones": "x{} = [" + "1," * 127_000 + "]\n",
        "statements": "x{}=1\n" * 40_000,
        "nested": "x{} = [" + "[[]]," * 51_000 + "]\n",
        "fields": "x{} = f'" + "{{1}}" * 7_000 + "'\n",
        "comments": "#" * 260_000 + "{}\n",
    }.items():
        seven = {f"s{i}.py": text.format(*[i] * text.count("{}")) for i in range(7)}
        listed = "".join(f"'{each}'," for each in seven)
        yield Case(f"seven bases: {name}", {**seven, "case.py": f"_base_ = [{listed}]\n"})
    data = {f"d{i}.yaml": "#" * 260_000 + f"\nx{i}: 1\n" for i in range(100)}
    listed = "".join(f"'{each}'," for each in data)
    yield Case("large data bases", {**data, "case.py": f"_base_ = [{listed}]\n"}, stays="Error")
    many = {f"m{i}.json": "{}" for i in range(3000)}
    yield Case("many bases", {**many, "case.py": f"_base_ = {list(many)!r}\n"}, stays="Error")


def _said(text: str, name: str) -> str:
    """The text of a config with a path in it, whose escapes the config's language reads."""
    escaped = text.replace("{0!r}", '"{0}"')
    return escaped.format(name)


def data_files() -> Iterator[Case]:
    """YAML and JSON of every kind that costs more to read than to write."""
    size = 125_000
    yaml = {
        "sexagesimal": "a: " + ":1" * size,
        "sexagesimal int": "a: 1" + ":1" * size,
        "sexagesimal float": "a: 1" + ":1" * size + ".5",
        "number": "a: " + "9" * size,
        "underscores": "a: 1" + "_" * size,
        "flows": "a: " + "[" * size,
        "closed flows": "a: " + "[" * 900 + "]" * 900,
        "mappings": "a: " + "{a: " * size,
        "blocks": "- " * size,
        "questions": "? " * size,
        "indents": "\n".join(" " * i + "a:" for i in range(1000)),
        "list": "a: [" + "1," * size + "]",
        "lists": "a: [" + "[]," * size + "]",
        "lines": "a:\n" + "- 1\n" * size,
        "keys": "\n".join(f"k{i}: 1" for i in range(size // 5)),
        "keys of equal hash": "\n".join(f"{i * (2**61 - 1)}: 1" for i in range(1, size // 10)),
        "aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{c}: &{c} [{','.join([f'*{b}'] * 9)}]\n"
            for b, c in zip("abcdefghijkl", "bcdefghijklm", strict=True)),
        "merges": "a: &a {x: 1}\n" + "".join(
            f"{c}: &{c} {{<<: [{','.join([f'*{b}'] * 9)}]}}\n"
            for b, c in zip("abcdefghijkl", "bcdefghijklm", strict=True)),
        "itself": "a: &a [*a]",
        "itself merged": "a: &a {<<: *a}",
        "long alias": f"a: &a {'x' * size}\nb: [{','.join(['*a'] * 10_000)}]",
        "anchors": "\n".join(f"a{i}: &a{i} 1" for i in range(size // 10)),
        "apply": "a: !!python/object/apply:os.system ['touch here']",
        "new": "a: !!python/object/new:subprocess.Popen ['touch here']",
        "name": "a: !!python/name:stranger.run",
        "module": "a: !!python/module:stranger",
        "tag": "!!python/object:stranger.A {a: 1}",
        "own tag": "a: !stranger {a: 1}",
        "set": "a: !!set {x, y}",
        "pairs": "a: !!omap [a: 1]",
        "binary": "a: !!binary " + "A" * size,
        "date": "a: 2001-01-01\nb: 99999-99-99",
        "documents": "a: 1\n---\n" * 1000,
        "directive": "%TAG ! tag:yaml.org,2002:python/\n---\na: !object/apply:os.system [x]",
        "base": "_base_: 5",
        "base of a mapping": "_base_: {a: 1}",
        "base of lists": "_base_: [[1]]",
        "nul": "a: \0",
        "surrogate": 'a: "\\ud800"',
        "comment": "#" * size,
        "quotes": "a: '" + "''" * size + "'",
        "folded": "a: >\n" + " x\n" * size,
        "nothing": "",
        "list of the top": "- 1",
        "deprecated": "_deprecation_: {expected: 1, reference: [x]}",
        "index keys": "a: {'\\u00b2': 1}",
    }  # fmt: skip
    json = {
        "lists": '{"a": ' + "[" * size,
        "list": '{"a": [' + "1," * size + "1]}",
        "objects": '{"a": [' + '{"a":1},' * (size // 4) + "1]}",
        "number": '{"a": ' + "9" * size + "}",
        "small number": '{"a": 1e-' + "9" * size + "}",
        "keys": "{" + ",".join(f'"k{i}": 1' for i in range(size // 6)) + "}",
        "text": '{"a": "' + "\\u0041" * (size // 2) + '"}',
        "open text": '{"a": "' + "x" * size,
        "spaces": "{" + " " * (3 * size) + "}",
        "base": '{"_base_": 5}',
        "nan": '{"a": NaN, "b": -Infinity}',
        "twice": '{"a": 1, "a": 2}',
        "top": "5",
    }
    for suffix, texts in (("yaml", yaml), ("json", json)):
        for name, text in texts.items():
            yield Case(f"{suffix}: {name}", {f"case.{suffix}": text})
