from dataclasses import replace

import pytest

from estate.availability import VantageRow
from tests.tui.paint import test_budget
from tests.tui.paint.failover import ENDED, RUN, row
from tui.paint.plain import plain
from tui.paint.view import Attention, Link


@pytest.mark.parametrize("screen", ["home", "hosts", "problems", "services", "events"])
@pytest.mark.parametrize("board", ["calm", "incident", "empty", "connecting", "restored"])
def test_words_instead_of_pictures(boards, screen, board):
    said = plain(boards.view(getattr(boards, board)(), screen=screen))
    assert not set(said) & set("✘×≠·▌─━│├└▁▂▃▄▅▆▇█")
    assert all(line == line.rstrip() for line in said.splitlines())


def test_values_of_silent_hosts_are_not_said(boards):
    said = plain(boards.view(boards.incident(), screen="hosts")).splitlines()
    lost = next(line for line in said if line.startswith("gw-c02"))
    assert lost == "gw-c02: lost 8:32; central; no answer in 10 s"
    stale = next(line for line in said if line.startswith("mbx-r03"))
    assert "old values" in stale


def test_what_the_first_samples_do_not_say_is_not_said(boards):
    board = boards.big(2, 1)
    rows = {n: replace(r, values={"net_in": 1.0, "net_out": 2.0}) for n, r in board.hosts.items()}
    said = plain(boards.view(replace(board, hosts=rows))).splitlines()
    assert "2 hosts measured: network 2 B/s in, 4 B/s out." in said


def test_a_lost_watch_and_lost_records_come_first(boards):
    board = boards.calm()
    board = replace(board, watch=replace(board.watch, records="disk full"))
    said = plain(boards.view(board, link=Link(False, boards.NOW, "refused"))).splitlines()
    assert said[1] == (
        "The watch is unreachable: refused. Start it: twinwatch watch. What follows is old."
    )
    assert said[3] == "Records are not kept: disk full."


def test_a_remedy_that_is_a_sentence_has_one_full_stop(boards):
    board = boards.calm()
    stuck = "it was not read in 8 s. Keep the file on a local disk."
    watch = replace(board.watch, estate_problem=stuck, records=stuck)
    said = plain(boards.view(replace(board, watch=watch)))
    assert said.count("on a local disk.") == 2
    assert ".." not in said


def test_the_filter_holds(boards):
    view = boards.view(boards.incident(), screen="hosts", attention=Attention(filter="cpu>90"))
    assert plain(view).splitlines()[-1].startswith("mta-c03: critical, live 1 s; central; cpu 94%")


def test_an_open_run_is_said_with_its_question_and_its_clock(boards):
    board = replace(boards.calm(), runs=(row(), *ENDED))
    said = plain(boards.view(board)).splitlines()
    runs = [line for line in said if line.startswith("Run ")]
    assert runs == [
        f"Run {RUN} of mail-failover: needs a decision; Did the old primary stop? fenced on "
        "mdb-c01 is unknown; 5:20 of 10:00"
    ]


def test_services_and_their_budgets_are_said_a_line_each(boards):
    now = boards.NOW
    board = test_budget.board(boards.calm(), now)
    vantages = (
        VantageRow("central", "here", at=now),
        VantageRow("recovery", "silent", "bastion-r", now - 600_000, None, "connection refused"),
    )
    board = replace(board, vantages=vantages)
    for screen in ("services", "budget", "home"):
        said = plain(boards.view(board, screen=screen)).splitlines()
        assert "Services: 3" in said
        mail = next(line for line in said if line.startswith("E-mail: down"))
        assert "; since 02:58:40 (8:32); email mx.example:25: connection refused; " in mail
        assert "9:54 left of 21:36 in 2026-11" in mail and "; best 99.9" in mail
        assert mail.endswith(("not provable", "still open"))
        assert "Voice mail: unknown; the estate declares no probe for it" in said
        assert (
            said[-2:]
            == [
                "Asked from central, here.",
                "Vantage recovery is silent since 02:57:12: connection refused.",
            ]
            or screen == "home"
        )
    assert "Services" not in plain(boards.view(boards.calm()))
