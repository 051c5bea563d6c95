"""The registry: building from configs and importing, ours against MMEngine's.

`Registry.build` also stands beside what it can't avoid, a dict lookup and the constructor; the
difference should stay below two microseconds.
"""

from __future__ import annotations

import argparse
import sys

from measure import Case, Side, compare, import_cpu, print_table, seconds
from peer import mmengine_python

BODY = """
class Thing:
    def __init__(self, a=1, b=2):
        self.a = a
ROOT = Registry("thing", scope="root")
CHILD = Registry("thing", parent=ROOT, scope="child")
ROOT.register_module(module=Thing)
LEVELS = [ROOT]
for number in range(5):
    LEVELS.append(Registry("thing", parent=LEVELS[-1], scope=f"level{number}"))
cfg = dict(type="Thing", a=3)
scoped = dict(type="Thing", a=3, _scope_="child")
table = {"Thing": Thing}
"""
OURS = "from engine_registry import Registry, DefaultScope, ManagerMixin\n" + BODY
THEIRS = (
    "from mmengine.registry import Registry, DefaultScope\n"
    "from mmengine.utils import ManagerMixin\n" + BODY
)
IN_SCOPE = "DefaultScope.get_instance('bench', scope_name='child')\n"
HUB = """
class Hub(ManagerMixin):
    def __init__(self, name): super().__init__(name)
Hub.get_instance("a")
"""
MISS = "try: ROOT.build(dict(type='Thinh'))\nexcept KeyError: pass"


def case(name: str, statement: str, more: str = "", target: float | None = None) -> Case:
    """The same statement on both sides."""
    return Case(
        name=name, ours=(OURS + more, statement), theirs=(THEIRS + more, statement), target=target
    )


CASES = [
    case("build", "ROOT.build(cfg)", target=1),
    case("build in a default scope", "ROOT.build(cfg)", IN_SCOPE, target=1),
    case("build with _scope_", "ROOT.build(scoped)", target=1),
    case("build from 5 levels below", "LEVELS[-1].build(cfg)", target=1),
    case("get", "ROOT.get('Thing')", target=1),
    case("get from 5 levels below", "LEVELS[-1].get('Thing')"),
    case("get_instance of ManagerMixin", "Hub.get_instance('a')", HUB),
    case("build of a name that is missed", MISS),
]


def overhead(repeats: int = 7) -> None:
    """Print what `Registry.build` costs beyond a dict lookup and the constructor."""
    rows = [("", "build", "lookup + constructor", "difference", "target")]
    for name, more in (("build", ""), ("build in a default scope", IN_SCOPE)):
        with Side() as side:
            pairs = [
                (side.time(OURS + more, "ROOT.build(cfg)"), side.time(OURS, "table['Thing'](a=3)"))
                for _ in range(repeats)
            ]
        built, bare = sorted(pairs, key=lambda pair: pair[0] - pair[1])[repeats // 2]
        rows.append((name, seconds(built), seconds(bare), seconds(built - bare), "<= 2 us"))
    print_table("Registry.build beyond what cannot be avoided", rows)


def imports() -> None:
    """Print the CPU time of an import over a bare interpreter."""
    ours = import_cpu(sys.executable, "import engine_registry")
    theirs = import_cpu(mmengine_python(), "import mmengine.registry")
    print_table(
        "Import over a bare interpreter (CPU)",
        [
            ("", "ours", "theirs", "theirs/ours", "target"),
            ("import", seconds(ours), seconds(theirs), f"{theirs / ours:.0f}", "ours <= 10 ms"),
        ],
    )


def main() -> None:
    """Print the three tables."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    overhead()
    compare("Registry", CASES, peer=mmengine_python())
    imports()


if __name__ == "__main__":
    main()
