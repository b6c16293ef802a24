"""What stands on every screen: site band, headline, notice, breadcrumb, filter line, footer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from estate.document import SEVERITIES, Severity, SiteRow
from estate.language import ENGLISH, Words, later
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, Page, Span, cut, elided
from tui.paint.glyphs import SEVERITY_ROLES, Glyph
from tui.paint.headline import headline
from tui.paint.lists import shares
from tui.paint.paths import named_first
from tui.paint.rows import TEXT, Row, lead
from tui.paint.states import Standing, current
from tui.paint.view import View

#: The screens by the names that the breadcrumb and `:` have for them.
SCREENS = (
    *(later("home"), later("hosts"), later("problems"), later("events")),
    *(later("services"), later("budget"), later("queues"), later("readiness"), later("tenants")),
    *(later("replication"), later("certificates"), later("patches")),
    *(later("runbooks"), later("runs"), later("handover"), later("timeline")),
    *(later("help"), later("settings")),
)
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
    said = _run_that_asks(view) or notice(view, standing)
    if said is not None:
        lines.append(said)
    elif view.height >= AIRY and not (view.attention.zoom and view.screen != "home"):
        lines.append(Line())
    return lines


def _run_that_asks(view: View) -> Line | None:
    """A run waits for a person: said wherever they are, but where it is seen anyway."""
    if view.screen in ("home", "runs", "run") or not any(
        run.question for run in view.document.runs
    ):
        return None
    from tui.paint.runline import foremost, run_line  # with the first run that asks

    row = foremost(view)
    return run_line(view, row) if row is not None and row.question else None


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
        row.put(TEXT, view.document.estate or view.words.say("no estate"), "strong b", room)
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
        more = view.words.say("+{count:,} sites", count=len(sites) - at)
        rest = (Span(more, "dim"),) if shown else _together(view)
        if _cells(each) + _gap(view) + (_cells(rest) + 2 if at < len(words) - 1 else 0) > room:
            return [*shown, rest]
        shown.append(each)
        room -= _cells(each) + _gap(view)
    return shown


def _site(site: SiteRow, view: View, detail: int) -> tuple[Span, ...]:
    """A site in more or fewer words: 4 says "up", 3 the role, 2 the name, 1 only the figures."""
    symbol = _severity_glyph(site.severity) if site.total else _NO_HOSTS
    name = site_name(site, view.words)
    role = role_word(site.role, name, view.words) if detail > 2 else ""
    hurt = SEVERITY_ROLES[site.severity] if site.up < site.total else "dim"
    up = f" {view.words.say_in('of hosts', 'up')}" if detail > 3 else ""
    return (
        Span(symbol.symbol, symbol.role),
        Span(f" {cut(name, 16)} " if detail > 1 else " ", "strong b"),
        Span(f"{role} " if role else "", "dim"),
        Span(numbers.count(site.up), "text" if hurt == "dim" else f"{hurt} b"),
        Span(f"/{site.total:,}{up}", "text"),
    )


#: A site without hosts is neither well nor ill.
_NO_HOSTS = glyphs.GLYPHS["skipped"]


#: The roles that the estate file knows, beside "other".
_SITE_ROLES = (later("primary"), later("recovery"))


def role_word(role: str, site: str, words: Words) -> str:
    """A site's role, in English as the estate file has it; "" for "other", and where the site is
    called so.
    """
    said = words.say(role) if role in _SITE_ROLES else role
    return "" if role in ("other", site) or said in site else said


def site_name(site: SiteRow, words: Words) -> str:
    """What a site is called: its key in English, which filters take, else its name."""
    if words.language == ENGLISH.language:
        return site.key
    return site.names.get(words.language) or site.name or site.key


def _moment(view: View) -> tuple[Span, ...]:
    document = view.document
    old = view.now - document.at
    fresh = current(view)
    if view.past_for is not None:
        ago = view.words.say("{age} ago", age=numbers.age(view.past_for))
        spans = [Span("  "), Span(f"{view.words.say('PAST')} {ago}", "warn b")]
    elif view.held_at is not None:
        held = numbers.duration((view.now - view.held_at) / 1000)
        spans = [Span("  "), Span(f"{view.words.say('PAUSED')} {held}", "warn b")]
    else:
        word = view.words.say("LIVE") if fresh else view.words.say("STALE")
        role = "good" if fresh else "unk b"
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
        today = numbers.day(view.now, document.timezone, view.words)
        spans.insert(0, Span(f"  {today} ", "dim"))
    return tuple(spans)


def _severity_glyph(severity: Severity) -> Glyph:
    return glyphs.GLYPHS[severity.value]


# ── row 2: what a person must know before believing the rest ────────────────────────────────────


def notice(view: View, standing: Standing) -> Line | None:
    """Records that are not kept, an estate file that was refused, a board out of the records."""
    watch, say = view.document.watch, view.words.say
    said: list[str] = []
    if watch.records:
        said.append(say("records are not kept: {why}", why=named_first(watch.records)))
    if watch.estate_problem:
        why = named_first(watch.estate_problem)
        said.append(say("estate refused, the old one holds: {why}", why=why))
    if watch.restored_until is not None:
        old = sum(
            row.at is not None and row.at <= watch.restored_until
            for row in view.document.hosts.values()
        )
        if old:
            timezone = view.document.timezone
            until = numbers.moment(watch.restored_until, view.now, timezone, view.words)
            restored = say("values up to {time} come from the records", time=until)
            said.append(f"{restored}: {say('{count:,} hosts not measured since', count=old)}")
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


#: Cells of a trail that nothing beside it may take.
_LEAST_TRAIL = 12


def breadcrumb(view: View, right: Sequence[Span] = ()) -> Line:
    """Where the person is, and at the right how the list is ordered."""
    cells = sum(cell_len(span.text) for span in right)
    end = view.width - 1 - cells - (2 if cells else 0)
    if end < _LEAST_TRAIL:  # where one is comes before how it is
        right, end = (), view.width - 1
    row = Row(view.width)
    trail = view.trail or (view.screen,)
    for position, place in enumerate(trail):
        last = position == len(trail) - 1
        name = view.words.say(place) if place in SCREENS and place != view.subject else place
        shown = elided(name, max(1, end - max(TEXT, row.at)))
        row.put(TEXT, shown, "strong b" if last else "text", end)
        if not last:
            row.then(" › ", "dim", end)
    if right and end >= row.at:
        row.to(view.width - 1 - cells).spans(right)
    return row.line()


def beside_trail(view: View, parts: Sequence[str]) -> str:
    """As many of `parts` as leave the trail whole, the first of them first; "" where none does."""
    words = (view.words.say(each) if each in SCREENS else each for each in view.trail)
    room = view.width - 1 - 2 - TEXT - cell_len(" › ".join(words))
    joined = (" · ".join(parts[:most]) for most in range(len(parts), 0, -1))
    return next((each for each in joined if cell_len(each) <= room), "")


def filter_line(view: View, matching: int, total: int) -> Line | None:
    """`/ text▏  56 of 80 match · 3 marked`; None when nothing is filtered, typed or marked."""
    attention = view.attention
    shown = attention.filter or attention.filter_open or attention.faults_only
    if not (shown or attention.marks or attention.filter_error):
        return None
    say, counts = view.words.say, list[Span]()
    if shown:
        counts.append(Span(f"{matching:,}", "text"))
        counts.append(Span(say(" of {total:,} match", total=total), "dim"))
    if attention.marks:
        counts += [Span(" · ", "dim")] if counts else []
        counts.append(Span(say("{count:,} marked", count=len(attention.marks)), "info"))
    start = view.width - 1 - sum(cell_len(span.text) for span in counts)
    row = Row(view.width).put(1, "/", "info b").put(TEXT, attention.filter, "text", start - 2)
    if attention.filter_open:
        row.then("▏", "info", start)
    if attention.faults_only:
        row.then(" ! " if attention.filter else "! ", "warn", start - 2)
        row.then(say("faults only"), "warn", start - 2)
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
    plain = view.status == view.words.say("read-only")
    right.append(Span(view.status, "dim" if plain else "warn b"))
    end = view.width - 1 - sum(cell_len(span.text) for span in right)
    row = Row(view.width)
    if view.message:
        row.put(TEXT, view.message, "strong", end - 2)
    else:
        gap = 2 if view.width < 100 else 3
        for key, name in view.keys:
            word = view.words.say(name)
            begin = TEXT if row.at == 0 else row.at + gap
            if begin + cell_len(key) + cell_len(word) + 1 > end - 2:
                break
            row.put(begin, key, "info", action=("key", key)).then(f" {word}", "dim")
    if end > row.at:
        row.to(end).spans(right)
    return row.line("band")
