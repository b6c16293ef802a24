from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from estate.document import Severity
from estate.samples import Reach
from tui.paint import glyphs
from tui.paint.cells import ROLES, Line, Span


def test_every_state_word_and_severity_has_a_glyph():
    for word in (*Reach, *Severity):
        assert word.value in glyphs.GLYPHS
    for glyph in glyphs.GLYPHS.values():
        assert cell_len(glyph.symbol) == 1
        assert glyph.role.removesuffix(" b") in ROLES


def test_states_differ_without_colour_and_in_ascii():
    different = (
        *(glyphs.OK, glyphs.WARNING, glyphs.CAUSE, glyphs.FOLLOWS, glyphs.UNKNOWN),
        *(glyphs.UNTRUSTED, glyphs.MAINTENANCE, glyphs.ACKNOWLEDGED, glyphs.DONE, glyphs.MOVING),
    )
    assert len({glyph.symbol for glyph in different}) == len(different)
    stand_ins = {glyphs.ascii_text(glyph.symbol) for glyph in different}
    assert stand_ins == set(".!Xx?K~a+>")


def test_a_word_nobody_knows_gets_the_glyph_of_its_severity():
    assert glyphs.glyph("on fire", Severity.CRITICAL) is glyphs.CAUSE
    assert glyphs.glyph("", Severity.WARNING) is glyphs.WARNING
    assert glyphs.glyph("lost", Severity.OK) is glyphs.CAUSE


def test_ascii_of_the_design():
    assert (
        glyphs.ascii_text("✘ gw-c02 · 9 × ├ └ ─ ▌ ▁▄█ ⣀ ⠀ … ’")
        == "X gw-c02 . 9 x | ` - > _+# :   ~ '"
    )
    assert glyphs.ascii_text("é") == "e"
    assert glyphs.ascii_text("\u2603") == "?"


@given(st.text(st.characters(exclude_categories=("C", "M"))))
def test_ascii_keeps_every_column(text):
    drawn = glyphs.ascii_text(text)
    assert cell_len(drawn) == cell_len(text)
    assert all(each.isascii() or cell_len(each) != 1 for each in drawn)


def test_a_line_in_ascii_keeps_its_roles_key_and_clicks():
    line = Line((Span("✘", "crit b", ("open", "x")),), "sel", "host:x", 9)
    assert glyphs.ascii_line(line) == Line(
        (Span("X", "crit b", ("open", "x")),), "sel", "host:x", 9
    )
