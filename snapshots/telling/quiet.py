"""Section 9: what is kept quiet, by whom and until when; and what speaks too often."""

from __future__ import annotations

from collections import Counter

from estate.document import Severity
from snapshots.page import Block, Heading, Paragraph, Phrase, table
from snapshots.snapshot import PROBES
from snapshots.telling import figures
from snapshots.telling.teller import Teller

#: Something that spoke so often in a period is noisy.
_NOISY = 10
_MOST_NOISY = 8
_MOST_QUIET = 40


def tell_quiet(t: Teller) -> tuple[Block, ...]:
    """Acknowledgements, silences, what is noisy, and probes that can't measure."""
    return (
        *_under(t, t.words.say("Acknowledged"), _acknowledged(t)),
        *_under(t, t.words.say("Silenced"), _silenced(t)),
        *_kept_quiet(t),
        *_under(t, t.words.say("Noisy"), _noisy(t)),
        *_under(t, t.words.say("Probes that can't measure"), _mute(t)),
    )


def _under(t: Teller, title: str, block: Block | None) -> tuple[Block, ...]:
    return Heading(Phrase(title)), block or t.none()


def _acknowledged(t: Teller) -> Block | None:
    # What is silenced stands with the silences. An owner by a handover alone acknowledged nothing.
    owned = [
        each
        for each in t.snapshot.problems
        if each.owner and each.until is not None and not each.silence
    ]
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
            Phrase(each.whose_word),
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


def _kept_quiet(t: Teller) -> tuple[Block, ...]:
    """What is wrong under the silences: it stands in no other section."""
    if not t.silenced:
        return ()
    say = t.words.say
    more = len(t.silenced) - _MOST_QUIET
    titles = (say("severity"), say("where"), say("what"), say("age"), say("silence"))
    rows = [
        (
            t.severity(each.severity),
            Phrase(each.where, "strong"),
            Phrase(each.what),
            Phrase(t.age(each.since)),
            Phrase(each.silence, "dim"),
        )
        for each in t.silenced[:_MOST_QUIET]
    ]
    said = say("and {count:,} more", count=more) if more > 0 else ""
    return (table(titles, rows, right="   > ", more=said),)


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
    if any((each.kind, each.where) == ("records", PROBES) for each in t.snapshot.unseen):
        return Paragraph(Phrase(t.words.say("Not known: it is not on record of then."), "unk"))
    gaps = [each for each in t.snapshot.unseen if each.kind == "probe"]
    if not gaps:
        return None
    counted = Counter(each.why for each in gaps)
    titles = (t.words.say("why"), t.words.say("probes"))
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_NOISY]
    rows = [(Phrase(why), Phrase(figures.count(many))) for why, many in ranked]
    return table(titles, rows, right=" >")
