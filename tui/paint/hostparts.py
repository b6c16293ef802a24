"""What is known of one host beside its charts: why, units, file systems, processes, events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from estate.document import HostDetail, HostRow, Problem
from estate.language import later
from estate.ordering import handled
from estate.samples import Reading
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, cut, wrapped
from tui.paint.charts import bar
from tui.paint.eventtable import event_glyph
from tui.paint.glyphs import SEVERITY_ROLES, Glyph
from tui.paint.hoststanding import log_lines, standing_lines
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import Standing, taken_over
from tui.paint.view import View


@dataclass(frozen=True, slots=True)
class Parts:
    """The sections of one host in a column of `width` cells."""

    view: View
    stand: Standing
    row: HostRow
    problems: tuple[Problem, ...]
    width: int

    def lines(self, *, airy: bool = True) -> list[Line]:
        """The sections one below the other, what needs a person first."""
        lines: list[Line] = []
        for section in self._sections():
            if lines and section and airy:
                lines.append(Line())
            lines += section
        return lines

    def _capped(self, lines: list[Line], most: int, more: str) -> list[Line]:
        """A heading and at most `most` rows; `more` says that there are {count} others."""
        hidden = len(lines) - 1 - most
        if hidden < 2:
            return lines
        said = self.view.words.say(more, count=hidden)
        return [*lines[: most + 1], Row(self.width).put(TEXT, said, "dim").line()]

    def _sections(self) -> Iterator[list[Line]]:
        yield self._why()
        detail = self.view.detail
        if detail is None or detail.name != self.row.name:
            asking = self.view.words.say("Asking the watch for the rest …")
            yield [Row(self.width).put(TEXT, asking, "dim").line()]
            return
        if self._believed == "none":
            yield self._withheld()
            yield self._events(detail)
            return
        yield self._units(detail)
        yield self._filesystems(detail)
        yield self._interfaces(detail)
        yield standing_lines(self.view, self.row.name, self.width)
        yield self._processes(detail)
        yield self._events(detail)
        yield self._gaps(detail)
        yield self._clock(detail)
        yield log_lines(self.view, detail, self.width)

    @property
    def _believed(self) -> str:
        return self.stand.states[self.row.name].believed

    @property
    def _role(self) -> str:
        """The role of plain figures: unk once they are stale."""
        return "unk" if self._believed == "stale" else "text"

    def _withheld(self) -> list[Line]:
        """A host that can't be asked: what it said last is no answer to what is."""
        said = self.view.words.say("Its last figures are not shown: nobody knows them now.")
        return self._wrapped(said, "dim")

    # ── the worst first ─────────────────────────────────────────────────────────────────────────

    def _why(self) -> list[Line]:
        """Its problems in words, or why it can't be asked and what to do about it."""
        say = self.view.words.say
        lines = [heading(self.width, say("WHY"))]
        for problem in self.problems:
            role = "dim" if handled(problem) else f"{SEVERITY_ROLES[problem.severity]} b"
            lines += self._wrapped(problem.what, role)
            lines += self._wrapped(problem.why, "dim")
            for parent in self._parents:
                if parent.id == problem.parent:
                    see = say("see {where}: {what}", where=parent.where, what=parent.what)
                    lines += self._wrapped(see, "text")
            owner = problem.owner or say("nobody")
            row = Row(self.width).put(TEXT, owner, "text" if problem.owner else "warn")
            row.then(f" · {numbers.duration((self.view.now - problem.since) / 1000)}", "dim")
            if problem.until is not None:
                until = numbers.minute(problem.until, self.view.document.timezone)
                row.then(f" · {say('until {time}', time=until)}", "dim")
            lines.append(row.line())
            if problem.handover:
                lines += self._wrapped(taken_over(problem, self.view.words), "dim")
        cause = self.row.cause
        if cause is not None and self._believed != "fresh":
            if not any(cause.what in problem.what for problem in self.problems):
                lines += self._wrapped(cause.what, "text")
            if not any(cause.remedy in problem.why for problem in self.problems):
                lines += self._wrapped(cause.remedy, "dim")
        if self.row.retry_at is not None and self.row.retry_at > self.view.now:
            wait = numbers.age(self.row.retry_at - self.view.now)
            again = say("tried again in {wait}", wait=wait)
            lines.append(Row(self.width).put(TEXT, again, "dim").line())
        if self.row.note:
            lines += self._wrapped(self.row.note, "dim")
        if len(lines) == 1:
            lines.append(Row(self.width).put(TEXT, say("Nothing is wrong here."), "dim").line())
        return lines

    @property
    def _parents(self) -> Sequence[Problem]:
        """The problems that explain this host's, or that stand for the same trouble on many."""
        ids = {each.parent for each in self.problems if each.parent}
        return [each for each in self.view.document.problems if each.id in ids]

    def _wrapped(self, text: str, role: str) -> list[Line]:
        """`text` in lines; words too long for one are broken."""
        parts = wrapped(text, max(8, self.width - TEXT - 1))
        return [Row(self.width).put(TEXT, part, role).line() for part in parts]

    # ── probes ──────────────────────────────────────────────────────────────────────────────────

    def _units(self, detail: HostDetail) -> list[Line]:
        units = _readings(detail, "unit")
        if not units:
            return []
        say, failed = self.view.words.say, sum(unit.text == "failed" for unit in units)
        count = say("{count:,} failed", count=failed) if failed else say("none failed")
        note = f"{len(units):,}, {count}"
        lines = [heading(self.width, say("UNITS"), self._aged(note, "units"))]
        for unit in sorted(units, key=lambda each: each.text in _WELL):
            glyph, role = _UNIT_STATES.get(unit.text, (glyphs.WARNING, "warn"))
            since = unit.attributes.get("since_seconds")
            lasted = numbers.duration(since) if isinstance(since, float) else ""
            state = say(unit.text) if unit.text in _UNIT_STATES else unit.text
            words = lasted if unit.text == "active" and lasted else f"{state} {lasted}".rstrip()
            row = lead(self.width, glyph)
            bold = "strong b" if glyph is glyphs.CAUSE else "text"
            end = self.width - 1 - cell_len(words) - 1
            row.put(TEXT, unit.subject.removesuffix(".service"), bold, end)
            lines.append(row.right(self.width - 1, words, role).line())
        bad = sum(unit.text not in _WELL for unit in units)
        return self._capped(lines, max(bad, 4), later("{count:,} more active"))

    def _aged(self, note: str, probe: str) -> str:
        """`note` and how long ago the slow probe behind it answered."""
        at = self.view.detail.probed_at.get(probe) if self.view.detail is not None else None
        if at is None:
            return note
        ago = self.view.words.say("{time} ago", time=numbers.age(self.view.now - at))
        return f"{note} · {ago}" if note else ago

    def _filesystems(self, detail: HostDetail) -> list[Line]:
        failing = list(self._failing(detail))
        if not detail.filesystems and not failing:
            return []
        end, say = self.width - 1, self.view.words.say
        labels = (Label(end - 8, say("used")), Label(end, say("of GiB")))
        lines = [heading(self.width, say("FILE SYSTEMS"), "", labels), *failing]
        hot = self.stand.hot.get((self.row.name, "disk"), "")
        full = {p.id.removeprefix(f"{self.row.name}/disk") for p in self.problems}
        mounts = _readings(detail, "mount")
        locked_mounts = {mount.subject for mount in mounts if mount.text == "ro"}
        cells = max(4, min(24, (self.width - 30) // 2 + 4))
        start = end - 8 - 5 - cells - 1
        for each in sorted(detail.filesystems, key=lambda each: -_share(each.used_percent)):
            over = hot if each.mount in full else ""
            locked = each.mount in locked_mounts
            room = start - 1 - TEXT
            name = f"{cut(each.mount, room - 3)} ro" if locked else each.mount
            row = lead(self.width, glyphs.WARNING if locked else None)
            row.put(TEXT, name, "strong b" if over else "text", start - 1)
            row.to(start).spans(bar(_share(each.used_percent) / 100, cells, over or "dim"))
            row.right(end - 8, numbers.percent(each.used_percent), over or self._role, "%")
            lines.append(row.right(end, numbers.gibibytes(each.size), "dim").line())
        return self._capped(lines, 6, later("{count:,} more with more room"))

    def _failing(self, detail: HostDetail) -> Iterator[Line]:
        """Disks that say of themselves that they fail."""
        for each in _readings(detail, "smart"):
            if each.text not in ("PASSED", "OK", "STANDBY"):
                row = lead(self.width, glyphs.CAUSE).put(TEXT, each.subject, "strong b")
                words = f"SMART: {cut(each.text.lower(), 20)}"
                yield row.right(self.width - 1, words, "crit").line()

    def _interfaces(self, detail: HostDetail) -> list[Line]:
        if not detail.interfaces:
            return []
        end, say = self.width - 1, self.view.words.say
        labels = (Label(end - 11, say("in")), Label(end, say("out")))
        lines = [heading(self.width, say("INTERFACES"), "", labels)]
        for each in sorted(detail.interfaces, key=lambda each: -_share(each.bytes_in)):
            wrong = each.errors > 0
            row = lead(self.width, glyphs.WARNING if wrong else None)
            row.put(TEXT, each.name, "text", end - 22)
            row.right(end - 11, numbers.rate(each.bytes_in), self._role)
            lines.append(row.right(end, numbers.rate(each.bytes_out), self._role).line())
            if wrong:
                count = numbers.decimal(each.errors)
                words = say("{count} errors and drops a second", count=count)
                lines.append(Row(self.width).put(TEXT + 2, words, "warn", end).line())
        return self._capped(lines, 8, later("{count:,} more with less traffic"))

    def _processes(self, detail: HostDetail) -> list[Line]:
        processes = sorted(_readings(detail, "process"), key=lambda each: -_share(each.value))
        if not processes:
            return []
        end, say = self.width - 1, self.view.words.say
        memory_title = say("mem")
        cpu_end = end - max(6, cell_len(memory_title) + 2)
        labels = (Label(cpu_end, say("cpu")), Label(end, memory_title))
        lines = [heading(self.width, say("PROCESSES"), self._aged("", "processes"), labels)]
        for each in processes:
            many = each.attributes.get("count", 1.0)
            name = (
                each.subject
                if not isinstance(many, float) or many <= 1
                else f"{each.subject} ×{many:.0f}"
            )
            row = Row(self.width).put(TEXT, name, "text", cpu_end - 8)
            row.right(cpu_end, numbers.percent(each.value), self._role, "%")
            memory = each.attributes.get("memory")
            words = numbers.percent(memory) if isinstance(memory, float | int) else numbers.UNKNOWN
            lines.append(row.right(end, words, self._role, "%").line())
        return self._capped(lines, 5, later("{count:,} more take less"))

    def _clock(self, detail: HostDetail) -> list[Line]:
        """What its keeper of time says, and what could be proven from here."""
        say, lines = self.view.words.say, list[Line]()
        for each in _readings(detail, "clock_synchronised"):
            held = each.text == "yes"
            row = lead(self.width, glyphs.OK if held else glyphs.WARNING)
            row.put(TEXT, each.subject, "text")
            said = f"{_signed(each.value)} ms" if numbers.known(each.value) else say("in step")
            words = said if held else say("not synchronised")
            lines.append(row.right(self.width - 1, words, "text" if held else "warn").line())
        for each in _readings(detail, "offset_ms"):
            row = Row(self.width).put(TEXT, say("seen from here"), "dim")
            low, high = (each.attributes.get(word) for word in ("lowest_ms", "highest_ms"))
            if isinstance(low, float) and isinstance(high, float):
                words = say("{low:+.0f} to {high:+.0f} ms", low=low, high=high)
            else:
                words = f"{each.value:+.0f} ms" if numbers.known(each.value) else numbers.UNKNOWN
            lines.append(row.right(self.width - 1, words, "text").line())
        return [heading(self.width, say("CLOCK"), self._aged("", "clock")), *lines] if lines else []

    def _gaps(self, detail: HostDetail) -> list[Line]:
        """Probes that could not measure: unknown is said, never left out."""
        if not detail.gaps:
            return []
        lines = [heading(self.width, self.view.words.say("NOT MEASURED"))]
        for probe, reason in sorted(detail.gaps.items()):
            row = lead(self.width, glyphs.UNKNOWN).put(TEXT, probe, "text")
            lines.append(row.then(f"  {reason}", "dim", self.width - 1).line())
        return lines

    def _events(self, detail: HostDetail) -> list[Line]:
        """What the records have of it and what the board has, newest first.

        A host that stands behind a cause, or has its trouble in common with others, has its events
        told with the cause's, or with those of the others.
        """
        say, places = self.view.words.say, {self.row.name, self.row.behind or self.row.name}
        since = {each.where: each.since for each in self._parents}
        here = [
            each
            for each in self.view.document.events
            if each.where in places or each.at >= since.get(each.where, each.at + 1)
        ]
        events = {each.id: each for each in (*detail.events, *here)}
        lines = [heading(self.width, say("EVENTS"))]
        for event in sorted(events.values(), key=lambda each: -each.id):
            row = lead(self.width, event_glyph(event))
            row.put(TEXT, numbers.clock(event.at, self.view.document.timezone), "dim")
            other = f"{event.where}: " if event.where != self.row.name else ""
            row.put(TEXT + 10, other, "dim", self.width - 1)
            lines.append(row.then(event.what, "text", self.width - 1).line())
        if not events:
            lines.append(Row(self.width).put(TEXT, say("None kept of this host."), "dim").line())
        return self._capped(lines, 8, later("{count:,} more on the events screen"))


#: What systemd says of units, what it looks like, and which of it needs nobody.
_UNIT_STATES: dict[str, tuple[Glyph, str]] = {
    later("failed"): (glyphs.CAUSE, "crit"),
    later("active"): (glyphs.OK, "dim"),
    later("activating"): (glyphs.MOVING, "info"),
    later("deactivating"): (glyphs.MOVING, "info"),
    later("reloading"): (glyphs.MOVING, "info"),
    later("inactive"): (glyphs.WARNING, "warn"),  # wanted and not running
}
_WELL = ("active", "activating", "deactivating", "reloading")


def _readings(detail: HostDetail, name: str) -> Sequence[Reading]:
    return [each for readings in detail.readings.values() for each in readings if each.name == name]


def _share(value: float) -> float:
    """`value` for sorting and bars, where what is not known counts as nothing."""
    return value if numbers.known(value) else 0.0


def _signed(value: float) -> str:
    """With its sign, and without a negative zero."""
    return f"{round(value, 1) + 0.0:+.1f}"
