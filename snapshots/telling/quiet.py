"""Section 9: what is kept quiet, by whom and until when; and what speaks too often."""

from __future__ import annotations

from collections import Counter

from estate.document import Severity
from snapshots.page import Block, Heading, Phrase, table
from snapshots.telling import figures
from snapshots.telling.teller import Teller

#: Something that spoke so often in a period is noisy.
_NOISY = 10
_MOST_NOISY = 8


def tell_quiet(t: Teller) -> tuple[Block, ...]:
    """Acknowledgements, silences, what is noisy, and probes that can't measure."""
    return (
        *_under(t, t.words.say("Acknowledged"), _acknowledged(t)),
        *_under(t, t.words.say("Silenced"), _silenced(t)),
        *_under(t, t.words.say("Noisy"), _noisy(t)),
        *_under(t, t.words.say("Probes that can't measure"), _mute(t)),
    )


def _under(t: Teller, title: str, block: Block | None) -> tuple[Block, ...]:
    return Heading(Phrase(title)), block or t.none()


def _acknowledged(t: Teller) -> Block | None:
    owned = [each for each in t.snapshot.problems if each.owner]
    if not owned:
        return None
    say = t.words.say
    titles = (
        say("problem"),
        say("what"),
        say("owner"),
        say("why"),
        say("age"),
        say("until"),
    )
    rows = [
        (
            Phrase(each.where, "strong"),
            Phrase(each.what),
            Phrase(each.owner),
            Phrase(each.reason, "dim"),
            Phrase(t.age(each.since)),
            Phrase("" if each.until is None else t.time(each.until)),
        )
        for each in owned
    ]
    return table(titles, rows, right="    > ")


def _silenced(t: Teller) -> Block | None:
    silences = t.snapshot.silences
    if not silences:
        return None
    say = t.words.say
    quiet = Counter(each.silence for each in t.snapshot.problems if each.silence)
    titles = (say("silence"), say("selects"), say("owner"), say("why"), say("age"), say("until"),
              say("problems"))  # fmt: skip
    rows = [
        (
            Phrase(each.id, "strong"),
            Phrase(each.where),
            Phrase(each.owner),
            Phrase(each.reason, "dim"),
            Phrase(t.age(each.at)),
            Phrase(t.time(each.until)),
            Phrase(figures.count(quiet[each.id])),
        )
        for each in silences
    ]
    return table(titles, rows, right="    > >")


def _noisy(t: Teller) -> Block | None:
    spoke = Counter(each.where for each in t.snapshot.events if each.severity is not Severity.OK)
    loud = sorted(spoke.items(), key=lambda pair: (-pair[1], pair[0]))
    loud = [pair for pair in loud if pair[1] >= _NOISY][:_MOST_NOISY]
    if not loud:
        return None
    titles = (t.words.say("where"), t.words.say("events"))
    rows = [(Phrase(where, "strong"), Phrase(figures.count(many))) for where, many in loud]
    return table(titles, rows, right=" >")


def _mute(t: Teller) -> Block | None:
    gaps = [each for each in t.snapshot.unseen if each.kind == "probe"]
    if not gaps:
        return None
    counted = Counter(each.why for each in gaps)
    titles = (t.words.say("why"), t.words.say("probes"))
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_NOISY]
    rows = [(Phrase(why), Phrase(figures.count(many))) for why, many in ranked]
    return table(titles, rows, right=" >")
