"""What is said to whoever can't sign yet."""

from __future__ import annotations

import shlex

from estate.handover import Answer, Answered, Handover, Item, Offered
from watch.handover.taking import not_signed, nothing_meant

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
