from dataclasses import replace

from tui.paint import paint
from tui.paint.view import Attention


def page(boards, board="incident", width=80, height=24, **parts):
    document = board if not isinstance(board, str) else getattr(boards, board)()
    return paint(boards.view(document, width, height, **parts))


def text(page):
    return [line.text for line in page.lines]


def aside(boards, cursor, board="incident"):
    drawn = page(boards, board, 200, 50, attention=Attention(cursor=cursor))
    return "\n".join(line.text[127:] for line in drawn.lines)


def test_the_aside_explains_a_lost_host(boards):
    said = aside(boards, "problem:gw-c02/reach")
    assert "SELECTED  gw-c02" in said
    assert "behind it   mbx-c05–08 mdb-c01 mta-c13–16" in said
    assert "remedy      Is it switched on? Try its console." in said
    assert "last good   02:58:35" in said
    assert "next try    in 12 s" in said


def test_the_aside_shows_a_live_hosts_figures(boards):
    said = aside(boards, "host:mta-c03")
    assert "SELECTED  mta-c03" in said
    assert "━━━━" in said
    assert "3.1 MB/s in, 1.6 MB/s out" in said


def test_the_aside_of_an_event_and_of_nothing(boards):
    assert "SELECTED  gw-c02" in aside(boards, "event:907")
    assert "Nothing is selected." in aside(boards, "", "empty")


def test_the_asides_sections_stand_where_the_pages_do(boards):
    for board in ("calm", "incident"):
        lines = [line.text for line in page(boards, board, 200, 50).lines]
        for left, right in (("PROBLEMS", "SELECTED"), ("HOSTS", "GROUPS"), ("EVENTS", "WATCH")):
            at = next(i for i, line in enumerate(lines) if line.startswith(f"   {left}"))
            assert right in lines[at]


def test_the_cursor_bar_ends_with_the_page(boards):
    drawn = page(boards, width=200, height=50)
    assert drawn.lines[drawn.cursor].bar_cells == 124


def test_groups_that_have_no_room_are_counted(boards):
    board = boards.calm()
    rows = {
        name: replace(row, groups=(f"group-{index}",))
        for index, (name, row) in enumerate(board.hosts.items())
    }
    lines = [line.text for line in page(boards, replace(board, hosts=rows), 200, 50).lines]
    start = next(at for at, line in enumerate(lines) if "GROUPS" in line)
    listed = [line for line in lines[start : start + 11] if " group-" in line[120:]]
    more = next(line for line in lines[start : start + 11] if line.endswith(" more"))
    assert len(listed) + int(more.split()[-2]) == 80
