"""`twinwatch hosts HOST`: all that is known of one host, as text."""

from __future__ import annotations

from rich.cells import cell_len

from estate.document import HostDetail, HostRow
from estate.language import Words
from estate.metrics import INDEX, METRICS
from estate.samples import Reading
from estate.wire import from_json
from tui.commands.show import emit, emit_json, emit_pairs
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.paint.numbers import NONE, UNKNOWN, age, decimal, percent, rate, size
from watch.client import Client
from watch.clock import now_ms


def show_host(client: Client, name: str, *, as_json: bool) -> None:
    """Print the watch's answer to /v1/hosts/NAME."""
    said = client.get(f"/v1/hosts/{name}")
    if as_json:
        emit_json(said)
        return
    words = words_of(client)
    row, detail, now = (
        from_json(HostRow, said["row"]),
        from_json(HostDetail, said["detail"]),
        now_ms(),
    )
    _show_state(row, now, words)
    _show_figures(row, words)
    _show_filesystems(detail, words)
    _show_interfaces(detail, words)
    _show_readings(detail, now, words)


def _show_state(row: HostRow, now: int, words: Words) -> None:
    say, cause = words.say, row.cause.what if row.cause else ""
    lasted = say("for {time}", time=age(now - row.since))
    pairs = [
        (say("host"), row.name),
        (say("site"), row.site),
        (say("groups"), ", ".join(row.groups)),
        (say("state"), f"{row.reach}, {row.severity}, {lasted}"),
        (say("why"), row.why),
        (say("cause"), cause),
        (words.say_in("remedy", "do"), row.cause.remedy if row.cause else ""),
        (say("behind"), row.behind),
        (say("age"), NONE if row.at is None else age(now - row.at)),
        (say("uptime"), "" if row.uptime_seconds is None else age(row.uptime_seconds * 1000)),
        (say("kernel"), row.kernel),
        (say("cores"), "" if row.cores is None else str(row.cores)),
        (say("memory"), "" if row.memory_bytes is None else size(row.memory_bytes)),
        (say("tenants"), ", ".join(row.tenants)),
        (say("note"), row.note),
    ]
    emit_pairs(pairs, cell_len)


def _show_figures(row: HostRow, words: Words) -> None:
    emit()
    rows = [
        (Cell(metric.name), Cell(figure(metric.name, row.values.get(metric.name))))
        for metric in METRICS
        if not (row.without_swap and metric.name == "swap")
    ]
    rows += [(Cell("swap"), Cell("none"))] if row.without_swap else []
    columns = (Column("METRIC"), Column("VALUE", ">"))
    emit_table(columns, rows, words.say("nothing was measured yet"), words)


def figure(metric: str, value: float | None) -> str:
    """A sampled value with its unit; "?" where it is not known."""
    if value is None:
        return UNKNOWN
    shown = {
        "%": lambda: f"{percent(value, 1)}%",
        "B/s": lambda: rate(value),
        "B": lambda: size(value),
    }
    unit = METRICS[INDEX[metric]].unit
    return shown[unit]() if unit in shown else f"{round(value, 2):,g}{unit}"


def _show_filesystems(detail: HostDetail, words: Words) -> None:
    if detail.filesystems:
        emit()
        columns = (
            Column("FILE SYSTEM"), Column("USED %", ">"), Column("SIZE", ">"),
            Column("INODES %", ">"),
        )  # fmt: skip
        rows = [
            (Cell(each.mount), Cell(percent(each.used_percent)), Cell(size(each.size)),
             Cell(percent(each.inodes_used)))
            for each in detail.filesystems
        ]  # fmt: skip
        emit_table(columns, rows, "", words)


def _show_interfaces(detail: HostDetail, words: Words) -> None:
    if detail.interfaces:
        emit()
        columns = (
            Column("INTERFACE"),
            Column("IN", ">"),
            Column("OUT", ">"),
            Column("ERRORS/S", ">"),
        )
        rows = [
            (Cell(each.name), Cell(rate(each.bytes_in)), Cell(rate(each.bytes_out)),
             Cell(decimal(each.errors)))
            for each in detail.interfaces
        ]  # fmt: skip
        emit_table(columns, rows, "", words)


def _show_readings(detail: HostDetail, now: int, words: Words) -> None:
    if detail.readings or detail.gaps:
        emit()
        columns = (Column("PROBE"), Column("AGE", ">"), Column("WHAT"), Column("SAYS"))
        ages = {probe: age(now - at) for probe, at in detail.probed_at.items()}
        rows = [
            (Cell(probe), Cell(ages.get(probe, NONE)), Cell(f"{each.name} {each.subject}".strip()),
             Cell(_said(each)))
            for probe, readings in detail.readings.items()
            for each in readings
        ]  # fmt: skip
        gaps = [
            (Cell(probe), Cell(NONE), Cell("not measured", "unk"), Cell(why))
            for probe, why in detail.gaps.items()
        ]
        emit_table(columns, rows + gaps, "", words)


def _said(reading: Reading) -> str:
    """What a probe read, then what it read besides: "71.0 (memory 9)"."""
    besides = ", ".join(
        f"{name} {value if isinstance(value, str) else decimal(value)}"
        for name, value in reading.attributes.items()
    )
    words = reading.text or decimal(reading.value)
    return f"{words} ({besides})" if besides else words
