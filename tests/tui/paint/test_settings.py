from dataclasses import replace

from tui.paint import keys, paint
from tui.paint.view import Attention

CHOSEN = {"theme": "auto", "low_bandwidth": "off", "bell": "on", "unheard_of": "x"}


def test_a_row_for_each_setting_and_the_cursor_on_one(boards):
    view = boards.view(boards.calm(), 80, 24, screen="settings", settings=CHOSEN)
    assert keys(view)[:4] == (
        "setting:theme",
        "setting:low_bandwidth",
        "setting:bell",
        "setting:unheard_of",
    )
    page = paint(replace(view, attention=Attention(cursor="setting:bell")))
    assert page.lines[page.cursor].text.startswith("▌  bell              on         rings once")


def test_about_the_watch(boards):
    board = boards.calm()
    board = replace(board, watch=replace(board.watch, records="disk full", standalone=False))
    text = "\n".join(
        line.text for line in paint(boards.view(board, 80, 24, screen="settings")).lines
    )
    assert "4711 as kfwong, shared by everybody on this machine" in text
    assert "not kept: disk full" in text
    assert "every 5 s" in text
    assert "Nothing can be chosen here." in text


def test_all_that_a_banner_cut_is_here_whole(boards):
    board = boards.calm()
    refused = "/home/kfwong/" + "estates/" * 12 + "estate.yaml:214: no key 'hosst'"
    full = "no space left on " + "/var/lib/" * 9 + "records.db"
    watch = replace(board.watch, estate_problem=refused, records=full)
    complaints = tuple(f"/home/kfwong/keys.yaml:{n}: no binding is called 'x{n}'" for n in range(9))
    view = boards.view(
        replace(board, watch=watch),
        *(80, 24),
        screen="settings",
        settings=CHOSEN,
        complaints=complaints,
    )
    seen, rows = set(), keys(view)
    for key in rows:
        page = paint(replace(view, attention=Attention(cursor=key)))
        assert page.lines[page.cursor].key == key
        seen.add(page.lines[page.cursor].text[21:].strip())
        seen.add(page.lines[page.cursor].text[3:].strip())
    assert refused.split(":214")[0] in "".join(
        paint(replace(view, attention=Attention(cursor=key))).lines[at].text[21:].strip()
        for key in rows
        if key.startswith("watch:refused")
        for at in [paint(replace(view, attention=Attention(cursor=key))).cursor]
    )
    assert all(any(each in said for said in seen) for each in complaints)


def test_on_a_short_screen_the_cursor_stays_in_sight(boards):
    many = {f"setting{n}": "x" for n in range(30)}
    view = boards.view(boards.calm(), 80, 10, screen="settings", settings=many)
    page = paint(replace(view, attention=Attention(cursor="setting:setting29")))
    assert page.lines[page.cursor].key == "setting:setting29"
