"""The certificates screen: the first to expire first, both sites side by side.

Rows of one name should be one certificate: where a site has an older one, or a host serves another
than lies in its file, the row says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from estate.certificates import DAY_MS, CertificateRow, mismatched
from estate.language import Words, later
from tui.paint import glyphs, numbers
from tui.paint.believed import why_not
from tui.paint.cells import Line, Page, fit, tail
from tui.paint.glyphs import Glyph
from tui.paint.listing import listed
from tui.paint.rows import TEXT, Label, heading, lead
from tui.paint.view import View

_WARN_MS, _CRITICAL_MS = 30 * DAY_MS, 7 * DAY_MS
_SITE = 10
_SOURCES = {"file": later("in a file"), "served": later("served")}


@dataclass(frozen=True, slots=True)
class Named:
    """All places of one certificate."""

    name: str
    rows: tuple[CertificateRow, ...]

    def left_ms(self, now: int, site: str = "") -> int | None:
        """How long the first of them, at `site` if given, is good for; None if nobody knows."""
        lefts = [row.left_ms(now) for row in self.rows if site in ("", row.site)]
        return min((each for each in lefts if each is not None), default=None)


def paint(view: View) -> Page:
    """The whole screen."""
    say, found = view.words.say, grouped(view.document.certificates, view.now)
    sites = [site.key for site in view.document.sites]
    labels = [Label(_end(view, number), key) for number, key in enumerate(sites)]
    lefts = [each.left_ms(view.now) for each in found]
    due = sum(left is not None and left <= _WARN_MS for left in lefts)
    return listed(
        view,
        heading(view.width, say("CERTIFICATES"), f"{len(found):,}" if found else "", labels),
        found,
        lambda each, cursor: _line(view, each, sites, cursor),
        lambda each, room: _about(view, each, room),
        note=say("{count} to renew", count=due) if due else "",
        empty=say("The estate names no certificates (probes: certificates:)."),
    )


def keys(view: View) -> tuple[str, ...]:
    """Every certificate, shown or not."""
    return tuple(_key(each) for each in grouped(view.document.certificates, view.now))


def grouped(rows: Iterable[CertificateRow], now: int) -> list[Named]:
    """Certificates by name: expired ones, those of which nothing is known, the first to expire."""
    found: dict[str, list[CertificateRow]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(row)
    every = [Named(name, tuple(places)) for name, places in found.items()]
    return sorted(every, key=lambda each: (each.left_ms(now) or 0, each.name))


def first_to_expire(rows: Sequence[CertificateRow]) -> list[CertificateRow]:
    """Rows in the order of their ends, those of which nobody knows it first."""
    return sorted(rows, key=lambda row: (row.not_after or 0, row.name, row.host, row.source))


def days(left_ms: int, words: Words) -> str:
    """`84 d`, in the last two days `31 h 20`; after the end a word."""
    if left_ms < 0:
        return words.say("expired")
    return f"{left_ms // DAY_MS} d" if left_ms >= DAY_MS else numbers.remaining(left_ms / 1000)


def role_of(left_ms: int | None) -> str:
    """The colour of what is left."""
    if left_ms is None:
        return "unk"
    return "crit b" if left_ms <= _CRITICAL_MS else "warn" if left_ms <= _WARN_MS else "text"


def what_differs(each: Named, view: View) -> tuple[str, str]:
    """What is odd about a certificate's places, and the role in which that is said."""
    say = view.words.say
    if pairs := mismatched(each.rows):
        hosts = ", ".join(sorted({served.host for _, served in pairs}))
        return say("not what lies in the file is served: {hosts}", hosts=hosts), "warn"
    known = [row for row in each.rows if row.fingerprint and row.not_after is not None]
    newest = max(known, key=lambda row: row.not_after or 0, default=None)
    if newest is not None:
        old = [row for row in known if row.fingerprint != newest.fingerprint]
        stale = sorted({row.site for row in old})
        if stale and newest.site not in stale:
            return say("{sites} has an older one", sites=", ".join(stale)), "warn"
        if old:
            hosts = ", ".join(sorted({row.host for row in old}))
            return say("an older one on {hosts}", hosts=hosts), "warn"
    for row in each.rows:
        if why := why_not(view, row):
            return f"{row.host}: {why}", "unk"
    issuer = newest.issuer if newest else ""
    return issuer, "dim"


def _key(each: Named) -> str:
    return f"certificate:{each.name}"


def _name_cells(view: View) -> int:
    return 32 if view.width >= 100 else 20


def _end(view: View, number: int) -> int:
    return TEXT + _name_cells(view) + _SITE * (number + 1)


def _line(view: View, each: Named, sites: Sequence[str], cursor: bool) -> Line:
    said, role = what_differs(each, view)
    row = lead(view.width, _glyph(each, view.now, role), cursor=cursor)
    row.put(TEXT, fit(each.name, _name_cells(view)), "strong b" if cursor else "text")
    for number, site in enumerate(sites):
        end = _end(view, number)
        if end >= view.width:
            break
        if any(place.site == site for place in each.rows):
            left = each.left_ms(view.now, site)
            shown = numbers.UNKNOWN if left is None else days(left, view.words)
            row.right(end, shown, role_of(left))
        else:
            row.right(end, numbers.NONE, "dim")
    row.put(_end(view, len(sites) - 1) + 2, said, role, view.width - 1)
    return row.line("sel" if cursor else "", _key(each))


def _glyph(each: Named, now: int, role: str) -> Glyph:
    left = each.left_ms(now)
    if left is None:
        return glyphs.UNKNOWN
    if left <= _CRITICAL_MS:
        return glyphs.CAUSE
    if left <= _WARN_MS or role == "warn":
        return glyphs.WARNING
    return glyphs.OK if all(row.known(now) for row in each.rows) else glyphs.UNKNOWN


def _about(view: View, each: Named, room: int) -> list[Line]:
    """Every place of the certificate at the cursor."""
    say, width = view.words.say, view.width
    known = next((row for row in each.rows if row.subject), each.rows[0])
    covers = ", ".join(known.names) or known.subject
    note = f"{each.name} · {covers}" if covers not in ("", each.name) else each.name
    lines = [heading(width, say("PLACES"), note)]
    for place in first_to_expire(each.rows)[: max(0, room - 1)]:
        left = place.left_ms(view.now)
        old = why_not(view, place)
        row = lead(width, glyphs.UNKNOWN if old or left is None else glyphs.OK)
        row.put(TEXT, place.host, "text", 18).put(19, say(_SOURCES[place.source]), "dim", 28)
        shown = numbers.UNKNOWN if left is None else days(left, view.words)
        row.right(37, shown, role_of(left))
        row.put(39, tail(place.serial, 8), "dim", 48)
        age = numbers.NONE if place.at is None else numbers.age(view.now - place.at)
        row.right(56, age, "dim")
        row.put(58, old or place.place, "unk" if old else "dim", width - 1)
        lines.append(row.line())
    return lines[:room]
