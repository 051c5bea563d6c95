"""What libraries call under private names of MMEngine's `Config`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

__all__ = ["file2dict", "path_and_scope"]


def file2dict(
    cls: Any,
    filename: str | Path,
    use_predefined_variables: bool = True,
    use_environment_variables: bool = True,
    lazy_import: bool | None = None,
) -> tuple[dict[str, Any], str, dict[str, str]]:
    """Return plain values, text and environment variables of a file that ``cls`` reads."""
    how = (use_predefined_variables, False, use_environment_variables, lazy_import)
    config = cls.fromfile(filename, *how)
    return config.to_dict(), config.text, config.env_variables


def path_and_scope(cfg_path: str, filename: str) -> tuple[str, str | None]:
    """Return the file that ``cfg_path`` means in ``filename``, and the library it's of, if any."""
    if "::" in cfg_path:
        from engine_config.library import library_file  # what reading files alone needs

        path, library = library_file(cfg_path)
        return str(path), library
    return os.path.join(os.path.dirname(filename), cfg_path), None  # noqa: PTH118, PTH120 - `./`
