"""Section 2: one screen. How worried to be, what is wrong, what changed, what is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from estate.document import SEVERITIES, Severity
from estate.handover import NoteKind
from estate.language import later
from snapshots.page import Block, Fleet, FleetCell, FleetGroup, Heading, Paragraph, Phrase, Points
from snapshots.snapshot import HostState, Kind
from snapshots.telling import figures
from snapshots.telling.asked import asked_of_the_next
from snapshots.telling.differences import tell_differences
from snapshots.telling.teller import SEVERITY_ROLES, Teller

#: What is wrong, as far as the one screen bears it: a section has it all. What is asked of a person
#: stands nowhere else.
MOST_WRONG, MOST_ASKED = 6, 24

#: States of hosts as a report says them, the worst first, and their roles.
STATES: dict[str, tuple[str, str]] = {
    "lost": (later("lost"), "crit"),
    "frozen": (later("frozen"), "crit"),
    "unreachable": (later("unreachable"), "crit"),
    "untrusted": (later("untrusted"), "unk"),
    "refused": (later("refused"), "unk"),
    "behind": (later("behind a lost one"), "unk"),
    "stale": (later("stale"), "unk"),
    "late": (later("late"), "unk"),
    "connecting": (later("connecting"), "unk"),
    "critical": (later("critical"), "crit"),
    "warning": (later("warning"), "warn"),
    "down": (later("down as planned"), "info"),
    "maintenance": (later("maintenance"), "info"),
    "live": (later("live"), "good"),
}


def worry(t: Teller) -> Phrase:
    """How worried to be, in one sentence."""
    say, say_many = t.words.say, t.words.say_many
    roots = [each for each in t.roots if each.severity is not Severity.MAINTENANCE]
    critical = sum(each.severity is Severity.CRITICAL for each in roots)
    down = sum(each.state == "down" for each in t.snapshot.services)
    breached = sum(
        each.budget is not None and each.budget.verdict == "breached"
        for each in t.snapshot.services
    )
    said = []
    incidents = [
        each for each in t.snapshot.notes if each.kind is NoteKind.INCIDENT and t.is_open(each)
    ]
    grave = any(each.severity == "critical" for each in incidents)
    if incidents:
        many = len(incidents)
        said.append(say_many("{count} incident open", "{count} incidents open", many))
    if down:
        said.append(say_many("{count} service down", "{count} services down", down))
    if critical:
        said.append(say_many("{count} critical problem", "{count} critical problems", critical))
    if breached:
        said.append(say_many("{count} budget breached", "{count} budgets breached", breached))
    if t.snapshot.kind is Kind.REPORT:
        return _worry_of_then(t, said, grave=bool(down or critical or grave))
    if down or critical or grave:
        return Phrase(say("Act now: {what}.", what=_joined(t, said)), "crit")
    if others := len(roots):
        said.append(say_many("{count} problem open", "{count} problems open", others))
    said += [*_silenced(t), *_not_seen(t)]
    if said:
        return Phrase(say("Keep an eye on it: {what}.", what=_joined(t, said)), "warn")
    return Phrase(say("Calm: nothing is wrong, and everything was seen."), "good")


def _worry_of_then(t: Teller, said: list[str], *, grave: bool) -> Phrase:
    """A report asks nobody to do anything: what it tells of is over."""
    lesser = sum(each.severity not in (Severity.CRITICAL, Severity.MAINTENANCE) for each in t.roots)
    if lesser:
        said.append(t.words.say_many("{count} lesser problem", "{count} lesser problems", lesser))
    said += [*_silenced(t), *_not_seen(t)]
    if not said:
        return Phrase(t.words.say("At its end nothing was wrong, and everything was seen."), "good")
    what = t.words.say("At its end: {what}.", what=_joined(t, said))
    return Phrase(what, "crit" if grave else "warn")


def _silenced(t: Teller) -> list[str]:
    """What is silenced is still wrong."""
    if not (many := len(t.silenced)):
        return []
    return [t.words.say_many("{count} problem silenced", "{count} problems silenced", many)]


def _not_seen(t: Teller) -> list[str]:
    if not (unseen := len(t.snapshot.unseen)):
        return []
    return [t.words.say_many("{count} thing not seen", "{count} things not seen", unseen)]


def tell_summary(t: Teller) -> tuple[Block, ...]:
    """What is wrong now, what changed, what the next shift is asked to do, and the fleet."""
    say = t.words.say
    return (
        Paragraph(_in_numbers(t)),
        Heading(Phrase(say("Wrong now"))),
        _points(t, [Phrase(each, role) for each, role in _wrong(t)], MOST_WRONG),
        Heading(Phrase(say("Changed"))),
        *_changed(t),
        Heading(Phrase(say("Asked of the next shift"))),
        _points(t, asked_of_the_next(t), MOST_ASKED),
        *_fleet(t),
    )


def tell_end(t: Teller) -> tuple[Block, ...]:
    """Of a report: what was wrong at its end, and the fleet."""
    return (
        Paragraph(_in_numbers(t)),
        Heading(Phrase(t.words.say("Wrong then"))),
        _points(t, [Phrase(each, role) for each, role in _wrong(t)], MOST_WRONG),
        *_fleet(t),
    )


def _in_numbers(t: Teller) -> Phrase:
    """The same worry as figures: how much of everything is well."""
    say_in, snapshot = t.words.say_in, t.snapshot
    live = sum(each.state == "live" for each in snapshot.hosts)
    up = sum(each.state == "up" for each in snapshot.services)
    said = [
        say_in("of a total", "hosts {live:,} of {total:,} live",
               live=live, total=len(snapshot.hosts)),
        say_in("of a total", "services {up:,} of {total:,} up",
               up=up, total=len(snapshot.services)),
        t.words.say("{count:,} not seen", count=len(snapshot.unseen)),
    ]  # fmt: skip
    return Phrase(" · ".join(said), "strong")


def _wrong(t: Teller) -> Iterator[tuple[str, str]]:
    for each in t.roots:
        said = t.words.say("{where}: {what} ({age})",
                           where=each.where, what=each.what, age=t.age(each.since))  # fmt: skip
        behind = t.follows(each)
        parts = [said, t.words.say("{count:,} behind it", count=behind)] if behind else [said]
        yield _joined(t, parts), SEVERITY_ROLES[each.severity]


def _changed(t: Teller) -> tuple[Block, ...]:
    if t.snapshot.before is not None:
        return tell_differences(t)
    say_many, counts = t.words.say_many, Counter(each.severity for each in t.snapshot.events)
    total = len(t.snapshot.events) + t.snapshot.events_left_out
    if not total:
        return (t.none(),)
    said = [say_many("{count:,} event", "{count:,} events", total)]
    said += [
        f"{t.severity(severity).text} {counts[severity]:,}"
        for severity in SEVERITIES
        if counts[severity]
    ]
    return (Paragraph(Phrase(" · ".join(said))),)


def _points(t: Teller, points: list[Phrase], most: int) -> Block:
    if not points:
        return t.none()
    more = len(points) - most
    if more > 1:
        points = [*points[:most], Phrase(t.words.say("and {count:,} more", count=more), "dim")]
    return Points(tuple(points))


def _joined(t: Teller, parts: list[str]) -> str:
    return t.words.say(", ").join(parts)


def _fleet(t: Teller) -> tuple[Block, ...]:
    """Every host, a cell each, by site and group."""
    names = {each.key: t.name(each) for each in t.snapshot.sites}
    groups: dict[tuple[str, str], list[HostState]] = {}
    for host in t.snapshot.hosts:
        groups.setdefault((host.site, host.group), []).append(host)
    if not groups:
        return ()
    order = [each.key for each in t.snapshot.sites]
    ranked = sorted(groups, key=lambda key: order.index(key[0]) if key[0] in order else len(order))
    counts = Counter(_word(each) for each in t.snapshot.hosts)
    title = t.words.say_many("The fleet: {count} host", "The fleet: {count} hosts",
                             len(t.snapshot.hosts))  # fmt: skip
    return (
        Fleet(
            Phrase(title),
            tuple(
                FleetGroup(
                    Phrase(names.get(site, site)),
                    Phrase(group or figures.NONE),
                    tuple(FleetCell(Phrase(each.name), _state(t, each)) for each in hosts),
                )
                for site, group in ranked
                for hosts in (groups[site, group],)
            ),
            tuple(
                (word, Phrase(f"{t.words.say(said)} {counts[word]:,}", role))
                for word, (said, role) in STATES.items()
                if counts[word]
            ),
        ),
    )


def _word(host: HostState) -> str:
    """A live host is as its worst problem is."""
    if host.state == "live" and host.severity is not Severity.OK:
        word = host.severity.value
        return word if word in STATES else "late"
    return host.state if host.state in STATES else "late"


def _state(t: Teller, host: HostState) -> Phrase:
    said, role = STATES[_word(host)]
    return Phrase(t.words.say(said), role)
