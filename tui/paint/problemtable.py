"""Problems as rows: where · what · why · since · who. Consequences stand under their cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from estate.document import Problem
from estate.language import Words
from estate.ordering import acknowledged, handled
from estate.samples import Reach
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, cut, elided
from tui.paint.glyphs import FOLLOWS
from tui.paint.matching import problem_test
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import (
    folded,
    hidden_news,
    longest_name,
    natural,
    ordered,
    silenced,
    stands_for,
)
from tui.paint.view import View

#: From this width on there is room to say why.
WITH_WHY = 100


class Entry(NamedTuple):
    """One problem, or several `folded` into one row; `tree` hangs it on its cause."""

    key: str
    problem: Problem
    tree: str = ""
    folded: tuple[Problem, ...] = ()
    alike: bool = False  # the cause is all of them together: it said what is wrong already


def entries(view: View) -> list[Entry]:
    """The list in order: causes, worst first, each with its consequences."""
    problems = view.document.problems
    known = {problem.id for problem in problems}
    orphans = [p for p in problems if p.parent and p.parent not in known]
    causes = ordered(problems) + orphans
    children: dict[str, list[Problem]] = {}
    for problem in problems:
        children.setdefault(problem.parent, []).append(problem)
    matches, faults_only = problem_test(view), view.attention.faults_only
    rows: list[Entry] = []
    for cause in causes:
        below = children.get(cause.id, [])
        if faults_only and handled(cause):
            continue
        if matches(cause) or any(matches(each) for each in below):
            rows.append(Entry(f"problem:{cause.id}", cause))
            rows += _consequences(view, cause, children)
    return rows


def _consequences(view: View, cause: Problem, children: dict[str, list[Problem]]) -> list[Entry]:
    key = f"problem:{cause.id}"
    below = _descendants(cause, children)
    rows: list[Entry] = []
    if view.attention.unfolded.isdisjoint((key, f"fold:{key}")):
        silent = [each for each in below if each.kind == "reach"]
        others = [each for each in below if each.kind != "reach"]
        for alike in (silent, others):
            if len(alike) > 1:
                # One row is enough to stand on: a second one unfolds with it.
                fold = "" if any(row.folded for row in rows) else f"fold:{key}"
                same = stands_for(cause, alike)
                rows.append(Entry(fold, alike[0], "├ ", tuple(alike), same))
            elif alike:
                rows.append(Entry(f"problem:{alike[0].id}", alike[0], "├ "))
    else:
        rows = [Entry(f"problem:{each.id}", each, "├ ") for each in below]
    if rows:
        rows[-1] = rows[-1]._replace(tree="└ ")
    return rows


def _descendants(cause: Problem, children: dict[str, list[Problem]]) -> list[Problem]:
    """All that follows from `cause`, however far; an id that comes twice is followed once."""
    found: list[Problem] = []
    seen, waiting = {cause.id}, list(children.get(cause.id, ()))
    while waiting:
        problem = waiting.pop(0)
        if problem.id not in seen:
            seen.add(problem.id)
            found.append(problem)
            waiting += children.get(problem.id, ())
    return found


@dataclass(frozen=True, slots=True)
class ProblemTable:
    """The columns for one width."""

    width: int
    what: int
    why: int  # 0 where there is no room for it
    since_end: int
    words: Words
    until_end: int = 0  # 0 where it is not shown

    def heading(self, title: str, note: str, more: str = "") -> Line:
        """The section's heading; `more` tells of rows that did not fit."""
        say = self.words.say
        labels = [Label(self.since_end, say("since")), Label(self.width - 1, say("who"))]
        if self.until_end:
            labels.insert(1, Label(self.until_end, say("until")))
        if more and self.width < 76:  # that rows are hidden matters more than what stands there
            labels[0] = Label(self.since_end, more, "info")
        elif more:
            labels.insert(0, Label(self.since_end - 8, more, "info"))
        if more:
            room = labels[0].end - cell_len(more) - 2 - (TEXT + cell_len(title) + 2)
            parts = (note, *(note.partition(mark)[0] for mark in (" ·", ": ", ", ")))
            note = next((each for each in parts if cell_len(each) <= room), min(parts, key=len))
        return heading(self.width, title, note, labels, action=("screen", "problems"))

    def line(self, view: View, entry: Entry, cursor: bool) -> Line:
        """One entry as a line."""
        problem = entry.problem
        quiet = handled(problem) or bool(entry.tree)
        glyph = glyphs.glyph(problem.glyph, problem.severity)
        if entry.tree:
            glyph = FOLLOWS if glyph.role == "crit b" else glyph
        elif silenced(problem):
            glyph = glyphs.SILENCED
        elif acknowledged(problem):
            glyph = glyphs.ACKNOWLEDGED if glyph.role != "unk b" else glyph
        line = lead(self.width, glyph, cursor=cursor, marked=entry.key in view.attention.marks)
        where, what, why = _told(entry, self.words)
        loud = glyph.role in ("crit b", "unk b") and not quiet
        line.put(TEXT, entry.tree, "mute").then(
            elided(where, self.what - 1 - line.at) if what and not entry.folded else where,
            "strong b" if loud else "dim" if quiet else "text",
            self.what - 1 if what else self.since_end - 7,
        )
        end = self.why - 2 if self.why and why else self.since_end - 7
        line.put(self.what, what, "dim" if quiet else "text", end)
        if self.why and why:
            line.put(self.why, why, "dim", self.since_end - 7)
        since = numbers.duration((view.now - problem.since) / 1000)
        line.right(self.since_end, since, "dim" if quiet else "text")
        if self.until_end and problem.until is not None:
            line.right(self.until_end, _until(problem.until, view), "dim" if quiet else "text")
        if problem.owner:
            line.right(
                self.width - 1,
                cut(problem.owner, 8),
                "dim" if quiet else "text",
            )
        elif not entry.tree and not handled(problem):
            say = self.words.say
            who = say("nobody") if problem.returned is None else say("returned")
            line.right(self.width - 1, who, "warn")
        return line.line("sel" if cursor else "", entry.key)


def problem_table(view: View, width: int, *, until: bool = False) -> ProblemTable:
    """Columns for `width` cells; places get what the longest host's name asks for, in reason.

    With `until` there is room to say when what somebody has comes back.
    """
    most = 10 if width < WITH_WHY else 16
    folded_away = cell_len("└ " + view.words.say_many("{count:,} host", "{count:,} hosts", 9))
    what = TEXT + max(folded_away, min(longest_name(view.document), most)) + 1
    until_end = width - 1 - 9 if until else 0
    since_end = until_end - 9 if until else width - 1 - 9
    why = what + (since_end - 8 - what) * 9 // 16 if width >= WITH_WHY else 0
    return ProblemTable(width, what, why, since_end, view.words, until_end)


def _until(at: int, view: View) -> str:
    """When it comes back: the clock time, or the day where that is more than a day away."""
    if at - view.now >= 86_400_000:
        return numbers.day(at, view.document.timezone, view.words, weekday=False)
    return numbers.minute(at, view.document.timezone)


def note(view: View) -> str:
    """What the heading says behind the title: how many, how many yours, how many nobody's."""
    say, causes = view.words.say, ordered(view.document.problems)
    if not causes:
        return say("none")
    user = view.document.watch.user
    hushed = sum(silenced(each) for each in causes)
    yours = sum(bool(user) and each.owner == user and not silenced(each) for each in causes)
    nobodys = sum(not each.owner and not handled(each) for each in causes)
    if not nobodys and not yours:
        owned = f", {say('all owned')}" if all(each.owner for each in causes) else ""
        quiet = f" · {say('{count:,} silenced', count=hushed)}" if hushed else ""
        return f"{len(causes):,}{owned}{quiet}"
    news = hidden_news(view.document.problems, view.now)
    # Where the newest is stands in a fixed place: its row may be below the last one shown.
    new = f", {say('{count:,} new', count=len(news))}: {news[0].where}" if news else ""
    said = [f"{len(causes):,}{new}"]
    said += [say("{count:,} yours", count=yours)] if yours else []
    said += [say("{count:,} nobody’s", count=nobodys)] if nobodys else []
    said += [say("{count:,} silenced", count=hushed)] if hushed else []
    return " · ".join(said)


def nothing(view: View, width: int) -> Line:
    """The sentence where the first row would be."""
    row, document, say = Row(width), view.document, view.words.say
    if document.problems:
        row.put(TEXT, say("No problem matches. "), "dim").then("esc", "info")
        return row.then(say(" clears the filter"), "dim").line()
    if not document.hosts:
        return row.put(TEXT, say("Nothing is watched yet."), "dim").line()
    said = say("No problems. No threshold is crossed, no host is lost.")
    if waiting := sum(each.reach is Reach.CONNECTING for each in document.hosts.values()):
        said = say("No problems so far; {count:,} hosts have not answered yet.", count=waiting)
    return row.put(TEXT, said, "dim", width - 1).line()


def _told(entry: Entry, words: Words) -> tuple[str, str, str]:
    problem = entry.problem
    if not entry.folded:
        return problem.where, problem.what, problem.reason or problem.why
    names = tuple(sorted({host for each in entry.folded for host in each.hosts}, key=natural))
    hosts = words.say_many("{count:,} host", "{count:,} hosts", len(names))
    if problem.kind == "reach":
        return hosts, f"{words.say('unreachable')}: {folded(names)}", problem.why
    if entry.alike:
        return f"{hosts}: {folded(names)}", "", ""
    follow = words.say("{count:,} more follow", count=len(entry.folded))
    return words.say("also"), f"{follow}: {folded(names) or problem.what}", problem.why
