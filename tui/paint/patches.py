"""The patches screen: what waits on each group, site beside site, and who differs from whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from estate.document import Document
from estate.language import Words
from estate.patches import PatchRow
from tui.paint import glyphs, numbers
from tui.paint.believed import why_not
from tui.paint.cells import Line, Page, fit
from tui.paint.glyphs import Glyph
from tui.paint.listing import listed
from tui.paint.rows import TEXT, Label, heading, lead
from tui.paint.view import View

_NAME, _SITE = 12, 14


@dataclass(frozen=True, slots=True)
class Batch:
    """Hosts that are patched together: a group, or the hosts of some tenants."""

    key: str
    name: str
    rows: tuple[PatchRow, ...]

    def at(self, site: str) -> tuple[PatchRow, ...]:
        """Those of one site."""
        return tuple(row for row in self.rows if row.site == site)

    def known(self, now: int) -> tuple[PatchRow, ...]:
        """Those of which it is known now what waits, and what is installed."""
        return tuple(row for row in self.rows if row.known(now) and row.security is not None)


def paint(view: View) -> Page:
    """The whole screen."""
    say, document = view.words.say, view.document
    sites = [site.key for site in document.sites]
    labels = [Label(_end(number), key) for number, key in enumerate(sites)]
    rows = document.patches
    exposed = sum(bool(row.security) for row in rows)
    note = say("security / all that wait · {count} of {hosts} hosts exposed",
               count=exposed, hosts=len(rows))  # fmt: skip
    return listed(
        view,
        heading(view.width, say("PATCHES"), "", labels),
        batches(document),
        lambda each, cursor: _line(view, each, sites, cursor),
        lambda each, room: _about(view, each, room),
        note=note,
        empty=say("The estate asks no host for its packages (probes: packages: true)."),
    )


def keys(view: View) -> tuple[str, ...]:
    """Every group and every lot of tenants, shown or not."""
    return tuple(each.key for each in batches(view.document))


def batches(document: Document) -> list[Batch]:
    """Groups, the most exposed first; then tenants, where their hosts are not all the same."""
    groups: dict[str, list[PatchRow]] = {}
    served: dict[tuple[str, ...], list[PatchRow]] = {}
    for row in document.patches:
        host = document.hosts.get(row.host)
        for group in host.groups if host else ():
            groups.setdefault(group, []).append(row)
        if host and host.tenants:
            served.setdefault(host.tenants, []).append(row)
    found = [Batch(f"group:{name}", name, tuple(rows)) for name, rows in groups.items()]
    found.sort(key=lambda each: (-_most(each.rows), each.name))
    if len(served) > 1:
        found += [
            Batch(f"tenants:{' '.join(tenants)}", " ".join(tenants), tuple(rows))
            for tenants, rows in served.items()
        ]
    return found


def most_exposed(rows: Iterable[PatchRow]) -> list[PatchRow]:
    """Hosts of which nobody knows first, then those with most that mends a hole."""
    return sorted(
        rows,
        key=lambda row: (row.security is not None, -(row.security or 0), -(row.pending or 0)),
    )


def due(reboot: bool | None, words: Words) -> str:
    """Whether a restart is due, in a word."""
    if reboot is None:
        return numbers.UNKNOWN
    return words.say("due") if reboot else words.say("no")


def _most(rows: Iterable[PatchRow]) -> int:
    return max((row.security or 0 for row in rows), default=0)


def _end(number: int) -> int:
    return TEXT + _NAME + _SITE * (number + 1)


def _glyph(each: Batch, now: int) -> Glyph:
    known = each.known(now)
    if _most(known) or any(row.reboot for row in known):
        return glyphs.WARNING
    return glyphs.OK if len(known) == len(each.rows) else glyphs.UNKNOWN


def _line(view: View, each: Batch, sites: Sequence[str], cursor: bool) -> Line:
    row = lead(view.width, _glyph(each, view.now), cursor=cursor)
    known = each.known(view.now)
    row.put(TEXT, fit(each.name, _NAME), "strong b" if cursor else "text")
    for number, site in enumerate(sites):
        if _end(number) >= view.width:
            break
        here = each.at(site)
        security = [host.security for host in here if host.security is not None]
        pending = [host.pending for host in here if host.pending is not None]
        if not here:
            row.right(_end(number), numbers.NONE, "dim")
        elif not security:
            row.right(_end(number), numbers.UNKNOWN, "unk")
        else:
            most = max(security)
            of_all = f" / {max(pending, default=0):,}"
            role = "warn" if most else "text"
            row.right(_end(number), f"{most:,}", role if set(here) & set(known) else "unk", of_all)
    said, role = _said(each, sites, view)
    row.put(_end(len(sites) - 1) + 2, said, role, view.width - 1)
    return row.line("sel" if cursor else "", each.key)


def _said(each: Batch, sites: Sequence[str], view: View) -> tuple[str, str]:
    """What else there is to know: restarts, who differs from whom, and who is not known."""
    parts, words, known = [], view.words, each.known(view.now)
    unknown = len(each.rows) - len(known)
    if unknown:
        parts.append(words.say_many("{count} host unknown", "{count} hosts unknown", unknown))
    restarts = sum(bool(row.reboot) for row in known)
    if restarts:
        parts.append(words.say_many("{count} restart due", "{count} restarts due", restarts))
    installed = [(row.site, row.installed) for row in known if row.installed]
    states = {site: {each for at, each in installed if at == site} for site in sites}
    different = len({each for _, each in installed})
    uneven = [site for site, found in states.items() if len(found) > 1]
    if uneven:
        parts.append(words.say("hosts of {sites} differ", sites=", ".join(uneven)))
    elif different > 1:
        parts.append(words.say("the sites differ"))
    elif different == 1 and 1 < len(each.rows) == len(installed):
        parts.append(words.say("all alike"))
    calm = not unknown and not restarts and different <= 1
    return " · ".join(parts), "dim" if calm else "text"


def _about(view: View, each: Batch, room: int) -> list[Line]:
    """The hosts of the group at the cursor, the most exposed first."""
    say, width = view.words.say, view.width
    labels = [
        Label(28, say("security")), Label(38, say("pending")), Label(48, say("restart")),
        Label(58, say("applied")), Label(66, say("lists")),
    ]  # fmt: skip
    lines = [heading(width, say("HOSTS"), "", labels)]
    for row in most_exposed(each.rows)[: max(0, room - 1)]:
        line = lead(width, _glyph(Batch("", "", (row,)), view.now))
        old = why_not(view, row)
        line.put(TEXT, row.host, "text", 20)
        # What is too old to be believed keeps its figures, in no colour of now.
        roles = ("unk", "unk", "unk") if old else (
            "warn" if row.security else "text", "text", "warn" if row.reboot else "dim"
        )  # fmt: skip
        line.right(28, numbers.count(row.security), roles[0])
        line.right(38, numbers.count(row.pending), roles[1])
        line.right(48, due(row.reboot, view.words), roles[2])
        line.right(58, _since(view, row.applied_at), "dim")
        line.right(66, _since(view, row.listed_at), "dim")
        said = old or ", ".join(row.names) or row.release
        lines.append(line.put(68, said, "unk" if old else "dim", width - 1).line())
    return lines[:room]


def _since(view: View, at: int | None) -> str:
    return numbers.NONE if at is None else numbers.age(view.now - at)
