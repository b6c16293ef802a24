"""A screen as files."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tui.console.files.export import export
from tui.paint.cells import Span, line
from tui.paint.theme import THEMES

LINES = (line(Span(" ✘ mta-c00", "crit b"), " <&> 91%"), line("電郵"))


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_picture_and_text(tmp_path: Path, theme: str) -> None:
    picture, words = export(LINES, THEMES[theme], 40, "home & more", tmp_path / "screen")
    assert {each.stat().st_mode & 0o777 for each in (picture, words)} == {0o600}
    assert words.read_text() == " ✘ mta-c00 <&> 91%\n電郵\n"
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "screen.svg").write_text("mine")
    with pytest.raises(FileExistsError):
        export(LINES, THEMES["dark"], 40, "home", tmp_path / "screen")
    assert (tmp_path / "screen.svg").read_text() == "mine"
