from dataclasses import replace

import pytest

from tui.paint.matching import event_test, host_test, problem_test
from tui.paint.view import Attention


def view(boards, text):
    return boards.view(boards.incident(), attention=Attention(filter=text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mta-c03", {"mta-c03"}),
        ("group:gw state!=ok", {"gw-c02"}),
        ("cpu>90", {"mta-c03"}),
        ("age>30s reach:late", {"mbx-r03"}),
    ],
)
def test_hosts(boards, text, found):
    matches = host_test(view(boards, text))
    assert {name for name, row in boards.incident().hosts.items() if matches(row)} == found


def test_problems_and_events_have_their_own_fields(boards):
    board = boards.incident()
    owned = problem_test(view(boards, "owner:vlam"))
    assert {each.where for each in board.problems if owned(each)} == {"mta-r11", "im-c04"}
    bad = event_test(view(boards, "severity:critical"))
    assert {each.id for each in board.events if bad(each)} == {909, 907}


@pytest.mark.parametrize("text", ["", "   ", "cpu>", "nofield:x", "/(", '"'])
def test_what_cannot_be_read_yet_hides_nothing(boards, text):
    board = boards.incident()
    assert all(map(host_test(view(boards, text)), board.hosts.values()))
    assert all(map(problem_test(view(boards, text)), board.problems))
    assert all(map(event_test(view(boards, text)), board.events))


def test_a_list_that_is_held_still_keeps_its_rows(boards):
    board = boards.incident()
    for text in ("age>1h", "state:stale"):
        held = view(boards, text)
        later = replace(held, now=boards.NOW + 7_200_000)
        paused = replace(later, held_at=boards.NOW)
        found, after, kept = (
            {name for name, row in board.hosts.items() if test(row)}
            for test in map(host_test, (held, later, paused))
        )
        assert kept == found != after
