from dataclasses import replace

import pytest

from estate.document import Severity
from estate.samples import Reach
from tui.paint import keys, paint
from tui.paint.view import Attention


def page(boards, board="incident", width=120, height=40, **attention):
    document = board if not isinstance(board, str) else getattr(boards, board)()
    return paint(
        boards.view(document, width, height, screen="hosts", attention=Attention(**attention))
    )


def line_of(page, key):
    return next(line for line in page.lines if line.key == key)


def role_of(line, text):
    return next(span.role for span in line.spans if span.text == text)


def shown(page):
    return [line.key.partition(":")[2] for line in page.lines if line.key]


def test_both_sites_always_stand_on_the_screen(boards):
    for height in (24, 40, 50):
        text = [line.text for line in page(boards, height=height).lines]
        assert any(
            each.startswith("   central primary   42 hosts: 1 lost, 9 behind") for each in text
        )
        assert any(each.startswith("   recovery   38 hosts: 1 untrusted") for each in text)


def test_hosts_behind_a_cause_stand_folded_under_it(boards):
    keys_shown = [line.key for line in page(boards).lines if line.key]
    assert keys_shown[:2] == ["host:gw-c02", "fold:host:gw-c02"]
    assert "host:mdb-c01" not in keys(boards.view(boards.incident(), screen="hosts"))
    assert "└ 9 behind" in line_of(page(boards), "fold:host:gw-c02").text


@pytest.mark.parametrize("key", ["host:gw-c02", "fold:host:gw-c02"])
def test_unfolded_they_follow_their_cause(boards, key):
    names = shown(page(boards, height=60, unfolded=frozenset({key})))
    assert names[:3] == ["gw-c02", "mbx-c05", "mbx-c06"]


def test_the_cursor_of_a_row_just_unfolded_is_on_the_cause(boards):
    drawn = page(boards, cursor="fold:host:gw-c02", unfolded=frozenset({"host:gw-c02"}))
    assert drawn.lines[drawn.cursor].key == "host:gw-c02"


def test_a_site_that_is_lost_folds_without_a_cause_on_the_list(boards):
    board = boards.calm()
    rows = {
        name: replace(row, reach=Reach.UNREACHABLE, behind="central", severity=Severity.CRITICAL)
        if row.site == "central"
        else row
        for name, row in board.hosts.items()
    }
    drawn = page(boards, replace(board, hosts=rows))
    assert "└ 42 behind" in line_of(drawn, "fold:host:central@central").text


def behind(board, cause, *names):
    rows = {
        name: replace(board.hosts[name], reach=Reach.UNREACHABLE, behind=cause) for name in names
    }
    return replace(board, hosts={**board.hosts, **rows})


def test_a_jump_host_outside_the_estate_folds_in_each_site_by_itself(boards):
    board = behind(boards.calm(), "jump.example", "mta-c01", "mta-c02", "mta-r01", "mta-r02")
    view = boards.view(board, screen="hosts")
    folds = [key for key in keys(view) if key.startswith("fold:")]
    assert folds == ["fold:host:jump.example@central", "fold:host:jump.example@recovery"]
    unfolded = Attention(unfolded=frozenset({"host:jump.example@central"}))
    assert keys(replace(view, attention=unfolded))[:2] == ("host:mta-c01", "host:mta-c02")


def test_one_host_behind_a_cause_needs_no_folding(boards):
    view = boards.view(behind(boards.calm(), "jump.example", "mta-c01"), screen="hosts")
    assert keys(view)[0] == "host:mta-c01"


def test_values_of_a_silent_host_are_never_shown(boards):
    line = line_of(page(boards), "host:gw-c02")
    assert "%" not in line.text
    assert "─" * 12 in line.text
    assert line.text.count("–") == 4


def test_values_of_a_stale_host_are_unknowns(boards):
    line = line_of(page(boards), "host:mbx-r03")
    assert role_of(line, "48 s") == "unk"
    assert role_of(line, "54") == "unk"


def test_a_figure_over_its_threshold_is_coloured_and_its_row_is_not(boards):
    line = line_of(page(boards), "host:mta-c03")
    assert role_of(line, "91") == "crit"
    assert role_of(line, "94") == "warn"
    assert role_of(line, "74") == "text"
    assert role_of(line, "live") == "dim"


def test_the_reason_does_not_repeat_the_state(boards):
    board = boards.incident()
    lost = replace(board.hosts["gw-c02"], why="lost: no answer from 127.0.0.1:22 in 2 s")
    drawn = page(boards, replace(board, hosts={**board.hosts, "gw-c02": lost}))
    text = line_of(drawn, "host:gw-c02").text
    assert text.count("lost") == 1
    assert "no answer from" in text


def test_what_a_live_host_does_not_say_is_not_zero(boards):
    board = boards.calm()
    rows = {**board.hosts, "dir-c01": replace(board.hosts["dir-c01"], values={"cpu": 0.0})}
    text = line_of(page(boards, replace(board, hosts=rows)), "host:dir-c01").text
    assert " 0%" in text
    assert text.count("?") == 3


def test_marks_stand_in_column_two(boards):
    drawn = page(boards, marks=frozenset({"host:mta-c03"}))
    line = line_of(drawn, "host:mta-c03")
    assert line.text[:10] == " ✘*mta-c03"
    assert role_of(line, "mta-c03") == "info b"


def test_the_filter_counts_and_speaks_the_grammar(boards):
    drawn = page(boards, filter="group:mta,gw cpu>80")
    assert shown(drawn) == ["mta-c03", "mta-c04"]
    assert drawn.lines[4].text.endswith("2 of 80 match")


def test_a_filter_half_typed_does_not_empty_the_board(boards):
    drawn = page(boards, filter="cpu>", filter_open=True)
    assert len(shown(drawn)) > 20


def test_faults_only(boards):
    names = shown(page(boards, faults_only=True))
    assert set(names) == {
        "gw-c02",
        "host:gw-c02",
        "mta-c03",
        "mta-c04",
        "mta-r11",
        "mbx-r03",
        "lb-r02",
    }


def test_nothing_found_is_a_sentence(boards):
    text = [line.text for line in page(boards, filter="nobody").lines]
    assert "   No host matches. esc clears the filter" in text
    text = [line.text for line in page(boards, replace(boards.big(5)), faults_only=True).lines]
    assert "   No host is in trouble. ! shows all" in text
    text = [line.text for line in page(boards, "empty").lines]
    assert "   No hosts in this estate yet." in text


@pytest.mark.parametrize("sort", ["cpu", "mem", "disk", "net", "age", "name"])
@pytest.mark.parametrize("descending", [True, False])
def test_sorted_by_a_column_within_each_site(boards, sort, descending):
    drawn = page(boards, height=110, sort=sort, descending=descending)
    board = boards.incident()
    rows = [board.hosts[name] for name in shown(drawn)]
    assert len(rows) == 80
    for site in ("central", "recovery"):
        mine = [row for row in rows if row.site == site]
        if sort in ("cpu", "mem", "disk"):
            silent = (Reach.UNREACHABLE, Reach.UNTRUSTED, Reach.REFUSED)
            known = [row.values[sort] for row in mine if row.reach not in silent]
            assert known == sorted(known, reverse=descending)
            assert all(row.reach in silent for row in mine[len(known) :])
        if sort == "name":
            names = [row.name for row in mine]
            assert names == sorted(names, reverse=not descending)
    assert f"sorted by {sort}," in drawn.lines[3].text


def test_a_long_list_says_what_it_hides(boards):
    text = "\n".join(line.text for line in page(boards, "calm").lines)
    assert "more live ↓" in text
    drawn = page(boards, height=24, cursor="host:mta-c12")
    text = "\n".join(line.text for line in drawn.lines)
    assert "above ↑" in text
    assert "of them in trouble" in text


def test_zoomed_the_list_scrolls_as_one(boards):
    drawn = page(boards, "calm", zoom="list")
    assert drawn.lines[2].text.startswith("   home")
    assert not [name for name in shown(drawn) if "-r" in name]


def test_many_sites_scroll_as_one_list(boards):
    board = boards.big(60, sites=9)
    view = boards.view(board, 80, 24, screen="hosts")
    last = keys(view)[-1]
    drawn = paint(replace(view, attention=Attention(cursor=last)))
    assert drawn.lines[drawn.cursor].key == last
    assert "above ↑" in "\n".join(line.text for line in drawn.lines)


def test_columns_follow_from_the_width_alone(boards):
    def heading(board, width):
        return next(line.text for line in page(boards, board, width).lines if "HOST" in line.text)

    for width in (60, 80, 100, 120, 160, 200):
        calm = boards.calm()
        assert heading(calm, width) == heading("incident", width)
    for word in ("state", "age", "cpu", "mem", "disk", "kB/s", "why"):
        assert word in heading("calm", 120)
    for word in ("load", "swap", "group", "wait"):
        assert word in heading("calm", 200)


def test_what_stands_behind_a_cause_of_another_site_stands_with_it(boards):
    board = boards.incident()
    away = replace(board.hosts["mta-r01"], reach=Reach.UNREACHABLE, behind="gw-c02")
    board = replace(board, hosts={**board.hosts, "mta-r01": away})
    text = [line.text for line in page(boards, board).lines]
    assert any(each.startswith("   central primary   43 hosts: 1 lost, 10 behind") for each in text)


def test_a_host_without_swap_has_none_and_not_an_unknown(boards):
    board = boards.calm()
    row = board.hosts["mta-c01"]
    values = {**row.values, "swap_used": 0.0}
    del values["swap"]
    without = replace(board, hosts={"mta-c01": replace(row, values=values)})
    line = next(each.text for each in page(boards, without, 200).lines if "mta-c01" in each.text)
    assert "none" in line and "?" not in line
    del values["swap_used"]
    unknown = replace(board, hosts={"mta-c01": replace(row, values=values)})
    line = next(each.text for each in page(boards, unknown, 200).lines if "mta-c01" in each.text)
    assert "none" not in line and "?" in line
