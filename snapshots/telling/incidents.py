"""Section 3: everything that is wrong, whose it is, and until when."""

from __future__ import annotations

from estate.document import Problem
from snapshots.page import Block, Phrase, table
from snapshots.telling import figures
from snapshots.telling.teller import Teller

_MOST_ROWS = 60
#: Of a reason; `twinwatch problems` has it whole, with its remedy.
_LONGEST_WHY = 110


def tell_incidents(t: Teller) -> tuple[Block, ...]:
    """Problems by their roots, the worst first, with owner and consequence."""
    roots = t.roots
    if not roots:
        return ()
    say = t.words.say
    more = len(roots) - _MOST_ROWS
    titles = (say("severity"), say("where"), say("what"), say("why"), say("for how long"),
              say("behind it"), say("owner"), say("until"))  # fmt: skip
    return (
        table(
            titles,
            [_row(t, each) for each in roots[:_MOST_ROWS]],
            right="    >>  ",
            more=say("and {count:,} more", count=more) if more > 0 else "",
        ),
    )


def _row(t: Teller, root: Problem) -> tuple[Phrase, ...]:
    behind = t.follows(root)
    return (
        t.severity(root.severity),
        Phrase(root.where, "strong"),
        Phrase(root.what),
        Phrase(_begin(root.why), "dim"),
        Phrase(t.age(root.since)),
        Phrase(figures.count(behind) if behind else "", "dim"),
        Phrase(root.owner or t.words.say("nobody"), "" if root.owner else "warn"),
        Phrase(t.time(root.until) if root.until is not None else ""),
    )


def _begin(why: str) -> str:
    return why if len(why) <= _LONGEST_WHY else f"{why[: _LONGEST_WHY - 1]}…"
