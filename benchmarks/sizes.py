"""How large each package is: its wheel, and what an empty environment holds after its install.

All are installed once, and each one's share is counted: its own files, those of everything that it
requires, and apart from them torch with all that torch requires.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from measure import print_table

ROOT = Path(__file__).parents[1]
# Runs in the environment: prints the bytes and the requirements of each distribution.
LOOK = """
import importlib.metadata as metadata, json, re
from packaging.requirements import Requirement
found = {}
for dist in metadata.distributions():
    paths = [each.locate() for each in dist.files or ()]
    size = sum(path.stat().st_size for path in paths if path.is_file())
    needed = []
    for requirement in map(Requirement, dist.requires or ()):
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": ""}):
            needed.append([requirement.name.lower().replace("_", "-"), sorted(requirement.extras)])
    optional = {}
    for extra in dist.metadata.get_all("Provides-Extra") or ():
        optional[extra] = [
            requirement.name.lower().replace("_", "-")
            for requirement in map(Requirement, dist.requires or ())
            if requirement.marker is not None
            and requirement.marker.evaluate({"extra": extra})
            and not requirement.marker.evaluate({"extra": ""})
        ]
    found[dist.name.lower().replace("_", "-")] = [size, needed, optional]
print(json.dumps(found))
"""


def built(folder: Path) -> dict[str, int]:
    """Build the wheel of each package, and return its bytes."""
    sizes = {}
    for package in sorted((ROOT / "packages").iterdir()):
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder)]
        subprocess.run([*command, str(package)], check=True, capture_output=True)
        (wheel,) = folder.glob(f"{package.name.replace('-', '_')}-*.whl")
        sizes[package.name] = wheel.stat().st_size
    return sizes


def closure(found: dict[str, list[object]], name: str) -> set[str]:
    """What installing a distribution brings, itself included."""
    seen: set[str] = set()
    waiting: list[tuple[str, list[str]]] = [(name, [])]
    while waiting:
        here, extras = waiting.pop()
        _, needed, optional = found.get(here, (0, [], {}))
        new = [(each, more) for each, more in needed if each not in seen or more]
        waiting += [] if here in seen and not extras else new if here not in seen else []
        waiting += [(each, []) for extra in extras for each in optional.get(extra, ())]
        seen.add(here)
    return seen & set(found)


def installed(folder: Path, names: list[str]) -> dict[str, list[object]]:
    """Install everything into an empty environment, and return what is in it."""
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, "--find-links", str(folder), "packaging", *names], check=True)
    done = subprocess.run([python, "-c", LOOK], check=True, capture_output=True, text=True)
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


def main() -> None:
    """Build, install, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        wheels = built(Path(name))
        found = installed(Path(name), [*wheels])
    torch = closure(found, "torch")
    own = set(wheels)
    rows = [("package", "wheel kB", "MB installed", "of other projects", "torch's MB beside them")]
    for package, size in wheels.items():
        all_of_it = closure(found, package)
        mb = sum(int(str(found[each][0])) for each in all_of_it - torch) / 1e6
        torchs = sum(int(str(found[each][0])) for each in torch) / 1e6
        others = ", ".join(sorted(all_of_it - torch - own)) or "none"
        has_torch = "torch" in all_of_it
        rows.append(
            (package, f"{size / 1e3:.0f}", f"{mb:.1f}", others, f"{torchs:.0f}" * has_torch)
        )
    print_table("What installing brings", rows)


if __name__ == "__main__":
    main()
