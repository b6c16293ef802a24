"""What is different from the handover before, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from estate.language import later
from snapshots.page import Block, Paragraph, Phrase, table
from snapshots.snapshot import Difference
from snapshots.telling.teller import Teller

#: What each difference is called, and its role, in the order of a report.
KINDS: Mapping[str, tuple[str, str]] = {
    "new": (later("new"), "crit"),
    "worse": (later("worse"), "crit"),
    "vanished": (later("vanished"), "unk"),
    "not-known": (later("not known"), "unk"),
    "better": (later("better"), "good"),
    "closed": (later("closed"), "good"),
    "changed": (later("changed"), "warn"),
    "unchanged": (later("unchanged"), "dim"),
}
#: What moved is told first; what stands unchanged is in the other sections, the oldest here.
_MOST_MOVED, _MOST_STOOD = 20, 4


def tell_differences(t: Teller) -> tuple[Block, ...]:
    """How many of each kind, and which; unchanged ones with their age."""
    before = t.snapshot.before
    found = before.differences if before is not None else ()
    if not found:
        return (t.none(),)
    say, counts = t.words.say, Counter(each.how for each in found)
    said = [f"{say(word)} {counts[how]:,}" for how, (word, _) in KINDS.items() if counts[how]]
    order = list(KINDS)
    moved = [each for each in found if each.how != "unchanged"]
    moved.sort(key=lambda each: order.index(each.how) if each.how in order else len(order))
    stood = [each for each in found if each.how == "unchanged"]
    stood.sort(key=lambda each: each.since if each.since is not None else 0)
    shown = [*moved[:_MOST_MOVED], *stood[:_MOST_STOOD]]
    more = len(found) - len(shown)
    return (
        Paragraph(Phrase(" · ".join(said))),
        table(
            (say("difference"), say("where"), say("what"), say("age")),
            [_row(t, each) for each in shown],
            right="   >",
            more=say("and {count:,} more", count=more) if more > 0 else "",
        ),
    )


def _row(t: Teller, item: Difference) -> tuple[Phrase, ...]:
    word, role = KINDS.get(item.how, (item.how, "unk"))
    return (
        Phrase(t.words.say(word), role),
        Phrase(t.service(item.where) if item.kind == "service" else item.where, "strong"),
        Phrase(item.what),
        Phrase("" if item.how in ("closed", "vanished", "not-known") else t.age(item.since), "dim"),
    )
