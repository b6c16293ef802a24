"""What is said to whoever can't sign yet, and what stands while nobody has replied."""

from __future__ import annotations

import shlex

from estate.handover import Answer, Answered, Handover, Item, Offered
from watch.handover.taking import not_signed, nothing_meant, questions_of

STRANGE = "problem:db/replication/slot $(reboot); x"
ITEM = Item(STRANGE, "problem", "db", "nobody uses it")
KNOWN = Handover(
    Offered("h-1", "day", 5, "0", (ITEM,)),
    (Answered("h-1", STRANGE, Answer.REFUSED, "chan", 6, "not ours"),),
)


def test_what_a_host_named_is_no_command_of_the_line_that_is_copied() -> None:
    for why, do in (not_signed(KNOWN, (ITEM,)), nothing_meant(KNOWN, "wong", Answer.ACCEPTED)):
        command, _, rest = do.rpartition(", ")
        words = ["twinwatch", "handover", "accept", "h-1", "--item", STRANGE]
        assert (shlex.split(command), rest) == (words, "or question it too")
        assert "chan refused" in why


def test_a_question_of_a_clock_that_was_ahead_waits_since_the_offer() -> None:
    asked = Answered("h-1", "note:n-1", Answer.QUESTIONED, "chan", 9_000, "why?")
    known = Handover(Offered("h-1", "op", 1_000, "0" * 64), (asked,))
    (problem,) = questions_of(known, lambda item: "op", 2_000)
    assert problem.since == 1_000
    (problem,) = questions_of(known, lambda item: "op", 9_500)
    assert problem.since == 9_000
    (problem,) = questions_of(known, lambda item: "op", 500)
    assert problem.since == 500, "of both nobody knows: it is not to come"
