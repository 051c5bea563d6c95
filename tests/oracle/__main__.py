"""``hatch run oracle``: search for differences from MMEngine.

``--minutes 60`` searches that long, tells what it finds as it goes and sums up by area; Ctrl-C ends
it. Without it, what CI tries is tried: ``--examples 20`` tries twenty times as many programs.
``--seed 7`` begins with other programs (-1: with others each time), ``--areas models,samplers``
searches those alone. ``--table`` writes the list of accepted differences into docs/differences.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
os.environ["ENGINE_ORACLE"] = "1"


def write_table() -> int:
    """Write what is accepted into the documentation."""
    from accepted import DOCUMENT, documented

    DOCUMENT.write_text(documented(), encoding="utf-8")
    return 0


def search(asked: argparse.Namespace) -> int:
    """Search for some time; 1 if something was found."""
    from areas import AREAS
    from conftest import original_mmengine
    from search import search, summary
    from sides import Pair

    names = [name for name in asked.areas.split(",") if name] or list(AREAS)
    if unknown := set(names) - set(AREAS):
        raise SystemExit(f"no such area: {sorted(unknown)}; there are: {', '.join(AREAS)}")
    with Pair.started(*original_mmengine()) as pair:
        results = search(pair, names, minutes=asked.minutes, start=asked.seed)
    print(summary(results), flush=True)
    return int(any(each.differing for each in results.values()))


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="hatch run oracle", description=__doc__)
    parser.add_argument("--minutes", type=float, help="search that long")
    parser.add_argument("--areas", default="", help="names, with commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", action="store_true", help="write docs/differences.md")
    asked, others = parser.parse_known_args()
    sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE / "library")]
    if asked.table:
        return write_table()
    if asked.minutes:
        return search(asked)
    import pytest

    chosen = [f"--areas={asked.areas}", f"--seed={asked.seed}"]
    return pytest.main([str(HERE), "-q", *chosen, *others])


if __name__ == "__main__":
    raise SystemExit(main())
