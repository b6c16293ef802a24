"""A walk through the screens, and the ways back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.console.journey.places import KEPT, Journey, Place
from tui.paint.view import Attention


def test_a_screen_is_found_as_it_was_left() -> None:
    journey = Journey().go("hosts").looking(Attention(filter="cpu>80")).go("host", "mta-c03")
    assert journey.here.trail == ("home", "hosts", "mta-c03")
    assert journey.here.attention == Attention()
    assert journey.up().here.attention.filter == "cpu>80"


def test_back_and_forward() -> None:
    journey = Journey().go("hosts").go("events")
    assert journey.back().here.screen == "hosts"
    assert journey.back().forward().here.screen == "events"
    assert journey.back().back().back().here.screen == "home"
    assert journey.forward() == journey


def test_going_on_from_the_past_forgets_the_future() -> None:
    journey = Journey().go("hosts").go("events").back().go("problems")
    assert [place.screen for place in journey.visited] == ["home", "hosts", "problems"]


def test_the_last_view_goes_to_and_fro() -> None:
    journey = Journey().go("hosts").go("problems")
    assert journey.last().here.screen == "hosts"
    assert journey.last().last().here.screen == "problems"
    assert Journey().last() == Journey()


def test_the_last_view_is_another_than_this() -> None:
    """Stepping from host to host can bring one back to the host that was opened before."""
    journey = Journey((Place("events"), Place("host", "mta-c03"), Place("host", "mta-c03")), 2)
    assert journey.last().here.screen == "events"


def test_the_oldest_visits_are_forgotten() -> None:
    journey = Journey()
    for number in range(KEPT + 5):
        journey = journey.go("host", f"mta-c{number}")
    assert len(journey.visited) == KEPT
    assert journey.here.subject == f"mta-c{KEPT + 4}" and journey.visited[0].subject == "mta-c5"


def test_going_where_one_is_changes_nothing() -> None:
    journey = Journey().go("hosts").looking(Attention(sort="cpu"))
    assert journey.go("hosts") is journey


def test_up_ends_at_home() -> None:
    assert Journey().go("events").up().here.screen == "home"
    assert Journey().up().here.screen == "home"


@given(st.lists(st.sampled_from(["hosts", "events", "back", "forward", "up", "last", "home"])))
def test_there_is_always_a_place_and_history_is_bounded(steps: list[str]) -> None:
    journey = Journey()
    for step in steps * 5:
        moves = {"back": Journey.back, "forward": Journey.forward, "up": Journey.up}
        moves["last"] = Journey.last
        journey = moves[step](journey) if step in moves else journey.go(step)
        assert 0 <= journey.at < len(journey.visited) <= KEPT


def test_what_stands_in_a_list_goes_up_to_it() -> None:
    for screen, above in (("host", "hosts"), ("plan", "runbooks"), ("run", "runs")):
        journey = Journey().go(screen, "x")
        assert journey.here.trail == ("home", above, "x")
        assert journey.up().here.screen == above
