"""What is known of one host beside its charts: why, units, file systems, processes, events."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from estate.document import HostDetail, HostRow, Problem
from estate.samples import Reading
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, cut
from tui.paint.charts import bar
from tui.paint.glyphs import SEVERITY_ROLES
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import Standing, handled
from tui.paint.view import View


@dataclass(frozen=True, slots=True)
class Parts:
    """The sections of one host in a column of `width` cells."""

    view: View
    stand: Standing
    row: HostRow
    problems: tuple[Problem, ...]
    width: int

    def lines(self, room: int, *, airy: bool = True) -> list[Line]:
        """The sections one below the other; where `room` is short the longest give first."""
        sections = [each for each in self._sections() if each]
        gap = 1 if airy else 0
        most = max((len(each) for each in sections), default=0)
        while most > 3 and sum(min(len(s), most) + gap for s in sections) - gap > room:
            most -= 1
        lines: list[Line] = []
        for section in sections:
            if lines and airy:
                lines.append(Line())
            lines += section[:most]
        return lines

    def _sections(self) -> Iterator[list[Line]]:
        yield self._why()
        detail = self.view.detail
        if detail is None or detail.name != self.row.name:
            yield [Row(self.width).put(TEXT, "Asking the watch for the rest …", "dim").line()]
            return
        yield self._units(detail)
        yield self._filesystems(detail)
        yield self._interfaces(detail)
        yield self._processes(detail)
        yield self._clock(detail)
        yield self._gaps(detail)
        yield self._events(detail)

    # ── the worst first ─────────────────────────────────────────────────────────────────────────

    def _why(self) -> list[Line]:
        """Its problems in words, or why it can't be asked and what to do about it."""
        lines = [heading(self.width, "WHY")]
        for problem in self.problems:
            role = "dim" if handled(problem) else f"{SEVERITY_ROLES[problem.severity]} b"
            lines += self._wrapped(problem.what, role)
            lines += self._wrapped(problem.why, "dim")
            owner = problem.owner or "nobody"
            row = Row(self.width).put(TEXT, owner, "text" if problem.owner else "warn")
            row.then(f" · {numbers.duration((self.view.now - problem.since) / 1000)}", "dim")
            lines.append(row.line())
        cause = self.row.cause
        if cause is not None and self.stand.states[self.row.name].word != "live":
            if not any(cause.what in problem.what for problem in self.problems):
                lines += self._wrapped(f"{cause.stage.value}: {cause.what}", "text")
            if not any(cause.remedy in problem.why for problem in self.problems):
                lines += self._wrapped(cause.remedy, "dim")
        if self.row.retry_at is not None and self.row.retry_at > self.view.now:
            wait = numbers.age(self.row.retry_at - self.view.now)
            lines.append(Row(self.width).put(TEXT, f"tried again in {wait}", "dim").line())
        if self.row.note:
            lines += self._wrapped(self.row.note, "dim")
        if len(lines) == 1:
            lines.append(Row(self.width).put(TEXT, "Nothing is wrong here.", "dim").line())
        return lines

    def _wrapped(self, text: str, role: str) -> list[Line]:
        """`text` in lines; words too long for one are broken."""
        room = max(8, self.width - TEXT - 1)
        if cell_len(text) != len(text):  # wide characters: textwrap counts them as one cell
            room //= 2
        wrapped = textwrap.wrap(text, room)
        return [Row(self.width).put(TEXT, part, role).line() for part in wrapped]

    # ── probes ──────────────────────────────────────────────────────────────────────────────────

    def _units(self, detail: HostDetail) -> list[Line]:
        units = _readings(detail, "unit")
        if not units:
            return []
        failed = [unit for unit in units if unit.text not in _WELL]
        note = (
            f"{len(units):,}, {len(failed):,} failed" if failed else f"{len(units):,}, none failed"
        )
        lines = [heading(self.width, "UNITS", note)]
        for unit in (*failed, *(unit for unit in units if unit.text in _WELL)):
            bad = unit.text not in _WELL
            row = lead(self.width, glyphs.CAUSE if bad else glyphs.OK)
            end = self.width - 1 - cell_len(unit.text) - 1
            name = unit.subject.removesuffix(".service")
            row.put(TEXT, name, "strong b" if bad else "text", end)
            lines.append(row.right(self.width - 1, unit.text, "crit" if bad else "dim").line())
        return lines

    def _filesystems(self, detail: HostDetail) -> list[Line]:
        if not detail.filesystems:
            return []
        end = self.width - 1
        lines = [
            heading(self.width, "FILE SYSTEMS", "", (Label(end - 8, "used"), Label(end, "of GiB")))
        ]
        hot = self.stand.hot.get((self.row.name, "disk"), "")
        full = {p.id.removeprefix(f"{self.row.name}/disk") for p in self.problems}
        cells = max(4, min(24, (self.width - 30) // 2 + 4))
        start = end - 8 - 5 - cells - 1
        for each in sorted(detail.filesystems, key=lambda each: -_share(each.used_percent)):
            over = hot if each.mount in full else ""
            row = Row(self.width).put(TEXT, each.mount, "strong b" if over else "text", start - 1)
            row.to(start).spans(bar(_share(each.used_percent) / 100, cells, over or "dim"))
            row.right(end - 8, numbers.percent(each.used_percent), over or "text", "%")
            lines.append(row.right(end, numbers.count(each.size / 2**30), "dim").line())
        return lines

    def _interfaces(self, detail: HostDetail) -> list[Line]:
        if not detail.interfaces:
            return []
        end = self.width - 1
        lines = [heading(self.width, "INTERFACES", "", (Label(end - 11, "in"), Label(end, "out")))]
        for each in sorted(detail.interfaces, key=lambda each: -_share(each.bytes_in)):
            wrong = each.errors > 0
            row = lead(self.width, glyphs.WARNING if wrong else None)
            row.put(TEXT, each.name, "text", end - 22)
            row.right(end - 11, numbers.rate(each.bytes_in), "text")
            lines.append(row.right(end, numbers.rate(each.bytes_out), "text").line())
            if wrong:
                words = f"{numbers.decimal(each.errors)} errors and drops a second"
                lines.append(Row(self.width).put(TEXT + 2, words, "warn", end).line())
        return lines

    def _processes(self, detail: HostDetail) -> list[Line]:
        processes = sorted(_readings(detail, "process"), key=lambda each: -_share(each.value))
        if not processes:
            return []
        end = self.width - 1
        lines = [heading(self.width, "PROCESSES", "", (Label(end - 6, "cpu"), Label(end, "mem")))]
        for each in processes:
            many = each.attributes.get("count", 1.0)
            name = (
                each.subject
                if not isinstance(many, float) or many <= 1
                else f"{each.subject} ×{many:.0f}"
            )
            row = Row(self.width).put(TEXT, name, "text", end - 14)
            row.right(end - 6, numbers.percent(each.value), "text", "%")
            memory = each.attributes.get("memory")
            words = numbers.percent(memory) if isinstance(memory, float | int) else numbers.UNKNOWN
            lines.append(row.right(end, words, "text", "%").line())
        return lines

    def _clock(self, detail: HostDetail) -> list[Line]:
        readings = detail.readings.get("clock", ())
        if not readings:
            return []
        lines = [heading(self.width, "CLOCK")]
        for each in readings:
            words = f"{each.name.removeprefix('clock_').replace('_', ' ')} {each.subject}".rstrip()
            row = Row(self.width).put(TEXT, words, "dim", self.width // 2)
            said = [each.text] if each.text else []
            if numbers.known(each.value):
                offset = "offset" in each.name
                figure = f"{each.value:+.1f} ms" if offset else numbers.decimal(each.value)
                said.insert(0, figure)
            words = cut(" ".join(said) or numbers.UNKNOWN, self.width // 2)
            lines.append(row.right(self.width - 1, words, "text").line())
        return lines

    def _gaps(self, detail: HostDetail) -> list[Line]:
        """Probes that could not measure: unknown is said, never left out."""
        if not detail.gaps:
            return []
        lines = [heading(self.width, "NOT MEASURED")]
        for probe, reason in sorted(detail.gaps.items()):
            row = lead(self.width, glyphs.UNKNOWN).put(TEXT, probe, "text")
            lines.append(row.then(f"  {reason}", "dim", self.width - 1).line())
        return lines

    def _events(self, detail: HostDetail) -> list[Line]:
        lines = [heading(self.width, "EVENTS")]
        for event in detail.events:
            glyph = (
                glyphs.DONE if event.severity.value == "ok" else glyphs.GLYPHS[event.severity.value]
            )
            row = lead(self.width, glyph)
            row.put(TEXT, numbers.clock(event.at, self.view.document.timezone), "dim")
            lines.append(row.put(TEXT + 10, event.what, "text", self.width - 1).line())
        if not detail.events:
            lines.append(Row(self.width).put(TEXT, "None kept of this host.", "dim").line())
        return lines


#: What systemd says of units that need nobody.
_WELL = ("active", "activating", "reloading", "exited", "running")


def _readings(detail: HostDetail, name: str) -> Sequence[Reading]:
    return [each for readings in detail.readings.values() for each in readings if each.name == name]


def _share(value: float) -> float:
    """`value` for sorting and bars, where what is not known counts as nothing."""
    return value if numbers.known(value) else 0.0
