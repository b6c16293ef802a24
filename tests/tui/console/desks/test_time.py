"""Time travel at the console: what is shown is of then, and nothing is done from there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Change, Document, HostRow, WatchRow
from estate.past import Moment
from estate.runs import RunRow, RunView
from tui.console.desks.time import SCREENS_OF_NOW
from tui.console.journey.places import SCREENS
from tui.console.keys.keymap import Keymap
from tui.console.preferences.settings import Settings
from tui.console.requests.board import AskBoard, AskMoments, AskRunThen, Refresh
from tui.console.requests.facts import Advanced
from tui.console.requests.runs import AskRuns, RunsTold
from tui.console.session.session import Session, Terminal
from watch.error import WatchError

NOW = 1_795_000_000_000
MINUTE = 60_000
BOARD = Document(
    5, NOW, "Test", "UTC", "en", 2_000, WatchRow(),
    hosts={"now-c01": HostRow("now-c01", "central", at=NOW)},
)  # fmt: skip
THEN = replace(
    BOARD, at=NOW - 10 * MINUTE, hosts={"old-c01": HostRow("old-c01", "central", at=NOW)}
)


@pytest.fixture
def session() -> Session:
    made = Session(
        Settings(), Keymap(), Terminal({"TERM": "xterm", "LANG": "C.UTF-8"}, width=100, height=30)
    )
    made.learn(Advanced(BOARD, None), 0)
    return made


def text(session: Session) -> str:
    return "\n".join(line.text for line in session.lines())


def test_the_timeline_asks_which_moments_there_are_and_shows_them(session: Session) -> None:
    assert AskMoments(NOW + 1) in session.press("t", 0)
    assert "Asking the watch which moments" in text(session)
    session.answered(AskMoments(NOW + 1), (Moment(NOW - MINUTE), Moment(THEN.at, 2, 1)), 0)
    shown = text(session)
    assert "2 critical · 1 warning" in shown
    assert "nothing wrong" in shown
    assert not [each for each in session.tick(5_000) if isinstance(each, AskMoments)]
    assert AskMoments(NOW + 10_001) in session.tick(10_000)


def test_a_time_in_which_no_board_was_kept_is_shown(session: Session) -> None:
    session.press("t", 0)
    hour = 60 * MINUTE
    moments = tuple(
        Moment(NOW - ago)
        for ago in (MINUTE, 2 * MINUTE, 5 * MINUTE, 25 * hour, 25 * hour + 12 * MINUTE, 30 * hour)
    )
    session.answered(AskMoments(NOW + 1), moments, 0)
    rows = [line.text for line in session.lines() if line.key.startswith("moment:")]
    assert "no board" not in rows[0] and "no board" not in rows[3] and "no board" not in rows[5]
    assert "no board for 3:00 until then" in rows[1]
    assert "no board for 1 d until then" in rows[2]
    assert "no board for 4 h 48 until then" in rows[4]


def test_a_moment_is_opened_and_shown_as_it_was(session: Session) -> None:
    session.press("t", 0)
    session.answered(AskMoments(NOW + 1), (Moment(NOW - MINUTE), Moment(THEN.at, 2, 1)), 0)
    session.press("j", 0)
    (asked,) = [each for each in session.press("enter", 0) if isinstance(each, AskBoard)]
    assert asked == AskBoard(THEN.at)
    session.answered(asked, THEN, 0)
    assert session.journey.here.screen == "home"
    shown = text(session)
    assert "old-c01" in shown
    assert "now-c01" not in shown
    assert "PAST 10:00 ago" in shown
    assert "the past" in shown.splitlines()[-1]
    # A newer board comes meanwhile: it is not shown.
    session.learn(Advanced(replace(BOARD, seq=6, at=NOW + MINUTE), None), MINUTE)
    assert "old-c01" in text(session)
    assert "PAST 11:00 ago" in text(session)


@pytest.mark.parametrize("key", ["R", "a", "s", "H", "p", "r"])
def test_nothing_is_asked_or_changed_from_the_past(session: Session, key: str) -> None:
    session.answered(AskBoard(THEN.at), THEN, 0)
    assert not [each for each in session.press(key, 0) if not isinstance(each, AskMoments)]
    assert session.message == "this is the past: L goes back to now"


def commanded(session: Session, command: str) -> tuple[object, ...]:
    session.press(":", 0)
    session.paste(command, 0)
    return session.press("enter", 0)


@pytest.mark.parametrize("command", ["runbooks", "runbook demo", "handover"])
def test_no_way_leads_from_the_past_to_what_is_of_now(session: Session, command: str) -> None:
    session.answered(AskBoard(THEN.at), THEN, 0)
    assert commanded(session, command) == ()
    assert session.message == "this is the past: L goes back to now"
    assert session.journey.here.screen == "home"
    session.press("L", 0)
    commanded(session, command)
    assert session.journey.here.screen == {"runbook demo": "plan"}.get(command, command)


RUNNING = RunRow("r-1", "failover", "", "running", 1, THEN.at - MINUTE, THEN.at, "op")


def test_a_run_of_then_is_opened_as_it_was_and_again_as_one_steps_through_time(
    session: Session,
) -> None:
    became = replace(RUNNING, state="succeeded", ended_at=NOW - MINUTE)
    session.answered(AskRuns(), RunsTold((became,)), 0)
    session.answered(AskBoard(THEN.at), replace(THEN, runs=(RUNNING,)), 0)
    commanded(session, "runs")
    assert "running" in text(session) and "succeeded" not in text(session)
    asked = session.click("run:r-1", ("open", "run", "r-1"), False, 0)
    assert asked == (AskRunThen("r-1", THEN.at),)
    session.answered(asked[0], RunView(RUNNING), 0)
    assert "STEPS  0 of 0 done" in text(session) and "PAST" in text(session)
    assert session.tick(0) == (), "what is past is asked once"
    earlier = replace(THEN, at=THEN.at - MINUTE)
    again = session.answered(AskBoard(THEN.at, -1), earlier, 0)
    assert AskRunThen("r-1", earlier.at) in (*again, *session.tick(0))
    assert session.journey.here.screen == "run"
    refused = WatchError("no such run then", "r-1", "it had not begun")
    session.answered(AskRunThen("r-1", earlier.at), refused, 0)
    assert "it had not begun" in text(session)
    session.answered(asked[0], RunView(replace(RUNNING, state="paused")), 0)  # of another moment
    assert "paused" not in text(session)


@pytest.mark.parametrize("key", ["1", "p", "A"])
def test_a_run_of_then_takes_no_word(session: Session, key: str) -> None:
    session.answered(AskBoard(THEN.at), replace(THEN, runs=(RUNNING,)), 0)
    session.click("run:r-1", ("open", "run", "r-1"), False, 0)
    session.answered(AskRunThen("r-1", THEN.at), RunView(RUNNING), 0)
    session.press(key, 0)
    assert session.desks.runs.form is None
    assert session.message == "this is the past: L goes back to now"


def test_what_is_of_now_is_left_for_the_past(session: Session) -> None:
    assert AskBoard(NOW, -1) in session.press(",", 0)
    commanded(session, "runbooks")
    session.answered(AskBoard(NOW, -1), THEN, 0)  # it comes late
    assert session.journey.here.screen == "home"
    session.press("[", 0)  # nor does history go there
    assert session.journey.here.screen == "home"


@pytest.mark.parametrize("screen", [each for each in SCREENS if each not in SCREENS_OF_NOW])
def test_now_is_a_key_away_wherever_the_past_is_shown(session: Session, screen: str) -> None:
    session.answered(AskBoard(THEN.at), THEN, 0)
    commanded(session, screen)
    assert session.journey.here.screen == screen
    view = session.view()
    assert view is not None and ("L", "now") in view.keys
    session.press("L", 0)
    assert "PAST" not in text(session)


def test_steps_through_time(session: Session) -> None:
    assert session.press(".", 0) == ()
    assert "this is now" in session.message
    assert AskBoard(NOW, -1) in session.press(",", 0)
    session.answered(AskBoard(NOW, -1), THEN, 0)
    assert AskBoard(THEN.at, 1) in session.press(".", 0)
    session.answered(AskBoard(THEN.at, -1), None, 0)
    assert session.message == "no board was kept before that"
    assert "old-c01" in text(session)
    session.answered(AskBoard(THEN.at, 1), None, 0)  # after the last one kept there is now
    assert "now-c01" in text(session)


def test_back_to_now(session: Session) -> None:
    session.answered(AskBoard(THEN.at), THEN, 0)
    session.press("L", 0)
    assert "now-c01" in text(session)
    assert "PAST" not in text(session)
    assert Refresh("now-c01") in session.press("R", 0)


def test_what_the_watch_refuses_is_said(session: Session) -> None:
    session.press("t", 0)
    session.answered(AskMoments(NOW), WatchError("no board of that moment", "at=1", "", ""), 0)
    assert "no board of that moment" in text(session)
    assert "no board of that moment" in session.message
    session.answered(AskMoments(NOW), (Moment(NOW - MINUTE),), 0)
    view = session.view()
    assert view is not None and view.unanswered == ""


def test_who_has_gone_on_is_not_taken_home_by_a_moment_that_comes_late(session: Session) -> None:
    session.press("S", 0)
    session.answered(AskBoard(THEN.at), THEN, 0)
    assert session.journey.here.screen == "services"


def test_the_timeline_stays_while_one_steps_through_time(session: Session) -> None:
    session.press("t", 0)
    session.answered(AskBoard(NOW, -1), THEN, 0)
    assert session.journey.here.screen == "timeline"
    assert AskBoard(THEN.at, -1) in session.press(",", 0)


def test_now_is_the_newest_board_on_a_spared_link_too(session: Session) -> None:
    session.settings = session.settings.choosing("low_bandwidth", "on")
    session.answered(AskBoard(THEN.at), THEN, 0)
    newest = replace(BOARD, seq=6, at=NOW + MINUTE)
    session.learn(Advanced(newest, Change(6, newest.at)), MINUTE)
    view = session.view()
    assert view is not None and view.document is THEN
    session.press("L", MINUTE)
    view = session.view()
    assert view is not None and view.document is newest
