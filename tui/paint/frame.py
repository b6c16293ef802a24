"""What stands on every screen: site band, headline, notice, breadcrumb, filter line, footer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from estate.document import SEVERITIES, Problem, Severity, SiteRow
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, Page, Span, cut, elided
from tui.paint.glyphs import SEVERITY_ROLES, Glyph
from tui.paint.lists import shares
from tui.paint.paths import named_first
from tui.paint.rows import TEXT, Row, lead
from tui.paint.states import (
    Standing,
    current,
    handled,
    heard_at,
    hidden_news,
    ordered,
    stands_for,
)
from tui.paint.view import View

#: From this height on, a blank line stands between sections.
AIRY = 40
#: From this width on, the page has an aside, and the band its date.
WIDE = 180


def page(
    view: View, lines: Sequence[Line], cursor: int | None = None, first: int = 0, total: int = 0
) -> Page:
    """`lines` cut or filled to the height of the screen, with the footer as the last one."""
    body = list(lines[: max(0, view.height - 1)])
    body += [Line()] * (view.height - 1 - len(body))
    if cursor is not None and cursor >= len(body):
        cursor = None
    return Page((*body, footer(view)), cursor, first, total)


def scroll_keys(length: int, room: int) -> tuple[str, ...]:
    """A page of text has no rows to stand on: its cursor's places are its scroll positions."""
    return tuple(f"line:{at}" for at in range(length - room + 1)) if length > room else ()


def scrolled(view: View, length: int, room: int) -> int:
    """The first line shown of a page of text."""
    kind, _, number = view.attention.cursor.partition(":")
    at = int(number) if kind == "line" and number.isdecimal() else 0
    return max(0, min(at, length - room))


def top(view: View, standing: Standing) -> list[Line]:
    """Band, headline, and what must be said on every screen; an airy page's third row is kept."""
    lines = [band(view), headline(view, standing)]
    said = notice(view, standing)
    if said is not None:
        lines.append(said)
    elif view.height >= AIRY and not (view.attention.zoom and view.screen != "home"):
        lines.append(Line())
    return lines


# ── row 0: the sites ────────────────────────────────────────────────────────────────────────────


def band(view: View) -> Line:
    """Every site with its hosts up, whether the board is live, old or held, and the time."""
    least = _cells(_together(view)) + 1
    moments = (_moment(view), _moment(view)[:_WORD], ())  # the clock goes before the count
    right = next((each for each in moments if _cells(each) + least < view.width), ())
    room = view.width - 1 - _cells(right)
    row = Row(view.width)
    for words in _sites(view, room):
        row.to(row.at + (_gap(view) if row.at else 1)).spans(words)
    if not view.document.sites:
        row.put(TEXT, view.document.estate or "no estate", "strong b", room)
    return row.to(room).spans(right).line("band")


#: Spans of `_moment` that say how the board is, without the time.
_WORD = 2


def _together(view: View) -> tuple[Span, ...]:
    """All sites as one: the worst glyph, and how many hosts are up."""
    sites = view.document.sites
    if not sites:
        return ()
    symbol = _severity_glyph(min((site.severity for site in sites), key=SEVERITIES.index))
    up, total = sum(site.up for site in sites), sum(site.total for site in sites)
    role = symbol.role if up < total else "text"
    return (
        Span(symbol.symbol, symbol.role),
        Span(f" {up:,}", role),
        Span(f"/{total:,}", "text"),
    )


def _gap(view: View) -> int:
    return 2 if view.width < 100 else 5


def _cells(spans: Iterable[Span]) -> int:
    return sum(cell_len(span.text) for span in spans)


def _sites(view: View, room: int) -> list[tuple[Span, ...]]:
    """All sites with as many words as fit side by side; else as many as fit, or all as one."""
    sites = view.document.sites
    for detail in range(4 if view.width >= 100 and len(sites) <= 2 else 3, 0, -1):
        words = [_site(site, view, detail) for site in sites]
        if sum(_cells(each) + _gap(view) for each in words) <= room:
            return words
    shown: list[tuple[Span, ...]] = []
    for at, each in enumerate(words):
        rest = (Span(f"+{len(sites) - at} sites", "dim"),) if shown else _together(view)
        if _cells(each) + _gap(view) + (_cells(rest) + 2 if at < len(words) - 1 else 0) > room:
            return [*shown, rest]
        shown.append(each)
        room -= _cells(each) + _gap(view)
    return shown


def _site(site: SiteRow, view: View, detail: int) -> tuple[Span, ...]:
    """A site in more or fewer words: 4 says "up", 3 the role, 2 the name, 1 only the figures."""
    symbol = _severity_glyph(site.severity) if site.total else _NO_HOSTS
    name = site.key if view.language == "en" else site.name or site.key
    role = role_word(site.role, name) if detail > 2 else ""
    hurt = SEVERITY_ROLES[site.severity] if site.up < site.total else "dim"
    return (
        Span(symbol.symbol, symbol.role),
        Span(f" {cut(name, 16)} " if detail > 1 else " ", "strong b"),
        Span(f"{role} " if role else "", "dim"),
        Span(numbers.count(site.up), "text" if hurt == "dim" else f"{hurt} b"),
        Span(f"/{site.total:,}{' up' if detail > 3 else ''}", "text"),
    )


#: A site without hosts is neither well nor ill.
_NO_HOSTS = glyphs.GLYPHS["skipped"]


def role_word(role: str, site: str) -> str:
    """A site's role in the estate file's word; "" for "other", and where the site is called so."""
    return "" if role in ("other", site) else role


def _moment(view: View) -> tuple[Span, ...]:
    document = view.document
    old = view.now - document.at
    fresh = current(view)
    if view.held_at is not None:
        held = numbers.duration((view.now - view.held_at) / 1000)
        spans = [Span("  "), Span(f"PAUSED {held}", "warn b")]
    else:
        word, role = ("LIVE", "good") if fresh else ("STALE", "unk b")
        spans = [Span("  "), Span(word, role)]
        if view.width >= 100 or not fresh:
            spans.append(Span(f" {numbers.age(old)}", "dim" if fresh else "unk"))
    spans += [
        Span("  " if view.width < 100 else "   "),
        Span(numbers.clock(view.now, document.timezone), "strong b"),
    ]
    if view.width >= 100:
        spans.append(Span(f" {numbers.zone_name(view.now, document.timezone)}", "dim"))
    if view.width >= WIDE:  # in front of `_WORD`: so wide a screen drops nothing
        spans.insert(0, Span("  " + numbers.day(view.now, document.timezone) + " ", "dim"))
    return tuple(spans)


# ── row 1: one sentence ─────────────────────────────────────────────────────────────────────────


def headline(view: View, standing: Standing) -> Line:
    """The worst there is, since when, where and why; at the right what is asked of a person."""
    if not current(view):
        return _watch_lost(view)
    if not view.document.hosts:
        row = lead(view.width, glyphs.OK).put(TEXT, "No hosts in this estate yet.", "text")
        return row.then(
            " Name some in the estate file: twinwatch estate lint shows how.", "dim"
        ).line()
    causes = [each for each in ordered(view.document.problems) if not handled(each)]
    connecting = sum(each.word == "connecting" for each in standing.states.values())
    if causes and causes[0].severity is Severity.CRITICAL:
        return _worst(view, causes)
    if connecting:
        return _connecting(view, connecting, causes)
    return _quiet(view, standing, causes)


def _watch_lost(view: View) -> Line:
    """Nothing comes from the watch: everything below is as old as its last word; and what to do."""
    since = view.link.lost_at if view.link.lost_at is not None else view.document.at
    word, why, todo = "UNREACHABLE", view.link.why, "start it: twinwatch watch"
    if view.link.attached:
        word, since, why = "SILENT", heard_at(view), "it is reached, and says nothing new"
        todo = f"if it hangs: kill -9 {view.document.watch.pid}, then twinwatch watch"
    text = f"WATCH {word} {numbers.duration((view.now - since) / 1000)} · {todo}"
    board = f"this is the board of {numbers.clock(view.document.at, view.document.timezone)}"
    end = view.width - 1 - cell_len(board) - 2
    roomy = end >= TEXT + len(text) + len(why) + 3
    row = lead(view.width, glyphs.UNKNOWN)
    row.put(TEXT, text, "strong b", view.width - 1)
    if why:
        row.then(f" · {why}", "strong", end if roomy else view.width - 1)
    if roomy:
        row.right(view.width - 1, board, "strong")
    return row.line("unkbar")


def _worst(view: View, causes: Sequence[Problem]) -> Line:
    worst = causes[0]
    head, _, rest = worst.what.partition(": ")
    below = [each for each in view.document.problems if each.parent == worst.id]
    behind = 0 if stands_for(worst, below) else sum(len(each.hosts) or 1 for each in below)
    where = elided(worst.where, max(12, view.width // 4))
    said = [f"{where} {head} {numbers.duration((view.now - worst.since) / 1000)}"]
    if worst.site and worst.site != worst.where:
        said.append(worst.site)
    if rest:
        said.append(rest)
    if behind:
        said.append(f"{behind} behind it")
    sentence = " · ".join(said)
    right = _asked(view, causes, view.width - 1 - TEXT - cell_len(sentence) - 2)
    end = view.width - 1 - (cell_len(right) + 2 if right else 0)
    if behind and TEXT + cell_len(sentence) > end:  # how far it reaches is not what is cut
        sentence = " · ".join((said[0], said[-1], *said[1:-1]))
    row = lead(view.width, glyphs.CAUSE).put(TEXT, sentence, "strong b", end)
    if right:
        row.right(view.width - 1, right, "strong b")
    return row.line("critbar")


def _asked(view: View, causes: Sequence[Problem], room: int) -> str:
    """What is new and what waits for somebody, in as many words as `room` cells hold.

    The sentence at the left gives way, up to half the row, to what it would hide: how many more
    are critical, and the one of them that is new.
    """
    more = sum(each.severity is Severity.CRITICAL for each in causes) - 1
    nobodys = sum(not each.owner for each in causes)
    critical = f"{more} more critical" if more > 0 else ""
    nobody = f"{nobodys} nobody’s" if nobodys else ""
    at_length = in_short = hidden = ""
    for newest in hidden_news(causes, view.now)[:1]:
        since = numbers.duration((view.now - newest.since) / 1000)
        at_length = (
            f"newest: {elided(newest.where, 24)} {cut(newest.what.partition(': ')[0], 24)} {since}"
        )
        in_short = f"new: {elided(newest.where, 16)} {since}"
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
    total = len(view.document.hosts)
    row = lead(view.width, glyphs.MOVING)
    row.put(TEXT, f"Connecting: {total - connecting:,} of {total:,} hosts answered", "text")
    row.then(f", {connecting:,} on the way.", "dim", view.width - 1)
    if causes:
        row.then(f" {_problems(len(causes))} so far.", "dim", view.width - 1)
    return row.line()


def _quiet(view: View, standing: Standing, causes: Sequence[Problem]) -> Line:
    total = len(standing.states)
    live = sum(each.word == "live" for each in standing.states.values())
    if not causes:
        all_live = live == total
        hosts = "the one host is" if total == 1 else f"all {total:,} hosts are"
        first = (
            f"{hosts[0].upper()}{hosts[1:]} live."
            if all_live
            else f"{live:,} of {total:,} hosts are live."
        )
        quiet = sum(1 for each in view.document.problems if not each.parent)
        rest = (
            f" {_problems(quiet)}, each with an owner. Nothing needs you."
            if quiet
            else " Nothing is wrong."
        )
        row = lead(view.width, glyphs.OK).put(TEXT, first, "text")
        return row.then(rest, "dim", view.width - 1).line()
    worst = causes[0]
    symbol = glyphs.glyph(worst.glyph, worst.severity)
    right = _asked(view, causes, view.width // 3)
    end = view.width - 1 - cell_len(right) - 2
    row = lead(view.width, symbol)
    row.put(TEXT, f"{_problems(len(causes))}.", "text", end)
    row.then(f" {worst.where}", "strong b", end).then(f" {worst.what}", "text", end)
    row.then(f" · {numbers.duration((view.now - worst.since) / 1000)}", "dim", end)
    if right:
        row.right(view.width - 1, right, "warn")
    return row.line()


def _problems(count: int) -> str:
    return "1 problem" if count == 1 else f"{count:,} problems"


def _severity_glyph(severity: Severity) -> Glyph:
    return glyphs.GLYPHS[severity.value]


# ── row 2: what a person must know before believing the rest ────────────────────────────────────


def notice(view: View, standing: Standing) -> Line | None:
    """Records that are not kept, an estate file that was refused, a board out of the records."""
    watch, said = view.document.watch, []
    if watch.records:
        said.append(f"records are not kept: {named_first(watch.records)}")
    if watch.estate_problem:
        said.append(f"estate refused, the old one holds: {named_first(watch.estate_problem)}")
    if watch.restored_until is not None:
        old = sum(
            row.at is not None and row.at <= watch.restored_until
            for row in view.document.hosts.values()
        )
        if old:
            moment = numbers.moment(watch.restored_until, view.now, view.document.timezone)
            said.append(
                f"values up to {moment} come from the records: {old:,} hosts not measured since"
            )
    if not said:
        return None
    return _fairly(view, said)


def _fairly(view: View, said: Sequence[str]) -> Line:
    """All that must be said in one row: what is cut is cut fairly, and `:settings` has it whole."""
    end = view.width - 1
    whole = " · ".join(said)
    row = lead(view.width, glyphs.WARNING)
    if cell_len(whole) <= end - TEXT:
        return row.put(TEXT, whole, "warn").line()
    hint = ":settings" if view.screen != "settings" and view.width >= 60 else ""
    room = end - TEXT - (len(hint) + 2 if hint else 0)
    rooms = shares([cell_len(each) for each in said], room - 3 * (len(said) - 1))
    row.put(TEXT, " · ".join(map(cut, said, rooms)), "warn", TEXT + room)
    if hint:
        row.put(end - len(hint), hint, "info", action=("screen", "settings"))
    return row.line()


# ── above a list ────────────────────────────────────────────────────────────────────────────────


def breadcrumb(view: View, right: Sequence[Span] = ()) -> Line:
    """Where the person is, and at the right how the list is ordered."""
    cells = sum(cell_len(span.text) for span in right)
    end = view.width - 1 - cells - (2 if cells else 0)
    row = Row(view.width)
    trail = view.trail or (view.screen,)
    for position, place in enumerate(trail):
        last = position == len(trail) - 1
        shown = elided(place, max(1, end - max(TEXT, row.at)))
        row.put(TEXT, shown, "strong b" if last else "text", end)
        if not last:
            row.then(" › ", "dim", end)
    if right and end > row.at:
        row.to(view.width - 1 - cells).spans(right)
    return row.line()


def filter_line(view: View, matching: int, total: int) -> Line | None:
    """`/ text▏  56 of 80 match · 3 marked`; None when nothing is filtered, typed or marked."""
    attention = view.attention
    shown = attention.filter or attention.filter_open or attention.faults_only
    if not (shown or attention.marks or attention.filter_error):
        return None
    counts = [Span(f"{matching:,}", "text"), Span(f" of {total:,} match", "dim")] if shown else []
    if attention.marks:
        counts += [Span(" · ", "dim")] if counts else []
        counts.append(Span(f"{len(attention.marks):,} marked", "info"))
    start = view.width - 1 - sum(cell_len(span.text) for span in counts)
    row = Row(view.width).put(1, "/", "info b").put(TEXT, attention.filter, "text", start - 2)
    if attention.filter_open:
        row.then("▏", "info", start)
    if attention.faults_only:
        row.then(" ! faults only" if attention.filter else "! faults only", "warn", start - 2)
    if attention.filter_error:
        row.then(f"  {attention.filter_error}", "warn", start - 2)
    return row.to(start).spans(counts).line("sel" if attention.filter_open else "band")


# ── last row ────────────────────────────────────────────────────────────────────────────────────


def footer(view: View) -> Line:
    """The keys that work here, most urgent first; who you are and what you may do."""
    user = view.document.watch.user
    right: list[Span] = []
    if user and view.width >= 100:
        right.append(Span(f"{user}  ", "dim"))
    right.append(Span(view.status, "dim" if view.status == "read-only" else "warn b"))
    end = view.width - 1 - sum(cell_len(span.text) for span in right)
    row = Row(view.width)
    if view.message:
        row.put(TEXT, view.message, "strong", end - 2)
    else:
        gap = 2 if view.width < 100 else 3
        for key, word in view.keys:
            begin = TEXT if row.at == 0 else row.at + gap
            if begin + cell_len(key) + cell_len(word) + 1 > end - 2:
                break
            row.put(begin, key, "info", action=("key", key)).then(f" {word}", "dim")
    if end > row.at:
        row.to(end).spans(right)
    return row.line("band")
