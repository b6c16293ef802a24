"""The replication screen: what one site needs of the other to take over, and what stands before.

Streams of databases, backends of proxies, service addresses and backups, each where there are any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from estate.backups import BackupRow
from estate.document import Severity
from estate.language import later
from estate.proxies import AddressRow, Backend, ProxyRow
from estate.replication import ReplicationRow, Slot, Stream
from estate.standing import Measured
from tui.paint import frame, glyphs, numbers
from tui.paint.believed import dated, why_not, why_not_now
from tui.paint.cells import Line, Page
from tui.paint.glyphs import Glyph
from tui.paint.lists import window
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

_ROLES = {"primary": later("primary"), "standby": later("standby")}
#: Columns: of what, and the word for it; where two figures end is `_figures`.
_OF, _WORD = 16, 32


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: whose, of what, how it is in a word, two figures, and what there is to say."""

    key: str
    glyph: Glyph
    whose: str
    of: str
    word: str
    role: str
    figures: tuple[str, str]
    said: str


def paint(view: View) -> Page:
    """The whole screen."""
    say = view.words.say
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view)]
    known = list(keys(view))
    if not known:
        lines.append(heading(view.width, say("REPLICATION")))
        said = say("The estate asks no host for it (probes: postgresql, haproxy, backups …).")
        lines.append(Row(view.width).put(TEXT, said, "dim", view.width - 1).line())
        return frame.page(view, lines)
    cursor = known.index(view.attention.cursor) if view.attention.cursor in known else 0
    body: list[Line] = []
    at = 0
    for title, labels, entries in _sections(view):
        if not entries:
            continue
        if body and view.height >= frame.AIRY:
            body.append(Line())
        body.append(heading(view.width, title, f"{len(entries):,}", labels))
        for entry in entries:
            if entry.key == known[cursor]:
                at = len(body)
            body.append(_line(view, entry, entry.key == known[cursor]))
    room = max(1, view.height - 1 - len(lines))
    first = window(len(body), room, at, view.attention.first)
    return frame.page(
        view, [*lines, *body[first : first + room]], len(lines) + at - first, first, len(body)
    )


def keys(view: View) -> tuple[str, ...]:
    """Every row, shown or not."""
    return tuple(entry.key for _, _, entries in _sections(view) for entry in entries)


def _sections(view: View) -> Iterator[tuple[str, list[Label], list[Entry]]]:
    say, document = view.words.say, view.document

    def labels(*words: str) -> list[Label]:
        return [Label(end, each) for end, each in zip(_figures(view), words, strict=True)]

    streams = [_aged(view, row, e) for row in document.replication for e in _servers(view, row)]
    yield say("REPLICATION"), labels(say("lag"), say("bytes")), streams
    backends = [_aged(view, row, e) for row in document.proxies for e in _proxy(view, row)]
    yield say("BACKENDS"), labels(say("sessions"), say("queued")), backends
    addresses = [_aged(view, row, _address(view, row)) for row in document.addresses]
    yield say("SERVICE ADDRESSES"), [], addresses
    backups = [_backup(view, row) for row in document.backups]
    yield say("BACKUPS"), labels(say("old"), say("size")), backups


def _figures(view: View) -> tuple[int, int]:
    """Where the two figures of a row end."""
    return (60, 72) if _wide(view) else (51, 62)


def _wide(view: View) -> bool:
    return view.width >= 100


def _line(view: View, entry: Entry, cursor: bool) -> Line:
    row, ends = lead(view.width, entry.glyph, cursor=cursor), _figures(view)
    row.put(TEXT, entry.whose, "strong b" if cursor else "text", _OF - 1)
    row.put(_OF, entry.of, "text", _WORD - 1)
    # What is too old to be believed keeps its figures, and none of them looks like one of now.
    stale = entry.glyph is glyphs.UNKNOWN
    role = "unk" if stale else entry.role
    row.put(_WORD, entry.word, role, ends[0] - (7 if any(entry.figures) else 0))
    for end, figure in zip(ends, entry.figures, strict=True):
        if figure:
            row.right(end, figure, "unk" if stale else "text")
    row.put(ends[1] + 2, entry.said, "dim", view.width - 1)
    return row.line("sel" if cursor else "", entry.key)


def _believed(view: View, row: Measured, glyph: Glyph) -> tuple[Glyph, str]:
    """The glyph, and what is said of the figures' age or of why there are none."""
    said = dated(view, row, why_not_now(view, row))
    return (glyphs.UNKNOWN if said else glyph), said


def _aged(view: View, row: Measured, entry: Entry) -> Entry:
    """On a narrow screen the age of old figures stands before them: a reason that is cut would
    leave a word of the past that looks well."""
    why = why_not_now(view, row)
    if _wide(view) or not why or row.at is None:
        return entry
    old = view.words.say("{age} old", age=numbers.age(view.now - row.at))
    return replace(entry, word=old, said=why)


def _servers(view: View, row: ReplicationRow) -> Iterator[Entry]:
    say = view.words.say
    # Who may not see replication tells of slots all the same; one that is taken has no line.
    if not row.streams and all(slot.active for slot in row.slots):
        glyph, said = _believed(view, row, glyphs.OK if row.role in _ROLES else glyphs.UNKNOWN)
        word = say(_ROLES[row.role]) if row.role in _ROLES else numbers.UNKNOWN
        yield Entry(
            f"server:{row.host}:{row.system}", glyph, row.host, row.system, word, "text",
            ("", ""), said,
        )  # fmt: skip
    for stream in row.streams:
        yield _stream(view, row, stream)
    for slot in row.slots:
        if not slot.active:
            yield _slot(view, row, slot)


def _stream(view: View, row: ReplicationRow, stream: Stream) -> Entry:
    arrives, behind = stream in row.arriving, stream.lag_seconds
    # A primary may not know; a standby that flows and does not tell how far is none to rely on.
    well = glyphs.UNKNOWN if arrives and behind is None else glyphs.OK
    glyph, said = _believed(view, row, well if stream.flowing else glyphs.CAUSE)
    arrow = "←" if arrives else "→"
    return Entry(
        f"stream:{row.host}:{row.system}:{stream.peer}",
        glyph,
        row.host,
        f"{arrow} {stream.peer}",
        stream.state or numbers.UNKNOWN,
        "text" if stream.flowing else "crit b",
        (
            numbers.NONE if behind is None else f"{numbers.decimal(behind)} s",
            numbers.NONE if stream.lag_bytes is None else numbers.size(stream.lag_bytes),
        ),
        said or " · ".join(filter(None, (row.system, stream.sync))),
    )


def _slot(view: View, row: ReplicationRow, slot: Slot) -> Entry:
    glyph, said = _believed(view, row, glyphs.CAUSE)
    kept = numbers.NONE if slot.kept_bytes is None else numbers.size(slot.kept_bytes)
    word = view.words.say("nobody takes it")
    return Entry(
        f"slot:{row.host}:{slot.name}", glyph, row.host, slot.name, word, "crit b", ("", kept),
        said or view.words.say("a standby is missing"),
    )  # fmt: skip


def _proxy(view: View, row: ProxyRow) -> Iterator[Entry]:
    if not row.backends:
        glyph, said = _believed(view, row, glyphs.OK)
        yield Entry(
            f"proxy:{row.host}", glyph, row.host, "haproxy", numbers.UNKNOWN, "dim", ("", ""), said
        )
    for each in row.backends:
        yield _backend(view, row, each)


def _backend(view: View, row: ProxyRow, each: Backend) -> Entry:
    well = each.serving and not each.down
    glyph, role = (glyphs.WARNING, "warn") if each.serving else (glyphs.CAUSE, "crit b")
    if well:
        glyph, role = glyphs.OK, "text"
    elif _asked_for(view, f"{row.host}/backend_down/{each.name}"):
        glyph, role = glyphs.MAINTENANCE, "info"
    glyph, said = _believed(view, row, glyph)
    word = view.words.say("{up} of {servers} up", up=each.up, servers=each.servers)
    if each.down:
        said = said or view.words.say("down: {names}", names=", ".join(each.down))
    elif each.drained:
        said = said or view.words.say("{count} taken out", count=each.drained)
    return Entry(
        f"backend:{row.host}:{each.name}",
        glyph,
        row.host,
        each.name,
        word,
        role,
        (
            numbers.NONE if each.sessions is None else f"{each.sessions:,}",
            numbers.NONE if each.queued is None else f"{each.queued:,}",
        ),
        said,
    )


def _asked_for(view: View, problem: str) -> bool:
    """Whether what is wrong is planned work, or a run's."""
    known = (each for each in view.document.problems if each.id == problem)
    return any(each.severity is Severity.MAINTENANCE for each in known)


def _address(view: View, row: AddressRow) -> Entry:
    say = view.words.say
    well = glyphs.UNKNOWN if row.held is None else glyphs.OK
    glyph, said = _believed(view, row, well if row.running is not False else glyphs.WARNING)
    words = {True: say("held"), False: say("not held"), None: numbers.UNKNOWN}
    if not said and row.running is False:
        said = say("keepalived does not run")
    where = say("on {interface}", interface=row.interface) if row.interface else ""
    said = said or " · ".join(filter(None, (row.state, where)))
    return Entry(
        f"address:{row.host}:{row.address}", glyph, row.host, row.address, words[row.held],
        "text" if row.held else "dim", ("", ""), said,
    )  # fmt: skip


def _backup(view: View, row: BackupRow) -> Entry:
    say, age = view.words.say, row.age_ms(view.now)
    late = age is not None and row.objective_ms is not None and age > row.objective_ms
    missing = row.copies == 0
    bad = late or missing or row.small
    well = glyphs.UNKNOWN if age is None else glyphs.OK
    said = why_not(view, row)
    glyph = glyphs.UNKNOWN if said else glyphs.WARNING if bad else well
    word = say("no copy") if missing else say("overdue") if late else ""
    word = word or (say("too small") if row.small else say("recent") if age is not None else "?")
    return Entry(
        f"backup:{row.host}:{row.name}",
        glyph,
        row.host,
        row.name,
        word,
        "warn" if bad else "text",
        (
            numbers.NONE if age is None else numbers.oldness(age),
            numbers.NONE if row.size_bytes is None else numbers.size(row.size_bytes),
        ),
        said or row.place,
    )
