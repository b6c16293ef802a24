from dataclasses import replace

import pytest

from estate.document import Problem, Severity
from estate.language import Words
from tui.paint import frame, paint
from tui.paint.cells import line
from tui.paint.states import standing
from tui.paint.view import Attention, Link
from watch.languages import words_in


def headline(view):
    return frame.headline(view, standing(view))


def test_the_band_says_who_is_up_and_how_old_the_board_is(boards):
    line = frame.band(boards.view(boards.incident()))
    assert line.bar == "band"
    assert line.text.startswith(" ✘ central primary 32/42 up")
    assert line.text.endswith("LIVE 2 s   03:07:12 HKT")
    roles = {span.text: span.role for span in line.spans}
    assert roles["32"] == "crit b"
    assert roles["LIVE"] == "good"


def test_an_old_board_is_stale_and_says_so_at_every_width(boards):
    board = replace(boards.calm(), at=boards.NOW - 15_001)
    for width in (40, 80, 120):
        assert "STALE 15 s" in frame.band(boards.view(board, width)).text
    board = replace(board, at=boards.NOW - 15_000)
    assert "LIVE" in frame.band(boards.view(board, 80)).text


def test_a_lost_watch_is_stale_however_young_the_board(boards):
    line = frame.band(boards.view(boards.calm(), link=Link(False, boards.NOW)))
    assert "LIVE" not in line.text
    assert "STALE 2 s" in line.text


def test_a_held_board_says_since_when_and_keeps_its_states(boards):
    board = replace(boards.calm(), at=boards.NOW - 450_000)
    rows = {name: replace(row, at=boards.NOW - 451_000) for name, row in board.hosts.items()}
    board = replace(board, hosts=rows)
    held = {"held_at": boards.NOW - 450_000, "heard_at": boards.NOW - 1_000}
    for width in (80, 120):
        line = frame.band(boards.view(board, width, **held))
        assert "PAUSED 7:30" in line.text and "03:07:12" in line.text
        assert "LIVE" not in line.text and "STALE" not in line.text
        assert {span.text: span.role for span in line.spans}["PAUSED 7:30"] == "warn b"
    view = boards.view(board, **held)
    assert standing(view).states["mta-c01"].word == "live"
    assert "79 of 80 hosts are live" in headline(view).text
    silent = boards.view(board, **{**held, "heard_at": boards.NOW - 60_000})
    assert "WATCH SILENT 1:00" in headline(silent).text


def test_more_sites_than_fit_are_counted(boards):
    board = boards.calm()
    sites = tuple(replace(board.sites[0], key=f"datacentre-{n}") for n in range(12))
    text = frame.band(boards.view(replace(board, sites=sites), 80)).text
    assert "+" in text
    shown = text.count("42/42")
    assert f"+{12 - shown} sites" in text


@pytest.mark.parametrize(("width", "height"), [(20, 5), (10, 3), (40, 8)])
def test_a_tiny_screen_says_first_how_many_are_up(boards, width, height):
    page = paint(boards.view(boards.incident(), width, height))
    glyph_and_count = " ✘ 67/80" if width < 40 else " ✘ 32/42  ! 35/38"
    assert page.lines[0].text.startswith(glyph_and_count)
    assert ("LIVE" in page.lines[0].text) is (width >= 20)
    lost = paint(boards.view(boards.incident(), width, height, link=Link(False, boards.NOW)))
    assert lost.lines[0].text.startswith(glyph_and_count if width < 40 else " ✘")


def test_a_site_is_called_what_the_file_says_and_one_without_hosts_is_not_well(boards):
    board = boards.calm()
    main, spare = board.sites
    spare = replace(spare, key="dc2", total=0, up=0, severity=Severity.OK)
    text = frame.band(boards.view(replace(board, sites=(main, spare)))).text
    assert text.startswith(" · central primary 42/42 up     – dc2 recovery 0/0 up")
    assert "recovery recovery" not in frame.band(boards.view(board)).text


def test_names_of_sites_in_the_language_of_the_person(boards):
    line = frame.band(boards.view(boards.calm(), words=Words("zh-Hant")))
    assert "中央數據中心" in line.text
    assert line.width <= 120


def test_a_site_with_names_in_several_languages_has_that_of_the_person(boards):
    main, spare = boards.calm().sites
    spare = replace(spare, name="Recovery centre", names={"zh-Hant": "後備數據中心"})
    board = replace(boards.calm(), sites=(main, spare))
    text = frame.band(boards.view(board, words=words_in("zh-Hant"))).text
    assert "後備數據中心 37/38" in text, "its name says its role"
    assert "recovery 37/38" in frame.band(boards.view(board)).text


def test_the_headline_is_the_worst_that_nobody_has_acknowledged(boards):
    line = headline(boards.view(boards.incident()))
    assert line.bar == "critbar"
    assert line.text.startswith(" ✘ gw-c02 lost 8:32 · central · no answer in 10 s · 9 behind it")
    assert line.text.endswith("newest: mbx-r03 stale 0:48 · 1 more critical")


def test_a_short_headline_keeps_how_far_the_worst_reaches_and_how_much_more_there_is(boards):
    line = headline(boards.view(boards.incident(), 80))
    assert "9 behind it" in line.text
    assert line.text.endswith("1 more critical")


def test_the_headline_names_a_new_fault_behind_an_old_one_and_how_many_more_are_critical(boards):
    def lost(name, seconds):
        words = "lost: no answer from 127.0.0.1:40921 in 2 s, and so on and on for many words"
        since = boards.NOW - seconds * 1000
        return Problem(name, name, words, "", Severity.CRITICAL, since, "reach", (name,), "central")

    key = replace(lost("good3", 5), what="host key CHANGED: not the one of known_hosts:3")
    board = replace(boards.calm(), problems=(lost("bad1", 900), lost("bad2", 800), key))
    wide = headline(boards.view(board, 200)).text
    assert wide.endswith("newest: good3 host key CHANGED 0:05 · 2 more critical · 3 nobody’s")
    narrow = headline(boards.view(board, 80)).text
    assert narrow.startswith(" ✘ bad1 lost 15:00") and "…" in narrow
    assert narrow.endswith("new: good3 0:05 · 2 more critical")
    old = replace(board, problems=(lost("bad1", 900), lost("bad2", 800)))
    assert headline(boards.view(old, 80)).text.endswith("…  1 more critical")


def test_calm_is_plain(boards):
    line = headline(boards.view(boards.calm()))
    assert line.bar == ""
    assert (
        line.text
        == " · 79 of 80 hosts are live. 3 problems, each with an owner. Nothing needs you."
    )
    quiet = replace(boards.calm(), problems=())
    assert "Nothing is wrong." in headline(boards.view(quiet)).text


def test_a_warning_is_said_without_red(boards):
    problem = Problem("p", "db1", "disk 86%", "", Severity.WARNING, boards.NOW - 61_000)
    line = headline(boards.view(replace(boards.calm(), problems=(problem,))))
    assert line.bar == ""
    assert line.text.startswith(" ! 1 problem. db1 disk 86% · 1:01")
    assert line.text.endswith("1 nobody’s")


def test_one_host_is_no_hosts(boards):
    board = boards.calm()
    one = replace(board, hosts={"dir-c01": board.hosts["dir-c01"]}, problems=())
    assert headline(boards.view(one)).text == " · The one host is live. Nothing is wrong."


def test_first_seconds(boards):
    line = headline(boards.view(boards.connecting()))
    assert line.text == " ▸ Connecting: 27 of 80 hosts answered, 53 on the way."


def test_an_empty_estate_says_what_to_do(boards):
    assert "No hosts in this estate yet. Name some" in headline(boards.view(boards.empty())).text


def test_a_watch_that_cannot_be_reached_comes_first(boards):
    link = Link(False, boards.NOW - 42_000, "connection refused")
    line = headline(boards.view(boards.incident(), link=link))
    assert line.bar == "unkbar"
    remedy = " ? WATCH UNREACHABLE 0:42 · start it: twinwatch watch"
    assert line.text.startswith(f"{remedy} · connection refused")
    assert line.text.endswith("this is the board of 03:07:10")
    assert headline(boards.view(boards.incident(), 80, link=link)).text.startswith(remedy)


def test_a_watch_that_says_nothing_more_names_its_process_and_what_to_do(boards):
    board = replace(boards.incident(), at=boards.NOW - 60_000)
    said = headline(boards.view(board, 80)).text
    assert said.startswith(" ? WATCH SILENT 1:00 · if it hangs: kill -9 4711, then twinwatch watch")


@pytest.mark.parametrize(
    "screen", ["home", "hosts", "host", "problems", "events", "help", "settings"]
)
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_records_that_are_not_kept_are_said_on_every_screen(boards, screen, width, height):
    board = boards.calm()
    board = replace(board, watch=replace(board.watch, records="disk full", estate_problem="line 3"))
    page = paint(boards.view(board, width, height, screen=screen, subject="dir-c01"))
    assert page.lines[2].text.startswith(" ! records are not kept: disk full")


REFUSED = "/home/kfwong/estates/messaging/estate.yaml:214: no key 'hosst' — did you mean 'hosts'?"


def test_a_banner_says_what_is_wrong_before_where_and_hides_neither_of_two(boards):
    board = boards.calm()
    board = replace(board, watch=replace(board.watch, estate_problem=REFUSED))
    alone = frame.notice(boards.view(board, 80), standing(boards.view(board)))
    assert alone.text.startswith(" ! estate refused, the old one holds: estate.yaml:214: no key 'h")
    assert alone.text.endswith("…  :settings") and alone.width <= 79
    full = "not saved: no space left on the device of /var/lib/twinwatch/records.db since 02:58"
    board = replace(board, watch=replace(board.watch, records=full))
    both = frame.notice(boards.view(board, 80), standing(boards.view(board))).text
    assert "records are not kept: not" in both and "estate refused, the old one" in both


def test_a_board_out_of_the_records_says_until_when(boards):
    text = frame.notice(
        boards.view(boards.restored(), 200), standing(boards.view(boards.calm()))
    ).text
    assert "values up to 02:07:22 come from the records: 80 hosts not measured since" in text


def test_no_notice_once_every_host_was_measured_again(boards):
    board = boards.calm()
    board = replace(board, watch=replace(board.watch, restored_until=boards.NOW - 10_000_000))
    view = boards.view(board)
    assert frame.notice(view, standing(view)) is None


def test_the_filter_line(boards):
    def line(**parts):
        view = boards.view(boards.calm(), 80, attention=Attention(**parts))
        return frame.filter_line(view, 56, 80)

    assert line() is None
    typed = line(filter="group:mta", filter_open=True, marks=frozenset({"host:a", "host:b"}))
    assert typed.text.startswith(" / group:mta▏ ")
    assert typed.text.endswith("56 of 80 match · 2 marked")
    assert "no field" in line(filter="x:", filter_error="column 1: no field x").text
    assert line(marks=frozenset({"host:a"})).text.endswith("1 marked")
    assert "! faults only" in line(faults_only=True).text
    assert line(filter="x" * 300, filter_open=True).width <= 80


def test_the_footer_drops_the_least_urgent_keys(boards):
    wide, narrow = (frame.footer(boards.view(boards.calm(), width)) for width in (120, 40))
    assert wide.text.endswith("kfwong  read-only")
    assert ": command" in wide.text
    assert "enter open" in narrow.text
    assert "command" not in narrow.text
    assert ("key", "enter") in {span.action for span in wide.spans}


def test_a_message_takes_the_place_of_the_keys(boards):
    line = frame.footer(boards.view(boards.calm(), message="copied"))
    assert line.text.startswith("   copied")
    assert "open" not in line.text


def test_the_breadcrumb(boards):
    view = boards.view(boards.calm(), trail=("home", "hosts", "mta-c03"))
    assert frame.breadcrumb(view).text == "   home › hosts › mta-c03"


def test_pages_of_text_scroll_by_the_cursor(boards):
    assert frame.scroll_keys(10, 10) == ()
    assert frame.scroll_keys(12, 10) == ("line:0", "line:1", "line:2")
    at = [
        frame.scrolled(boards.view(boards.calm(), attention=Attention(cursor=cursor)), 12, 10)
        for cursor in ("", "line:1", "line:99", "line:x", "host:a")
    ]
    assert at == [0, 1, 2, 0, 0]


def test_a_site_whose_hosts_are_all_up_is_not_counted_in_colour(boards):
    site = replace(boards.calm().sites[0], severity=Severity.WARNING, up=42)
    line = frame.band(boards.view(replace(boards.calm(), sites=(site,))))
    assert {span.text: span.role for span in line.spans}["42"] == "text"


def test_a_host_of_the_last_saved_moment_was_not_measured_since(boards):
    board = boards.calm()
    rows = {name: replace(row, at=boards.NOW) for name, row in board.hosts.items()}
    for name in ("mta-c01", "mta-c02"):
        rows[name] = replace(rows[name], at=boards.NOW - 60_000)
    watch = replace(board.watch, restored_until=boards.NOW - 60_000)
    view = boards.view(replace(board, hosts=rows, watch=watch))
    assert frame.notice(view, standing(view)).text.endswith("2 hosts not measured since")


def test_a_cursor_below_the_page_is_none(boards):
    lines = [line("a"), line("b"), line("c")]
    assert frame.page(boards.view(boards.calm(), 80, 4), lines, 2).cursor == 2
    assert frame.page(boards.view(boards.calm(), 80, 3), lines, 2).cursor is None
