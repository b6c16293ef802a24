"""The aside of a wide screen: what is known of the row under the cursor, and of the watch.

Its sections begin on the rows where the page's do, and stay there whatever they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from estate.document import Event, HostRow, Problem
from estate.language import later
from estate.ordering import handled
from tui.paint import numbers
from tui.paint.cells import Line, Span, elided, wrapped
from tui.paint.charts import bar, spark_spans
from tui.paint.glyphs import SEVERITY_ROLES
from tui.paint.hardware import hardware
from tui.paint.paths import named_first
from tui.paint.pulse import unmeasured
from tui.paint.rows import Label, Row, heading
from tui.paint.states import Standing, folded, natural, stands_for, taken_over
from tui.paint.view import View

_WIDTH = 71
_VALUE = 12  # where the words behind a label start


def aside(
    view: View, stand: Standing, cursor: str, starts: Mapping[str, int], end: int
) -> dict[int, Line]:
    """Lines by the row they stand on, from the page's first section down to `end`.

    `starts` are the rows at which the page's panels begin, by their names, from the top.
    """
    if not starts:
        return {}
    lines: dict[int, Line] = {}
    rows = [*starts.values(), end]
    below = rows[2] if len(starts) > 2 else end
    lines |= _placed(view, Selected(view, stand, cursor).lines(), rows[0], below - 1)
    if "events" not in starts or len(starts) < 4:
        return lines
    last = starts["events"]
    half = rows[3] if "services" in starts else below + (last - below) // 2
    lines |= _placed(view, _upper(view, stand, half - below - 1), below, half - 1)
    lines |= _placed(view, _lower(view, stand, last - half - 1), half, last - 1)
    lines |= _placed(view, _watch(view), last, end)
    return lines


def _upper(view: View, stand: Standing, rows: int) -> list[Line]:
    """Whether services could move, where some are meant to; else the hosts by their groups."""
    if not view.document.readiness:
        return _groups(view, stand)
    from tui.paint.asideservices import failover

    return failover(view, _WIDTH, rows)


def _lower(view: View, stand: Standing, rows: int) -> list[Line]:
    """Whom the month was worst for, where there are tenants; else the disks that fill first."""
    if not view.document.tenants:
        return _fullest(view, stand, rows + 1)
    from tui.paint.asideservices import tenants

    return tenants(view, _WIDTH, rows)


def _placed(view: View, section: Sequence[Line], start: int, end: int) -> dict[int, Line]:
    """`section` from row `start` to before `end`; what did not fit is counted in its last row."""
    room = max(0, end - start)
    shown = list(section[:room])
    hidden = len(section) - room + 1
    if hidden > 1 and len(shown) > 1:
        more = view.words.say("{count:,} more", count=hidden)
        shown[-1] = Row(_WIDTH).put(0, more, "dim").line()
    return dict(enumerate(shown, start))


def _head(title: str, note: str = "", labels: Sequence[Label] = ()) -> Line:
    return heading(_WIDTH, title, note, labels, start=0, end=_WIDTH)


# ── the row under the cursor ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Selected:
    """What is known of a problem, a host or an event, most useful first."""

    view: View
    stand: Standing
    cursor: str

    def lines(self) -> list[Line]:
        """The section; one sentence where nothing is selected."""
        kind, _, name = self.cursor.removeprefix("fold:").partition(":")
        document, say = self.view.document, self.view.words.say
        if kind == "problem":
            found = next((each for each in document.problems if each.id == name), None)
            if found is not None:
                return [_head(say("SELECTED"), found.where), *self._problem(found)]
        if kind == "host" and name in document.hosts:
            return [_head(say("SELECTED"), name), *self._host(document.hosts[name])]
        if kind == "event":
            happened = next((each for each in document.events if str(each.id) == name), None)
            if happened is not None:
                return [_head(say("SELECTED"), happened.where), *self._event(happened)]
        if kind in ("service", "readiness"):
            return self._of_services(kind, name)
        nothing = Row(_WIDTH).put(0, say("Nothing is selected."), "dim").line()
        return [_head(say("SELECTED")), nothing]

    def _of_services(self, kind: str, name: str) -> list[Line]:
        from tui.paint.asideservices import selected_readiness, selected_service

        document, facts = self.view.document, list[tuple[str, str, str]]()
        if kind == "service":
            for row in document.services:
                facts += selected_service(self.view, row) if row.key == name else ()
        else:
            for ready in document.readiness:
                facts += selected_readiness(self.view, ready) if ready.key == name else ()
        lines = [_head(self.view.words.say("SELECTED"), name)]
        for fact in facts:
            lines += _said(*fact)
        return lines

    def _problem(self, problem: Problem) -> Iterable[Line]:
        say = self.view.words.say
        role = "text" if handled(problem) else f"{SEVERITY_ROLES[problem.severity]} b"
        yield from _said(say("what"), problem.what, role)
        yield from _said(say("why"), problem.why, "dim")
        lasted = numbers.duration((self.view.now - problem.since) / 1000)
        row = Row(_WIDTH).put(0, say("since"), "dim").put(_VALUE, self._moment(problem.since))
        row.then(f"  {lasted}  ", "dim")
        yield row.then(problem.owner or say("nobody"), "text" if problem.owner else "warn").line()
        if problem.handover:
            yield from _said(say("owner"), taken_over(problem, self.view.words), "text")
        if problem.returned is not None:
            back = say("{time}: nobody has it any more", time=self._moment(problem.returned))
            if problem.owner:
                back = say("{time}: nobody has acknowledged it since",
                           time=self._moment(problem.returned))  # fmt: skip
            yield from _said(say("returned"), back, "warn")
        if problem.reason and problem.until is not None:
            word = say("silenced") if problem.silence else say("in hand")
            until = say("until {time}", time=self._moment(problem.until))
            yield from _said(word, f"{until}: {problem.reason}", "text")
        hosts = tuple(name for name in problem.hosts if name in self.view.document.hosts)
        follow = [each for each in self.view.document.problems if each.parent == problem.id]
        if follow and not stands_for(problem, follow):
            names = {name for each in follow for name in each.hosts}
            yield from _said(say("behind it"), folded(tuple(sorted(names, key=natural))), "text")
        if problem.where in hosts:
            yield from self._host(self.view.document.hosts[problem.where])
        elif hosts:
            yield from _said(say("hosts"), folded(tuple(sorted(hosts, key=natural))), "text")

    def _host(self, row: HostRow) -> Iterable[Line]:
        state, say = self.stand.states[row.name], self.view.words.say
        facts = [*hardware(row, self.view.words), row.kernel, " ".join(row.tenants)]
        yield from _said(say("host"), " · ".join(fact for fact in facts if fact), "text")
        if state.believed == "none":
            if row.cause is not None:
                yield from _said(say("cause"), row.cause.what, "text")
                yield from _said(say("remedy"), row.cause.remedy, "text")
            yield from self._last_good(row)
        else:
            yield from self._figures(row)
        for event in [each for each in self.view.document.events if each.where == row.name][:3]:
            line = Row(_WIDTH).put(0, say("event"), "dim")
            line.put(_VALUE, self._moment(event.at), "dim")
            yield line.then(f"  {event.what}", "text").line()
        if row.note:
            yield from _said(say("note"), row.note, "dim")

    def _moment(self, at: int) -> str:
        view = self.view
        return numbers.moment(at, view.now, view.document.timezone, view.words)

    def _last_good(self, row: HostRow) -> Iterable[Line]:
        say = self.view.words.say
        if row.at is not None:
            line = Row(_WIDTH).put(0, say("last good"), "dim").put(_VALUE, self._moment(row.at))
            known = (word for word in _SHARES if word in row.values)
            then = [f"{say(word)} {numbers.percent(row.values[word])}%" for word in known]
            yield line.then(f"  {', '.join(then)}", "dim").line()
        if row.retry_at is not None and row.retry_at > self.view.now:
            wait = say("in {wait}", wait=numbers.age(row.retry_at - self.view.now))
            yield from _said(say("next try"), wait, "dim")

    def _figures(self, row: HostRow) -> Iterable[Line]:
        say, stale = self.view.words.say, self.stand.states[row.name].believed == "stale"
        for word in _SHARES:
            value = row.values.get(word)
            role = "unk" if stale else self.stand.hot.get((row.name, word), "text")
            line = Row(_WIDTH).put(0, say(word), "dim")
            line.right(_VALUE + 4, numbers.percent(value), role, "%")
            quiet = "dim" if role == "text" else role
            line.to(_VALUE + 6).spans(bar(None if value is None else value / 100, 24, quiet))
            if word in row.spark:
                line.then("   ").spans(spark_spans(row.spark[word], 12, quiet, 100.0))
                line.then(f" {say('15 min')}", "dim")
            yield line.line()
        came, went = row.values.get("net_in"), row.values.get("net_out")
        line = Row(_WIDTH).put(0, say("net"), "dim")
        rates = say("{came} in, {went} out", came=numbers.rate(came), went=numbers.rate(went))
        line.put(_VALUE, rates, "unk" if stale else "text")
        if "net" in row.spark:
            line.to(_VALUE + 33).spans(spark_spans(row.spark["net"], 12))
            line.then(f" {say('15 min')}", "dim")
        yield line.line()

    def _event(self, event: Event) -> Iterable[Line]:
        say = self.view.words.say
        yield from _said(say("what"), event.what, SEVERITY_ROLES[event.severity])
        ago = say("{time} ago", time=numbers.duration((self.view.now - event.at) / 1000))
        line = Row(_WIDTH).put(0, say("when"), "dim").put(_VALUE, self._moment(event.at))
        yield line.then(f"  {ago}", "dim").line()
        row = self.view.document.hosts.get(event.where)
        if row is not None:
            yield from self._host(row)


_SHARES = ("cpu", "mem", "disk")


def _said(label: str, text: str, role: str) -> Iterable[Line]:
    """`text` behind its label, in up to two lines."""
    parts = wrapped(text, _WIDTH - _VALUE)
    if len(parts) > 2:
        parts = [parts[0], f"{wrapped(parts[1], _WIDTH - _VALUE - 2)[0]} …"]
    for number, part in enumerate(parts):
        yield Row(_WIDTH).put(0, "" if number else label, "dim").put(_VALUE, part, role).line()


# ── the estate in other cuts ────────────────────────────────────────────────────────────────────


def _groups(view: View, stand: Standing) -> list[Line]:
    """Each group: how many are live, mean processor and memory, fullest disk, traffic."""
    ends = (22, 31, 40, 49, 60, _WIDTH)
    titles = ("live", "cpu", "mem", "disk", later("in kB/s"), later("out kB/s"))
    say = view.words.say
    labels = [Label(end, say(title)) for end, title in zip(ends, titles, strict=True)]
    lines = [_head(say("GROUPS"), "", labels)]
    members: dict[str, list[HostRow]] = {}
    for row in view.document.hosts.values():
        for group in row.groups or (say("no group"),):
            members.setdefault(group, []).append(row)
    for group, rows in members.items():
        fresh = [row for row in rows if stand.states[row.name].believed == "fresh"]
        line = Row(_WIDTH).put(0, group, "text", ends[0] - 7)
        few = len(fresh) < len(rows)
        line.right(ends[0], f"{len(fresh):,}/{len(rows):,}", "text" if few else "dim")
        line.right(ends[1], numbers.percent(_mean(fresh, "cpu")), "text", "%")
        line.right(ends[2], numbers.percent(_mean(fresh, "mem")), "text", "%")
        disks = [row.values["disk"] for row in fresh if "disk" in row.values]
        line.right(ends[3], numbers.percent(max(disks, default=None)), "text", "%")
        line.right(ends[4], numbers.kilobytes(_sum(fresh, "net_in")), "text")
        lines.append(line.right(ends[5], numbers.kilobytes(_sum(fresh, "net_out")), "text").line())
    return lines


def _fullest(view: View, stand: Standing, rows: int) -> list[Line]:
    """Hosts by how full their fullest file system is, and when it will be full."""
    say = view.words.say
    labels = (Label(49, say("used")), Label(_WIDTH, say("full in")))
    lines = [_head(say("FULLEST"), say("file systems"), labels)]
    known = [
        (row.values["disk"], row)
        for name, row in view.document.hosts.items()
        if "disk" in row.values and stand.states[name].believed == "fresh"
    ]
    known.sort(key=lambda each: (-int(each[0]), natural(each[1].name)))
    for disk, row in known[: rows - 2]:  # the worst few: that there are others goes without saying
        hot = stand.hot.get((row.name, "disk"), "")
        line = Row(_WIDTH).put(0, elided(row.name, 17), "text", 17, ("open", "host", row.name))
        line.to(18).spans(bar(disk / 100, 24, hot or "dim"))
        line.right(49, numbers.percent(disk), hot or "text", "%")
        left = row.values.get("disk_full_in_seconds")
        words = numbers.NONE if left is None else numbers.remaining(left)
        lines.append(line.right(_WIDTH, words, hot if left is not None and hot else "dim").line())
    if not known:
        disks = [row for row in view.document.hosts.values() if "disk" in row.values]
        lines.append(Row(_WIDTH).put(0, unmeasured(view, disks), "dim").line())
    return lines


def _mean(rows: Sequence[HostRow], metric: str) -> float | None:
    values = [row.values[metric] for row in rows if metric in row.values]
    return sum(values) / len(values) if values else None


def _sum(rows: Sequence[HostRow], metric: str) -> float | None:
    values = [row.values[metric] for row in rows if metric in row.values]
    return sum(values) if values else None


# ── the watch about itself ──────────────────────────────────────────────────────────────────────


def _watch(view: View) -> list[Line]:
    watch, document, say = view.document.watch, view.document, view.words.say
    cadence = say("every {seconds:g} s", seconds=document.every_ms / 1000)
    lines = [_head(say("WATCH"), f"{watch.version} {cadence}".strip())]
    started = numbers.moment(watch.started_at, view.now, document.timezone, view.words)
    alone = say("of this user alone") if watch.standalone else say("shared")
    since = say("since {time}, {alone}", time=started, alone=alone)
    lines += _said(view.words.say_in("of the watch", "runs"), since, "text")
    if watch.records:
        why = named_first(watch.records)
        lines += _said(say("records"), say("not kept: {why}", why=why), "warn")
    else:
        lines += _said(say("records"), say("kept"), "text")
    if watch.estate_problem:
        lines += _said(say("refused"), named_first(watch.estate_problem), "warn")
    taken = numbers.UNKNOWN if watch.cpu_percent is None else f"{watch.cpu_percent:.1f}"
    lines += _said(say("takes"), say("{percent}% of a core", percent=taken), "text")
    words: list[Span] = []
    for name in _SHARES:
        if name in watch.bastion:
            words += [Span(f"{say(name)} ", "dim"), Span(numbers.percent(watch.bastion[name]))]
            words.append(Span("%   ", "dim"))
    if words:
        lines.append(Row(_WIDTH).put(0, say("bastion"), "dim").to(_VALUE).spans(words).line())
    return lines
