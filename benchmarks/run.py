"""Run benchmarks: `hatch run bench` all of them, `hatch run bench config registry` some."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SUPPORT = {"measure", "peer", "run", "worker"}


def main() -> int:
    """Run each program in a process of its own; return how many failed."""
    known = {path.stem: path for path in sorted(HERE.glob("*.py")) if path.stem not in SUPPORT}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    names = parser.parse_args().names or list(known)
    for name in names:
        if name not in known:
            parser.error(f"no benchmark is called {name!r}; there are: {', '.join(known)}")
    return sum(subprocess.run([sys.executable, known[name]]).returncode != 0 for name in names)


if __name__ == "__main__":
    sys.exit(main())
