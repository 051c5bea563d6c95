"""Where installed packages lie, by what was installed alone: nothing is imported.

Not every folder on Python's path holds installed packages: the current folder, and that of a
program, may be a stranger's.
"""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["import_names", "installed_root"]

_MAX_BYTES = 100_000


def installed_root(name: str) -> Path | None:
    """Return the folder of an installed package, by its import name or its distribution's.

    One that is installed from a folder of its source (``pip install -e``) is found there.
    """
    sites = _site_folders()
    folders = [*sites, *_source_folders(sites)]
    for module in import_names(name, sites):
        for folder in folders:
            if module.isidentifier() and (folder / module / "__init__.py").is_file():
                return folder / module
    return None


def import_names(name: str, folders: list[Path] | None = None) -> Iterator[str]:
    """Yield what a package may be imported as, given its import name or its distribution's.

    The last ones are of the lists of files that distributions in ``folders``, or on
    Python's path, have: they are long, and read if the first ones lead nowhere.
    """
    yield name.replace("-", "_")
    from importlib.metadata import distributions  # slow to import, seldom needed

    path = sys.path if folders is None else [*map(str, folders)]
    found: set[str] = set()
    try:
        for each in distributions(name=name, path=path):
            found.update((each.read_text("top_level.txt") or "").split())
            record = (each.read_text("RECORD") or "").splitlines()
            files = (line.partition(",")[0] for line in record)
            found.update(file.partition("/")[0] for file in files if file.endswith("/__init__.py"))
    except ValueError:
        return
    yield from sorted(found)


def _site_folders() -> list[Path]:
    """The folders into which packages are installed."""
    own = {sysconfig.get_path(key) for key in ("purelib", "platlib")}
    here = Path.cwd()
    folders = (Path(each) for each in sys.path if each in own or each.endswith("-packages"))
    return [folder for folder in folders if folder != here]


def _source_folders(sites: list[Path]) -> Iterator[Path]:
    """The folders from which packages are installed such that changes of them take effect."""
    for site in sites:
        for note in sorted(site.glob("*.dist-info/direct_url.json")):
            try:
                found = json.loads(note.read_bytes()[:_MAX_BYTES])
                is_editable = found.get("dir_info", {}).get("editable")
                url = urlsplit(str(found["url"]))
            except (AttributeError, KeyError, OSError, ValueError):
                continue
            if is_editable and url.scheme == "file":
                source = Path(unquote(url.path))
                yield from (source, source / "src")
