"""Configs at random, by the grammar of what the evaluator knows, with a taste for large things."""

from __future__ import annotations

from random import Random

from engine_config.builtin_functions import BUILTINS
from engine_config.library_functions import LIBRARY
from engine_config.methods import METHODS

__all__ = ["data_text", "program"]

_ATOMS = [
    "0", "1", "-1", "7", "True", "None", "...", "1.5", "1j", "''", "'ab'", "b'ab'", "[]", "()",
    "dict()", "[1, 2, 3]", "(1, 'a')", "{1, 2}", "dict(a=1, b=[2])", "range(10)", "'%s %d'",
    "'{} {a}'", "'{0:9}'", "10**9", "-10**9", "2**61 - 1", "1 << 13_000", "range(10**12)",
    "'a' * 100_000", "b'x' * 100_000", "[0] * 100_000", "(1,) * 1000", "'\U0001f600' * 50_000",
    "[[]] * 1000", "['ab' * 5000] * 1000", "{i * (2**61 - 1) for i in range(3000)}",
    "dict((i, i) for i in range(2000))", "torch", "torch.nn", "stranger.run", "system", "_base_",
    "_base_.a", "_base_.t", "float('nan')", "float('inf')", "1e308", "'9' * 4000", "'f' * 3000",
]  # fmt: skip
_NAMES = ["x", "y", "z", "f", "g", "a", "_base_"]
_BINARY = "+ - * / // % ** | & ^ << >> @ == != < <= > >= in is and or".split()  # noqa: SIM905
_METHODS = sorted({name for names in METHODS.values() for name in names} | {"__class__", "build"})
_KEYWORDS = ["key", "reverse", "default", "sep", "end", "start", "strict", "a", "base", "maxsplit"]
_CALLABLE = [*BUILTINS, *LIBRARY, "eval", "open", "getattr", "stranger.run", "system"]
_HEAD = (
    "_base_ = './base.json'\nimport copy\nimport math\nimport os.path\nimport torch\n"
    "import stranger\nfrom os import system\n_base_.t = system\nx = y = z = 1\n"
    "f = lambda *a, **k: a\ng = lambda v: [v, v]\n"
)
_MOST = 4  # depth of an expression


class _Writer:
    def __init__(self, random: Random) -> None:
        self._random = random

    def one(self, *choices: str) -> str:
        return self._random.choice(choices)

    def expression(self, depth: int = 0) -> str:
        """An expression; deeper ones are shorter."""
        if depth >= _MOST or self._random.random() < 0.15 + 0.15 * depth:
            return self.one(*_ATOMS, *_NAMES)
        kinds = [self._operator, self._method, self._call, self._display, self._comprehension]
        kinds += [self._index, self._text, self._other]
        return self._random.choice(kinds)(depth + 1)

    def _operator(self, depth: int) -> str:
        return f"({self.expression(depth)} {self.one(*_BINARY)} {self.expression(depth)})"

    def _arguments(self, depth: int) -> str:
        parts = []
        for _ in range(self._random.randint(0, 3)):
            kind = self.one("", "", "", "*", "**", "key", "function")
            if kind == "key":
                parts.append(f"{self.one(*_KEYWORDS)}={self._value(depth)}")
            elif kind == "function":
                parts.append(self.one(*_CALLABLE))
            else:
                parts.append(kind + self.expression(depth))
        parts.sort(key=lambda part: "=" in part.split("(")[0] or part.startswith("**"))
        return ", ".join(parts)

    def _value(self, depth: int) -> str:
        return self.one(self.expression(depth), self.one(*_CALLABLE), "lambda v: v")

    def _method(self, depth: int) -> str:
        return f"({self.expression(depth)}).{self.one(*_METHODS)}({self._arguments(depth)})"

    def _call(self, depth: int) -> str:
        return f"{self.one(*_CALLABLE, 'f', 'g')}({self._arguments(depth)})"

    def _display(self, depth: int) -> str:
        a, b = self.expression(depth), self.expression(depth)
        return self.one(
            f"[{a}, {b}]", f"({a}, {b})", f"{{{a}, {b}}}", f"{{{a}: {b}}}", f"dict(a={a}, b={b})",
            f"[*{a}]", f"{{**{a}}}", f"[{a}] * {self.one('10', '1000', '10**6')}",
        )  # fmt: skip

    def _comprehension(self, depth: int) -> str:
        a, b = self.expression(depth), self.expression(depth)
        many = self.one("range(10**7)", b, b)
        return self.one(
            f"[{a} for x in {many}]", f"{{{a} for x in {many}}}", f"{{x: {a} for x in {many}}}",
            f"list({a} for x in {many} if {b})", f"[x for x in {b} for y in {a}]",
        )  # fmt: skip

    def _index(self, depth: int) -> str:
        a, b = self.expression(depth), self.expression(depth)
        return self.one(f"({a})[{b}]", f"({a})[::-1]", f"({a})[{b}:]", f"({a}).a")

    def _text(self, depth: int) -> str:
        a = self.expression(depth).replace("'", '"').replace("\\", "")
        width = self.one("", ":>9", ":{x}", "!r", "!r:9", ":.99", ":99999")
        return self.one(f"f'{{{a}{width}}}'", f"'%s' % ({a},)", f"'{{}}'.format({a})")

    def _other(self, depth: int) -> str:
        a, b = self.expression(depth), self.expression(depth)
        return self.one(f"({a} if {b} else {a})", f"(not {a})", f"(-{a})", f"(lambda: {a})()",
                        f"(y := {a})", f"(lambda f: f(f))(lambda f: {a})")  # fmt: skip

    def statement(self, depth: int = 0) -> str:
        """A statement."""
        a, b = self.expression(1), self.expression(2)
        name = self.one(*_NAMES)
        simple = [
            f"{name} = {a}", f"{name} = {a}", f"{name} {self.one('+', '*', '|', '-', '<<')}= {a}",
            f"x[{b}] = {a}", f"_base_[{b}] = {a}", f"_base_.a = {a}", f"x.append({a})",
            f"del x[{b}]", f"_base_.update({a})", f"_base_.merge(dict(a={a}))", f"x, *y = {a}",
            f"print({a})", f"x[{b}:] = {a}", f"_base_.a {self.one('+', '|')}= {a}",
        ]  # fmt: skip
        if depth > 1 or self._random.random() < 0.7:
            return self.one(*simple)
        inner = self.statement(depth + 1).replace("\n", "\n    ")
        return self.one(
            f"for x in {a}:\n    {inner}", f"for i in range(10**6):\n    {inner}",
            f"if {a}:\n    {inner}", f"def f(v=1, *w, **u):\n    {inner}\n    return v",
        )  # fmt: skip


def program(random: Random) -> str:
    """A whole config."""
    writer = _Writer(random)
    return _HEAD + "\n".join(writer.statement() for _ in range(random.randint(1, 6))) + "\n"


_YAML = ["a", "b", ":", ": ", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", "&a ", "*a", "<<: ",
         "!!python/name:stranger.run ", "!!int ", "!!float ", "!!binary ", "!!timestamp ",
         "!!set ", "1:1:1", "0x1f", "1e5", "~", "'", '"', "|\n", ">\n", "# x", "? ", "---\n",
         "_base_: ", "./base.json", "{{ _base_.a }}", "{{ $HOME }}", "\t", "\\", "%", "\u00e9",
         "2001-01-01", "_delete_: true", "custom_imports: [stranger]"]  # fmt: skip
_JSON = ['"a"', '"b"', ":", ",", "{", "}", "[", "]", "1", "-1.5e3", "true", "null", '"', "\\u0041",
         '"_base_"', '"./base.json"', "NaN", " ", "\n", '"{{ _base_.a }}"', '"_delete_"',
         '"custom_imports"', '"{{ $HOME }}"']  # fmt: skip


def data_text(random: Random, suffix: str) -> str:
    """A YAML or JSON text, of pieces; some of them very often."""
    pieces = _JSON if suffix == "json" else _YAML
    parts = []
    for _ in range(random.randint(1, 40)):
        piece = random.choice(pieces)
        parts.append(piece * random.choice([1, 1, 1, 1, 2, 50, 5000]))
    return "".join(parts)[:200_000]
