"""Run by mkdocs-gen-files: writes the pages of the reference and the pictures of schedules."""

from __future__ import annotations

import sys
from pathlib import Path

import mkdocs_gen_files

sys.path.insert(0, str(Path("docs/_hooks").resolve()))
import curves
import public_names
import reference

for module in public_names.modules():
    with mkdocs_gen_files.open(module.page, "w") as file:
        file.write(reference.page_of(module))

schedules = Path("docs/tutorials/schedules.md").read_text(encoding="utf-8")
for name, configs in curves.configs_in(schedules):
    with mkdocs_gen_files.open(f"tutorials/curves/{name}.svg", "w") as file:
        file.write(curves.picture(curves.rates_of(configs)))
