"""Row 1 of every screen, one sentence: the worst there is, and what is asked of a person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from estate.document import Problem, Severity
from estate.language import Words
from estate.ordering import handled
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, cut, elided
from tui.paint.rows import TEXT, lead
from tui.paint.states import (
    Standing,
    current,
    heard_at,
    hidden_news,
    ordered,
    silenced,
    stands_for,
)
from tui.paint.view import View


def headline(view: View, standing: Standing) -> Line:
    """The worst there is, since when, where and why; at the right what is asked of a person."""
    if not current(view):
        return _watch_lost(view)
    if not view.document.hosts:
        row = lead(view.width, glyphs.OK)
        row.put(TEXT, view.words.say("No hosts in this estate yet."), "text")
        todo = view.words.say(" Name some in the estate file: twinwatch estate lint shows how.")
        return row.then(todo, "dim").line()
    causes = [each for each in ordered(view.document.problems) if not handled(each)]
    connecting = sum(each.word == "connecting" for each in standing.states.values())
    if causes and causes[0].severity is Severity.CRITICAL:
        return _worst(view, causes)
    if connecting:
        return _connecting(view, connecting, causes)
    return _quiet(view, standing, causes)


def _watch_lost(view: View) -> Line:
    """Nothing comes from the watch: everything below is as old as its last word; and what to do."""
    say, document = view.words.say, view.document
    if view.link.attached:
        since, what = heard_at(view), say("WATCH SILENT")
        why = say("it is reached, and says nothing new")
        todo = say("if it hangs: kill -9 {pid}, then twinwatch watch", pid=document.watch.pid)
    else:
        since = view.link.lost_at if view.link.lost_at is not None else document.at
        what, why = say("WATCH UNREACHABLE"), say(view.link.why)
        todo = view.link.todo or say("start it: twinwatch watch")
    text = f"{what} {numbers.duration((view.now - since) / 1000)} · {todo}"
    board = say("this is the board of {time}", time=numbers.clock(document.at, document.timezone))
    end = view.width - 1 - cell_len(board) - 2
    roomy = end >= TEXT + cell_len(text) + cell_len(why) + 3
    row = lead(view.width, glyphs.UNKNOWN)
    row.put(TEXT, text, "strong b", view.width - 1)
    if why:
        row.then(f" · {why}", "strong", end if roomy else view.width - 1)
    if roomy:
        row.right(view.width - 1, board, "strong")
    return row.line("unkbar")


def _worst(view: View, causes: Sequence[Problem]) -> Line:
    worst = causes[0]
    head, rest = _headed(worst.what)
    below = [
        each
        for each in view.document.problems
        if each.parent == worst.id and each.kind != "budget"  # it is said in its own words
    ]
    behind = 0 if stands_for(worst, below) else sum(len(each.hosts) or 1 for each in below)
    where = elided(worst.where, max(12, view.width // 4))
    said = [f"{where} {head} {numbers.duration((view.now - worst.since) / 1000)}"]
    if worst.site and worst.site != worst.where:
        said.append(worst.site)
    if rest:
        said.append(rest)
    if worst.kind == "service" and (budget := _budget(view, worst.where)):
        said.append(budget)
    if behind:
        said.append(view.words.say("{count:,} behind it", count=behind))
    sentence = " · ".join(said)
    right = _asked(view, causes, view.width - 1 - TEXT - cell_len(sentence) - 2)
    end = view.width - 1 - (cell_len(right) + 2 if right else 0)
    if behind and TEXT + cell_len(sentence) > end:  # how far it reaches is not what is cut
        sentence = " · ".join((said[0], said[-1], *said[1:-1]))
    row = lead(view.width, glyphs.CAUSE).put(TEXT, sentence, "strong b", end)
    if right:
        row.right(view.width - 1, right, "strong b")
    return row.line("critbar")


def _headed(what: str) -> tuple[str, str]:
    """The state before the colon of any language, and what is said of it."""
    colon = min((": ", "："), key=lambda each: what.find(each) % (len(what) + 1))
    head, _, rest = what.partition(colon)
    return head, rest


def _budget(view: View, service: str) -> str:
    """When the budget of a service that is down is gone, if it stays so; "" if not this month."""
    row = next((each for each in view.document.services if each.key == service), None)
    if row is None or row.budget is None or row.budget.used_up_at is None:
        return ""
    left = row.budget.used_up_at - view.now
    if left <= 0:
        return view.words.say("budget gone")
    return view.words.say("budget gone in {time}", time=numbers.duration(left / 1000))


def _asked(view: View, causes: Sequence[Problem], room: int) -> str:
    """What is new and what waits for somebody, in as many words as `room` cells hold.

    The sentence at the left gives way, up to half the row, to what it would hide: how many more
    are critical, and the one of them that is new.
    """
    say = view.words.say
    more = sum(each.severity is Severity.CRITICAL for each in causes) - 1
    nobodys = sum(not each.owner for each in causes)
    critical = say("{count:,} more critical", count=more) if more > 0 else ""
    nobody = say("{count:,} nobody’s", count=nobodys) if nobodys else ""
    at_length = in_short = hidden = ""
    for newest in hidden_news(causes, view.now)[:1]:
        since = numbers.duration((view.now - newest.since) / 1000)
        what = cut(_headed(newest.what)[0], 24)
        at_length = f"{say('newest:')} {elided(newest.where, 24)} {what} {since}"
        in_short = f"{say('new:')} {elided(newest.where, 16)} {since}"
        hidden = in_short if newest.severity is Severity.CRITICAL else ""
    must = [_joined(hidden, critical), hidden or critical, ""]
    room = max(room, next(cell_len(each) for each in must if cell_len(each) <= view.width // 2))
    ways = (
        *((at_length, critical, nobody), (at_length, critical), (in_short, critical)),
        *((hidden, critical, nobody), (hidden, critical), (hidden or critical,), (nobody,)),
    )
    return next((said for parts in ways if cell_len(said := _joined(*parts)) <= room), "")


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _connecting(view: View, connecting: int, causes: Sequence[Problem]) -> Line:
    say, total, end = view.words.say, len(view.document.hosts), view.width - 1
    answered = total - connecting
    said = say("Connecting: {count:,} of {total:,} hosts answered", count=answered, total=total)
    row = lead(view.width, glyphs.MOVING).put(TEXT, said, "text")
    row.then(say(", {count:,} on the way.", count=connecting), "dim", end)
    if causes:
        problems = _problems(len(causes), view.words)
        row.then(say(" {problems} so far.", problems=problems), "dim", end)
    return row.line()


def _quiet(view: View, standing: Standing, causes: Sequence[Problem]) -> Line:
    if not causes:
        return _calm(view, standing)
    worst = causes[0]
    symbol = glyphs.glyph(worst.glyph, worst.severity)
    right = _asked(view, causes, view.width // 3)
    end = view.width - 1 - cell_len(right) - 2
    row = lead(view.width, symbol)
    row.put(TEXT, _problems(len(causes), view.words) + view.words.say("."), "text", end)
    row.then(f" {worst.where}", "strong b", end).then(f" {worst.what}", "text", end)
    row.then(f" · {numbers.duration((view.now - worst.since) / 1000)}", "dim", end)
    if right:
        row.right(view.width - 1, right, "warn")
    return row.line()


def _calm(view: View, standing: Standing) -> Line:
    words, total = view.words, len(standing.states)
    live = sum(each.word == "live" for each in standing.states.values())
    if live == total:
        first = words.say_many("The one host is live.", "All {count:,} hosts are live.", total)
    else:
        first = words.say("{live:,} of {total:,} hosts are live.", live=live, total=total)
    rest = words.say(" Nothing is wrong.")
    if quiet := sum(1 for each in view.document.problems if not each.parent):
        problems = _problems(quiet, words)
        rest = words.say(" {problems}, each with an owner. Nothing needs you.", problems=problems)
        if hushed := sum(1 for e in view.document.problems if not e.parent and silenced(e)):
            rest = words.say(
                " {problems}, each with an owner, {count:,} silenced. Nothing needs you.",
                problems=problems,
                count=hushed,
            )
    row = lead(view.width, glyphs.OK).put(TEXT, first, "text")
    return row.then(rest, "dim", view.width - 1).line()


def _problems(count: int, words: Words) -> str:
    return words.say_many("{count:,} problem", "{count:,} problems", count)
