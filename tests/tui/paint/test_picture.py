import xml.etree.ElementTree as ET

import pytest

from tui.paint import paint
from tui.paint.cells import Line, Span
from tui.paint.picture import svg
from tui.paint.theme import THEMES

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("board", ["incident", "wide_names"])
def test_a_picture_is_one_file_that_asks_for_nothing(boards, theme, board):
    page = paint(boards.view(getattr(boards, board)(), 80, 24))
    drawn = svg(page.lines, THEMES[theme], 80, "home <at> night & day")
    root = ET.fromstring(drawn)
    assert root.find(f"{SVG}title").text == "home <at> night & day"
    assert (root.get("width"), root.get("height")) == ("744", "456")
    assert drawn.count("http") == 1  # the namespace
    assert "url(" not in drawn


def test_words_stand_at_their_columns():
    line = Line((Span("   "), Span("資", "text"), Span("ab<", "crit b")))
    texts = ET.fromstring(svg([line], THEMES["dark"], 20, "t")).findall(f"{SVG}text")
    assert [(t.text, t.get("x")) for t in texts] == [("資", "39"), ("ab<", "57")]
    assert texts[1].get("fill") == THEMES["dark"].colours["crit"]
    assert texts[1].get("font-weight") == "700"


def test_blocks_and_braille_are_shapes():
    root = ET.fromstring(svg([Line((Span("█⣿"),))], THEMES["dark"], 2, "t"))
    assert root.findall(f"{SVG}text") == []
    assert len(root.findall(f"{SVG}rect")) == 1 + 1 + 8


def test_a_bar_runs_over_the_edges():
    root = ET.fromstring(svg([Line((Span("x"),), "critbar")], THEMES["dark"], 4, "t"))
    bars = [
        r for r in root.findall(f"{SVG}rect") if r.get("fill") == THEMES["dark"].bars["critbar"]
    ]
    assert bars[0].get("x") == "0.00"
    last = bars[-1]
    assert float(last.get("x")) + float(last.get("width")) == 60.0


def test_mono_reverses_the_headline():
    root = ET.fromstring(svg([Line((Span("x"),), "critbar")], THEMES["mono"], 4, "t"))
    assert root.find(f"{SVG}text").get("fill") == "#000000"
