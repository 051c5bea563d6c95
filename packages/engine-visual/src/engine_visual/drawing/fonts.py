"""Fonts: the one inside of Pillow for Latin text, and for the rest whichever carries it.

Looked for are, in this order, Pillow's own font, DejaVu Sans (it comes with matplotlib, which is
not imported for it), and the fonts of the machine, those for Chinese, Japanese and Korean first.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import ImageFont

from engine_visual.drawing.glyphs import TextFont
from engine_visual.errors import MissingGlyphError

GENERIC = ("sans-serif", "serif", "monospace", "cursive", "fantasy")
# beginnings of file names of well-known fonts that carry CJK, without spaces, in small letters
_CJK = (
    "notosanscjk",
    "notosanssc",
    "notosansjp",
    "notosanskr",
    "sourcehansans",
    "wqy-microhei",
    "wqy-zenhei",
    "droidsansfallback",
    "pingfang",
    "hiragino",
    "applesdgothic",
    "stheiti",
    "msyh",
    "simhei",
    "simsun",
    "yugoth",
    "meiryo",
    "msgothic",
    "malgun",
    "arialunicode",
    "unifont",
    "ipag",
    "takao",
    "nanum",
    "ukai",
    "uming",
)


def find_font(text: str, pixels: int, *, family: str = "sans-serif") -> TextFont:
    """Return a font of ``pixels`` height that carries all of ``text``.

    Args:
        text: what is to be written.
        pixels: the size, of the em square.
        family: ``sans-serif``; or the path of a font file, or a name that matplotlib knows,
            which is asked then. One that nobody knows is ``sans-serif``, with a warning.

    Raises:
        MissingGlyphError: no font does; the message names what to install.
    """
    font = primary_font(family, pixels)
    lacking = font.missing(text)
    if not lacking:
        return font
    for path in candidates():
        other = load_font(path, pixels)
        if other is not None and not other.missing(text):
            return other
    raise MissingGlyphError(
        f"no font of this machine carries {lacking!r} (U+{ord(lacking):04X}) of {text!r}. "
        f"{advice()}, or give the path of a font file as font_families"
    )


def font_file(properties: Any) -> str:
    """The path of the font that matplotlib's ``FontProperties`` describe."""
    named = properties.get_file() if hasattr(properties, "get_file") else None
    return str(named) if named else _ask_matplotlib(properties)


@lru_cache(maxsize=64)
def primary_font(family: str, pixels: int) -> TextFont:
    """Return the font of a family, which is asked first."""
    is_path = Path(family).suffix.lower() in (".ttf", ".ttc", ".otf")
    path = family if is_path else _family_file(family)
    if not path:
        return TextFont(ImageFont.load_default(pixels))
    try:
        return TextFont(ImageFont.truetype(path, pixels))
    except OSError as error:
        raise FileNotFoundError(f"{family!r} is no font file that can be read: {error}") from error


@lru_cache(maxsize=64)
def _family_file(family: str) -> str:
    """The file of a family; "" for Pillow's own font, with one warning where there is no family."""
    if family == "sans-serif":
        return ""
    try:
        return _ask_matplotlib(family)
    except ValueError:
        warnings.warn(
            f"{family!r} is no font family of this machine, sans-serif is taken; there are "
            f"{', '.join(GENERIC)}, the installed ones, and the paths of font files",
            UserWarning,
            stacklevel=2,
        )
        return ""


def _ask_matplotlib(family: Any) -> str:
    from matplotlib.font_manager import findfont  # only where its names are used

    return str(findfont(family, fallback_to_default=not isinstance(family, str)))


@lru_cache(maxsize=256)
def load_font(path: Path, pixels: int) -> TextFont | None:
    """Return the font in a file; None if it isn't scalable."""
    try:
        return TextFont(ImageFont.truetype(str(path), pixels))
    except OSError:
        return None  # not a scalable font


@lru_cache(maxsize=1)
def candidates() -> tuple[Path, ...]:
    """Files of fonts, the likeliest first."""
    found = sorted({path for folder in font_folders() for path in _fonts_below(folder)})
    return (*_dejavu(), *sorted(found, key=_likelihood))


def _likelihood(path: Path) -> tuple[int, int, str]:
    name = path.name.lower().replace(" ", "")
    known = [i for i, start in enumerate(_CJK) if name.startswith(start)]
    return min(known, default=len(_CJK)), int("regular" not in name), name


def _fonts_below(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith((".ttf", ".ttc", ".otf")):
                yield Path(root, name)


def _dejavu() -> Iterator[Path]:
    spec = find_spec("matplotlib")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
        if path.is_file():
            yield path


def font_folders() -> list[Path]:
    """Where this system keeps fonts, whether or not the folders exist."""
    home, system = Path.home(), str(sys.platform)
    if system == "win32":
        own = Path(os.environ.get("LOCALAPPDATA", home), "Microsoft", "Windows", "Fonts")
        return [Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts"), own]
    if system == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    own = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    folders = [Path(folder, "fonts") for folder in shared.split(":") if folder]
    return [own / "fonts", home / ".fonts", *folders]


def advice() -> str:
    """What to install, as a sentence without its end."""
    package = "apt-get install fonts-noto-cjk" if os.name == "posix" else "Noto Sans CJK"
    return f"Install one (for Chinese, Japanese, Korean: {package})"
