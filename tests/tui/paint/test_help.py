from tui.paint import paint

BINDINGS = (
    ("go", "enter", "open what the cursor is on", "open"),
    ("go", "ctrl-p", "find a screen, a host or a command", "palette"),
    ("find", "/", "filter", "filter"),
)


def text(boards, width=80, height=40, bindings=BINDINGS):
    view = boards.view(boards.calm(), width, height, screen="help", bindings=bindings)
    return [line.text for line in paint(view).lines]


def test_keys_stand_under_their_section_as_they_are_bound(boards):
    rows = text(boards)
    go, find = (
        next(i for i, row in enumerate(rows) if f"   {title} ─" in row) for title in ("GO", "FIND")
    )
    assert rows[go + 1] == "   enter   open what the cursor is on"
    assert rows[go + 2] == "   ctrl-p  find a screen, a host or a command"
    assert rows[find + 1] == "   /       filter"


def test_every_glyph_is_explained(boards):
    rows = "\n".join(text(boards))
    for glyph in "·!✘×?≠~a▸✓":
        assert f"   {glyph}       " in rows


def test_wide_screens_have_two_columns(boards):
    rows = text(boards, 120)
    assert any("GO" in row and "GLYPHS" in row for row in rows)


def test_without_bindings_the_glyphs_are_still_there(boards):
    assert any("GLYPHS" in row for row in text(boards, bindings=()))
