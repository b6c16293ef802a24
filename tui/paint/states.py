"""What each host is called, and how much of it may be believed, at the moment of a view.

Derived once a painting: the word and glyph of every host, which of its figures are over a
threshold, and which hosts stand behind a cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from estate.document import Document, HostRow, Problem, Severity
from estate.language import Words, later
from estate.ordering import acknowledged, handled, worst_first
from estate.samples import STALE_AFTER, Reach
from tui.paint import glyphs
from tui.paint.glyphs import SEVERITY_ROLES, Glyph
from tui.paint.view import View

#: The words of `estate.states.STATES`, for the catalogue: as people see them.
WORDS = (
    *(later("live"), later("late"), later("connecting"), later("unreachable"), later("refused")),
    *(later("untrusted"), later("frozen"), later("stale"), later("lost"), later("behind")),
    *(later("down"), later("critical"), later("warning"), later("unknown"), later("maintenance")),
    *(later("ok"), later("acknowledged"), later("silenced")),
)


class State(NamedTuple):
    """A host in one word. `rank` sorts, worst first; `believed` tells how to show its values.

    `believed` is "fresh", "stale" (shown in unk, with their age) or "none" (never shown: the
    host cannot be asked, so its last values say nothing about now).
    """

    word: str
    glyph: Glyph
    role: str
    rank: int
    believed: str = "fresh"

    @property
    def follows(self) -> bool:
        """Whether another's loss explains it."""
        return self.glyph is glyphs.FOLLOWS


_DOWN = {Reach.UNREACHABLE: "unreachable", Reach.FROZEN: "frozen"}
_DISTRUSTED = {Reach.REFUSED: "refused", Reach.UNTRUSTED: "untrusted"}

_LIVE: dict[Severity, State] = {
    Severity.CRITICAL: State("live", glyphs.CAUSE, "dim", 1),
    Severity.WARNING: State("live", glyphs.WARNING, "dim", 2),
    Severity.UNKNOWN: State("live", glyphs.UNKNOWN, "dim", 3),
    Severity.MAINTENANCE: State("live", glyphs.MAINTENANCE, "dim", 6),
    Severity.OK: State("live", glyphs.OK, "dim", 7),
}
#: A host all of whose problems are handled, by how.
_HANDLED: dict[str, State] = {
    "acknowledged": State("live", glyphs.ACKNOWLEDGED, "dim", 6),
    "silenced": State("live", glyphs.SILENCED, "dim", 6),
}
_STALE = State("stale", glyphs.UNKNOWN, "unk b", 3, "stale")
_LATE = State("late", glyphs.UNKNOWN, "unk", 3)
_BEHIND = State("unreachable", glyphs.FOLLOWS, "crit", 4, "none")
_LOST = State("lost", glyphs.CAUSE, "crit b", 0, "none")

#: A problem is new for this long.
NEW_MS = 120_000

#: The last rank that counts as a fault; connecting, acknowledged, maintenance and well come after.
LAST_FAULT = 4


def current(view: View) -> bool:
    """Whether the watch is reached and spoke within three cadences."""
    return view.link.attached and view.now - heard_at(view) <= STALE_AFTER * view.document.every_ms


def heard_at(view: View) -> int:
    """When the watch spoke last; what it said may be held back from the glass."""
    return view.document.at if view.heard_at is None else view.heard_at


def state(row: HostRow, now: int, every_ms: int, *, quiet: str = "") -> State:
    """The state of `row` at `now`; `quiet` says how its problems are handled, "" if one is not."""
    if row.reach in (Reach.LIVE, Reach.LATE):
        return _answering(row, now, every_ms, quiet)
    if row.reach is Reach.CONNECTING:
        believed = "none" if row.at is None else "stale"
        return State("connecting", glyphs.MOVING, "info", 5, believed)
    return _silent(row)


def _answering(row: HostRow, now: int, every_ms: int, quiet: str) -> State:
    if row.at is None or now - row.at > STALE_AFTER * every_ms:
        return _STALE
    if row.reach is Reach.LATE:
        return _LATE
    if quiet and row.severity in (Severity.CRITICAL, Severity.WARNING):
        return _HANDLED[quiet]
    return _LIVE[row.severity]


def _silent(row: HostRow) -> State:
    if row.severity is Severity.MAINTENANCE:
        return State("down", glyphs.MAINTENANCE, "info", 6, "none")
    if row.behind:
        return _BEHIND
    if row.reach in _DISTRUSTED:
        word = _DISTRUSTED[row.reach]
        rank = 1 if row.severity is Severity.CRITICAL else 3  # an impostor comes before a full disk
        return State(word, glyphs.GLYPHS[word], "unk b", rank, "none")
    if row.reach is Reach.UNREACHABLE and row.at is not None:
        return _LOST
    word = _DOWN[row.reach]
    return State(word, glyphs.GLYPHS[word], "crit b", 0, "none")


def state_since(row: HostRow, state: State, now: int) -> int:
    """The milliseconds that the age column shows: of the values, else of the state itself."""
    if state.believed != "none" and row.at is not None:
        return now - row.at
    return now - row.since if row.since else 0


@dataclass(frozen=True, slots=True)
class Standing:
    """All hosts of a document at one moment.

    `hot` gives the role of a figure over its threshold by (host, metric); `behind` the hosts that
    are explained by another's loss, by the name of that cause.
    """

    states: Mapping[str, State]
    hot: Mapping[tuple[str, str], str]
    behind: Mapping[str, tuple[str, ...]]

    def faulty(self, host: str) -> bool:
        """Whether a person would want to see this host when looking for trouble."""
        return self.states[host].rank <= LAST_FAULT


def standing(view: View) -> Standing:
    """The standing of every host of `view.document` now, or at the moment that is held."""
    document = view.document
    at = view.now if view.held_at is None else view.held_at
    quiet, hot = _quiet_and_hot(document)
    states: dict[str, State] = {}
    behind: dict[str, list[str]] = {}
    for name, row in document.hosts.items():
        states[name] = each = state(row, at, document.every_ms, quiet=quiet.get(name, ""))
        if each.follows:
            behind.setdefault(row.behind, []).append(name)
    return Standing(
        states, hot, {cause: tuple(sorted(hosts, key=natural)) for cause, hosts in behind.items()}
    )


def _quiet_and_hot(document: Document) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Hosts whose problems are all handled, by how: that somebody has one goes before silence."""
    hushed: set[str] = set()
    owned: set[str] = set()
    unowned: set[str] = set()
    hot: dict[tuple[str, str], str] = {}
    for problem in reversed(document.problems):  # worst first: the worst one has the last word
        if problem.kind != "reach" and len(problem.hosts) > 1:
            continue  # its hosts have each their own, which need not be as bad as the worst
        role = SEVERITY_ROLES[problem.severity]
        for host in problem.hosts:
            of_how = owned if acknowledged(problem) else unowned
            (hushed if silenced(problem) else of_how).add(host)
            hot[host, _ALIASES.get(problem.kind, problem.kind)] = role
    quiet = dict.fromkeys(hushed, "silenced") | dict.fromkeys(owned, "acknowledged")
    return {host: how for host, how in quiet.items() if host not in unowned}, hot


#: How full a disk is, and when it will be, are one figure in a row.
_ALIASES = {"disk_full_in_seconds": "disk", "inodes": "disk", "load_per_core": "load1"}


def stands_for(cause: Problem, consequences: Iterable[Problem]) -> bool:
    """Whether `cause` is nothing but its consequences together: the same trouble on many hosts."""
    return cause.kind != "reach" and {each.where for each in consequences} == {*cause.hosts}


def taken_over(problem: Problem, words: Words) -> str:
    """By which handover its owner has it, and whether it is quiet by somebody's word."""
    if problem.quieted_by:
        return words.say("by {handover}; quieted by {person}",
                         handover=problem.handover, person=problem.quieted_by)  # fmt: skip
    if problem.until is None:
        return words.say("by {handover}, not acknowledged", handover=problem.handover)
    return words.say("by {handover}", handover=problem.handover)


def silenced(problem: Problem) -> bool:
    """Nobody wants to hear of it for a while; it is counted all the same."""
    return bool(problem.silence)


def began(problem: Problem) -> int:
    """Since when a person may not know of it: it may have come back from somebody's hands."""
    return problem.since if problem.returned is None else max(problem.since, problem.returned)


def ordered(problems: Iterable[Problem]) -> list[Problem]:
    """Causes only, worst first."""
    return sorted((each for each in problems if not each.parent), key=worst_first)


def hidden_news(problems: Iterable[Problem], now: int) -> list[Problem]:
    """Causes of the last two minutes that wait for somebody, newest first; none where the worst is
    itself as new: nothing older hides them then."""
    causes = [each for each in ordered(problems) if not handled(each)]
    if not causes or now - began(causes[0]) < NEW_MS:
        return []
    return sorted((each for each in causes if now - began(each) < NEW_MS), key=lambda p: -began(p))


def longest_name(document: Document) -> int:
    """Cells of the longest host's name: name columns are as wide on every screen, and stay so."""
    return max((cell_len(name) for name in document.hosts), default=0)


@lru_cache(maxsize=8192)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts mta-c2 before mta-c10."""
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]{1,18})", name)
        if part
    )


def folded(names: tuple[str, ...]) -> str:
    """Host names as a person would say them: "mbx-c05–08 mta-c13–16"; order as given."""
    runs: list[tuple[str, str, str]] = []  # stem, first number, last number
    for name in names:
        match = re.fullmatch(r"(.*?)([0-9]{1,18})", name)
        stem, number = (match[1], match[2]) if match else (name, "")
        if runs and _follows(runs[-1], stem, number):
            runs[-1] = (stem, runs[-1][1], number)
        else:
            runs.append((stem, number, number))
    return " ".join(
        f"{stem}{first}" if first == last else f"{stem}{first}–{last}" for stem, first, last in runs
    )


def _follows(run: tuple[str, str, str], stem: str, number: str) -> bool:
    if run[0] != stem or not number or not run[2] or len(run[2]) != len(number):
        return False
    return int(number) == int(run[2]) + 1
