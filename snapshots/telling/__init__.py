"""What a snapshot says, in a language: one file a section, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from estate.language import Words, later
from snapshots.page import Block, Page, Phrase, Section
from snapshots.reading import sha256
from snapshots.snapshot import Kind, Snapshot
from snapshots.telling.availability import tell_budgets, tell_services
from snapshots.telling.changes import tell_changes
from snapshots.telling.chronicle import tell_chronicle
from snapshots.telling.effects import tell_effects
from snapshots.telling.header import colophon, tell_header
from snapshots.telling.incidents import tell_incidents
from snapshots.telling.queues import tell_queues
from snapshots.telling.quiet import tell_quiet
from snapshots.telling.recovery import tell_recovery
from snapshots.telling.retelling import retold
from snapshots.telling.runs import tell_runs
from snapshots.telling.schedule import tell_schedule
from snapshots.telling.security import tell_security
from snapshots.telling.story import tell_story
from snapshots.telling.summary import tell_end, tell_summary, worry
from snapshots.telling.teller import Teller
from snapshots.telling.watchlist import tell_watchlist

#: The sections of every report, by their anchors. One that has nothing to say says so.
SECTIONS: Mapping[str, tuple[str, Callable[[Teller], tuple[Block, ...]]]] = {
    "header": (later("This handover"), tell_header),
    "summary": (later("On one screen"), tell_summary),
    "incidents": (later("Open incidents and notes"), tell_incidents),
    "services": (later("Services that are not up, and what could not be seen"), tell_services),
    "budgets": (later("Budgets"), tell_budgets),
    "queues": (later("Queues"), tell_queues),
    "runs": (later("Runs"), tell_runs),
    "changes": (later("Changes"), tell_changes),
    "silences": (later("Silences and acknowledgements"), tell_quiet),
    "recovery": (later("Recovery site"), tell_recovery),
    "security": (later("Security"), tell_security),
    "watch-list": (later("Watch list"), tell_watchlist),
}


#: The sections of a report of a time that is over: what happened comes before how it stood.
REPORT: Mapping[str, tuple[str, Callable[[Teller], tuple[Block, ...]]]] = {
    "header": (later("This report"), tell_header),
    "summary": (later("At its end, on one screen"), tell_end),
    "events": (later("What happened"), tell_chronicle),
    "runs": SECTIONS["runs"],
    "effects": (later("What users felt, and how hosts were before and after"), tell_effects),
    "services": SECTIONS["services"],
    "queues": SECTIONS["queues"],
    "incidents": (later("Incidents and notes"), tell_incidents),
    "silences": SECTIONS["silences"],
    "schedule": (later("Shifts and planned work"), tell_schedule),
}


#: Sections of a handover that are looked up rather than read on the way to work.
FOLDED = frozenset({"budgets", "changes", "events"})


def tell(snapshot: Snapshot, words: Words) -> Page:
    """The whole document in the language of `words`."""
    teller = Teller(retold(snapshot, words), words, sha256(snapshot))
    report = snapshot.kind is Kind.REPORT
    told = REPORT if report else SECTIONS
    sections = [
        Section(
            number,
            key,
            Phrase(words.say(title)),
            section(teller) or (teller.none(),),
            folded=not report and key in FOLDED,
        )
        for number, (key, (title, section)) in enumerate(told.items(), 1)
    ]
    if not report and (story := tell_story(teller)):
        title = Phrase(words.say("What happened"))
        sections.append(Section(len(sections) + 1, "events", title, story, folded=True))
    handover, incident = later("{estate}: handover"), later("{estate}: report of an incident")
    named = incident if report else handover
    return Page(
        language=words.language,
        title=Phrase(words.say(named, estate=snapshot.estate)),
        subtitle=Phrase(
            words.say(
                "{start} to {end}", start=teller.time(snapshot.starts),
                end=teller.time(snapshot.made_at),
            )
        ),
        worry=worry(teller),
        sections=tuple(sections),
        colophon=tuple(colophon(teller)),
        unfold=Phrase(words.say("Show this section")),
    )  # fmt: skip
