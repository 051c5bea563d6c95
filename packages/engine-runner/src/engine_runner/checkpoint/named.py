"""What a pickle names, found by looking through it and not by following it."""

from __future__ import annotations

import io
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["first_named"]

_PICKLES: Final = 4  # what torch's format before archives begins with: three facts and the content


def first_named(file: str | Path | BinaryIO) -> str | None:
    """Return the first class or function that is named in a way that torch reads nowhere."""
    if isinstance(file, str | Path):
        with Path(file).open("rb") as opened:
            return first_named(opened)
    file.seek(0)
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            name = next((each for each in archive.namelist() if each.endswith("data.pkl")), None)
            return None if name is None else next(_named(io.BytesIO(archive.read(name))), None)
    file.seek(0)
    for _ in range(_PICKLES):
        found = next(_named(file), None)
        if found is not None:
            return found
    return None


def _named(file: BinaryIO | io.BytesIO) -> Iterator[str]:
    texts: list[str] = []
    try:
        for code, argument, _ in pickletools.genops(file):
            if code.name == "INST":
                yield str(argument).replace(" ", ".")
            elif code.name == "STACK_GLOBAL" and len(texts) > 1:
                yield ".".join(texts[-2:])
            elif isinstance(argument, str):
                texts.append(argument)
    except (ValueError, EOFError):
        return  # it is cut off, or no pickle at all
