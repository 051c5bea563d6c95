from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine_visual import MissingGlyphError
from engine_visual.drawing.fonts import find_font, font_file, font_folders


def test_latin_needs_no_font_of_the_machine(no_fonts: None) -> None:
    font = find_font("a label: 97.3 %", 16)
    assert font is find_font("another", 16)


def test_what_it_lacks_is_taken_from_the_font_beside_matplotlib(no_fonts: None) -> None:
    assert not find_font("Größe: αβγ → ж", 16).missing("Größe: αβγ → ж")


def test_a_font_that_carries_cjk_is_found(no_fonts: None, make_font: Callable[[str], Path]) -> None:
    make_font("猫 ")
    assert find_font("猫", 16).missing("猫狗") == "狗"


def test_a_missing_character_is_named_with_what_to_do(no_fonts: None) -> None:
    with pytest.raises(MissingGlyphError, match=r"'猫' \(U\+732B\).*Noto|noto.*font_families"):
        find_font("cat 猫", 16)


def test_a_family_may_be_a_file(make_font: Callable[[str], Path]) -> None:
    path = make_font("ab")
    assert find_font("ab", 16, family=str(path)).missing("abc") == "c"


def test_families_of_matplotlib_are_found() -> None:
    mono = find_font("iw", 16, family="monospace")
    assert mono.render("iiii")[1] == mono.render("wwww")[1]


def test_a_family_that_is_not_there_is_told_once_and_replaced(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="'Nonesuch' is no font family of this machine"):
        found = find_font("a", 16, family="Nonesuch")
    assert found.render("ab")[1] == find_font("ab", 16).render("ab")[1]
    find_font("a", 17, family="Nonesuch")  # a warning would be an error
    with pytest.raises(FileNotFoundError, match=r"none\.ttf"):
        find_font("a", 16, family=str(tmp_path / "none.ttf"))


def test_matplotlibs_properties_name_a_file(make_font: Callable[[str], Path]) -> None:
    from matplotlib.font_manager import FontProperties

    path = make_font("ab")
    assert font_file(FontProperties(fname=str(path))) == str(path)
    assert Path(font_file(FontProperties(family="DejaVu Sans"))).name == "DejaVuSans.ttf"


def test_every_system_keeps_fonts_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for system in ("linux", "darwin", "win32"):
        monkeypatch.setattr("sys.platform", system)
        assert font_folders()
        found.update(font_folders())
    assert len(found) >= 7
