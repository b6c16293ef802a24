from tui.paint import paint


def lines(boards, name="mta-c03", width=120, height=40, detail=None, board=None, **parts):
    board = board or boards.incident()
    detail = boards.detail(name) if detail is None else detail
    trail = ("home", "hosts", name)
    view = boards.view(
        board, width, height, screen="host", subject=name, trail=trail, detail=detail, **parts
    )
    return paint(view).lines


def text(drawn):
    return "\n".join(line.text for line in drawn)


def test_who_it_is(boards):
    line = lines(boards)[3].text
    assert line.startswith("   home › hosts › mta-c03")
    assert "✘ critical 3:29" in line
    assert line.endswith("central · rack B1 · mta · 8 cores · 16.0 GiB · up 212 d   LIVE 1 s")


def test_a_silent_host_says_why_and_what_to_do_and_shows_no_figures(boards):
    drawn = text(lines(boards, "gw-c02", height=60))
    assert "Is it switched on? Try its" in drawn
    assert "tried again in 12 s" in drawn
    assert "SILENT 8:32" in drawn
    rows = [line.text for line in lines(boards, "gw-c02", width=80)]
    assert next(row for row in rows if row.startswith("   user")).split()[-2] == "–"


def test_before_the_detail_has_come(boards):
    board = boards.incident()
    view = boards.view(board, screen="host", subject="dir-c01")
    drawn = text(paint(view).lines)
    assert "Asking the watch for the rest …" in drawn
    assert "Nothing is wrong here." in drawn


def test_detail_of_another_host_is_not_shown_as_this_ones(boards):
    drawn = text(lines(boards, "dir-c01", detail=boards.detail("mta-c03")))
    assert "postfix-policy" not in drawn


def test_a_host_that_has_gone_is_said(boards):
    assert "No host is called nobody. esc goes back" in text(lines(boards, "nobody"))
