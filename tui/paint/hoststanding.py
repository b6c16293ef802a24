"""What stands on one host, for its own page: replication to backups, a line each; and its logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from estate.certificates import DAY_MS
from estate.document import HostDetail
from estate.standing import Measured
from tui.paint import glyphs, numbers
from tui.paint.cells import Line
from tui.paint.certificates import days, first_to_expire, role_of
from tui.paint.glyphs import Glyph
from tui.paint.rows import TEXT, Row, heading, lead
from tui.paint.view import View

#: A certificate that expires within this time is worth a second look.
_SOON_MS = 30 * DAY_MS
#: Lines of each log that its page has room for.
_LOG_LINES = 8


def standing_lines(view: View, host: str, width: int) -> list[Line]:
    """A section of what is known of `host` besides its load; none where nothing is asked of it."""
    lines = list(_Column(view, width).lines(host))
    return [heading(width, view.words.say("ALSO HERE")), *lines] if lines else []


def log_lines(view: View, detail: HostDetail, width: int) -> list[Line]:
    """The last lines of each log that the estate names, oldest first."""
    logs: dict[str, list[str]] = {}
    for reading in detail.readings.get("logs", ()):
        logs.setdefault(reading.subject, []).append(reading.text)
    lines: list[Line] = []
    for name, said in logs.items():
        lines.append(heading(width, view.words.say("LOG"), name))
        lines += [
            Row(width).put(TEXT, text, "dim", width - 1).line() for text in said[-_LOG_LINES:]
        ]
    return lines


@dataclass(frozen=True, slots=True)
class _Column:
    """The lines of one host in a column of `width` cells."""

    view: View
    width: int

    def lines(self, host: str) -> Iterator[Line]:
        """All there is, databases first."""
        yield from self.databases(host)
        yield from self.front(host)
        yield from self.kept(host)
        power = self.view.document.hosts[host].values.get("power")
        if power is not None:
            row = Row(self.width).put(TEXT, self.view.words.say("processors"), "text")
            yield row.right(self.width - 1, f"{numbers.count(power)} W", "text").line()

    def line(
        self, row: Measured, glyph: Glyph, text: str, right: str, *, role: str = "text"
    ) -> Line:
        """`text` of `row`, with a figure at the right: of now, or in no colour of now."""
        known = row.known(self.view.now)
        made = lead(self.width, glyph if known else glyphs.UNKNOWN)
        made.put(TEXT, text, "text", self.width - 14)
        if row.gap:
            return made.then(f"  {row.gap}", "dim", self.width - 1).line()
        return made.right(self.width - 1, right, role if known else "unk").line()

    def databases(self, host: str) -> Iterator[Line]:
        for server in (row for row in self.view.document.replication if row.host == host):
            for stream in server.streams:
                lag = stream.lag_seconds
                figure = stream.state if lag is None else f"{numbers.decimal(lag)} s"
                arrives = stream in server.arriving
                well = glyphs.UNKNOWN if arrives and lag is None else glyphs.OK
                glyph = well if stream.flowing else glyphs.CAUSE
                text = f"{server.system} {'←' if arrives else '→'} {stream.peer}"
                yield self.line(server, glyph, text, figure)
            if not server.streams:
                glyph = glyphs.OK if server.role else glyphs.UNKNOWN
                yield self.line(server, glyph, server.system, server.role or numbers.UNKNOWN)

    def front(self, host: str) -> Iterator[Line]:
        say, document = self.view.words.say, self.view.document
        for proxy in (row for row in document.proxies if row.host == host):
            for each in proxy.backends:
                wrong = glyphs.WARNING if each.serving else glyphs.CAUSE
                up = say("{up} of {servers} up", up=each.up, servers=each.servers)
                well = each.serving and not each.down
                yield self.line(proxy, glyphs.OK if well else wrong, each.name, up)
            if not proxy.backends:
                yield self.line(proxy, glyphs.OK, "haproxy", "")
        for address in (row for row in document.addresses if row.host == host):
            held = numbers.UNKNOWN
            if address.held is not None:
                held = say("held") if address.held else say("not held")
            glyph = glyphs.UNKNOWN if address.held is None else glyphs.OK
            yield self.line(address, glyph, address.address, held)
        here = [row for row in document.certificates if row.host == host]
        for certificate in first_to_expire(here)[:4]:
            left = certificate.left_ms(self.view.now)
            glyph = glyphs.OK if left is None or left > _SOON_MS else glyphs.WARNING
            glyph = glyphs.UNKNOWN if left is None else glyph
            figure = numbers.UNKNOWN if left is None else days(left, self.view.words)
            yield self.line(certificate, glyph, certificate.name, figure, role=role_of(left))

    def kept(self, host: str) -> Iterator[Line]:
        say, document = self.view.words.say, self.view.document
        for backup in (row for row in document.backups if row.host == host):
            age = backup.age_ms(self.view.now)
            late = age is not None and backup.objective_ms is not None and age > backup.objective_ms
            bad = late or backup.copies == 0 or backup.small
            well = glyphs.UNKNOWN if age is None else glyphs.OK
            figure = say("no copy") if backup.copies == 0 else numbers.UNKNOWN
            figure = figure if age is None else numbers.oldness(age)
            name = say("backup {name}", name=backup.name)
            yield self.line(backup, glyphs.WARNING if bad else well, name, figure)
        for patches in (row for row in document.patches if row.host == host):
            unknown = patches.security is None or patches.pending is None
            glyph = glyphs.UNKNOWN if unknown else glyphs.OK
            glyph = glyphs.WARNING if patches.security or patches.reboot else glyph
            waiting = f"{numbers.count(patches.security)} / {numbers.count(patches.pending)}"
            text = say("packages, security / all")
            if patches.reboot:
                text = f"{text} · {say('restart due')}"
            yield self.line(patches, glyph, text, waiting)
