"""`twinwatch demo`: the console on a platform of its own, to look at and to try things on."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from estate.samples import Reach
from estate.wire import document_from_json
from tui.commands.console import takes_console, tell_why_text
from tui.commands.stage import Stage, ends_as_exit, stage
from watch.error import SourceError, WatchError

if TYPE_CHECKING:
    from tui.paint.cells import Line


class Scenario(StrEnum):
    """What happens on the platform; see collectors/demo/scenario.py."""

    CALM = "calm"
    PRIMARY_DOWN = "primary-down"
    QUEUE_STORM = "queue-storm"


#: What collectors/demo/roster.py plays.
FEWEST_HOSTS, MOST_HOSTS = 2, 1000
_SNAPSHOTS = (".txt", ".svg")


def demo(
    *,
    hosts: Annotated[
        int, typer.Option(min=FEWEST_HOSTS, max=MOST_HOSTS, help="How many hosts to play.")
    ] = 16,
    scenario: Annotated[Scenario, typer.Option(help="What happens to them.")] = Scenario.CALM,
    headless: Annotated[bool, typer.Option("--headless", help="Watch without a console.")] = False,
    seconds: Annotated[
        float, typer.Option("--for", min=1, max=86_400, help="How long to watch, headless.")
    ] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    snapshot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the board to FILE (.txt or .svg).")
    ] = None,
) -> None:
    """Open the console on an embedded estate of real SSH servers; nothing is left afterwards.

    Its watch answers other commands too: --socket DIRECTORY/watch/watch.sock, the directory being
    the newest twinwatch-demo-* in $TMPDIR, $XDG_RUNTIME_DIR, /dev/shm or /tmp.

    Where there is no terminal, and with --headless, --json or --snapshot, it watches for a while
    and prints the board as text.
    """
    if snapshot is not None:
        _check_snapshot(snapshot)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ends_as_exit)
    alone = headless or as_json or snapshot is not None
    if not alone:
        tell_why_text(os.environ)
        alone = not takes_console(os.environ)
    with stage(hosts, scenario, os.environ) as playing:
        if alone:
            _watch_for(playing, seconds)
            _report(playing, scenario, seconds, as_json=as_json, snapshot=snapshot)
            return
        from tui.console.opening.terminal import run

        status = run(playing.attach, starts=True, keep=playing.directory)
    raise typer.Exit(status)


def _watch_for(playing: Stage, seconds: float) -> None:
    """Let the demo live; raises WatchError as soon as hosts or watch are gone."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if why := playing.missing():
            raise WatchError("the demo ended early", str(playing.directory), why, "start it again")
        playing.client.get("/v1/status")
        time.sleep(min(left, 0.5))


def _report(
    playing: Stage, scenario: str, seconds: float, *, as_json: bool, snapshot: Path | None
) -> None:
    from watch.clock import now_ms

    board = playing.client.get("/v1/board")
    now = now_ms()
    if as_json:
        figures = {"scenario": scenario, "seconds": seconds, **summary(board, now)}
        figures["watch"] |= cost_of(board["watch"]["pid"])
        print(json.dumps(figures, ensure_ascii=False))
    elif snapshot is None:
        print(_text(board, now))
    if snapshot is not None:
        _write_snapshot(board, now, snapshot)


def summary(board: dict[str, Any], now: int) -> dict[str, Any]:
    """The board in figures: hosts by reach, each host's last values and their age, problems.

    `board` is the document as the watch sends it, `now` is UTC milliseconds.
    """
    document = document_from_json(board)
    reached = Counter(row.reach for row in document.hosts.values())
    return {
        "hosts": {
            "total": len(document.hosts),
            **{str(reach): reached[reach] for reach in Reach},
        },
        "host": {
            name: {
                "state": str(row.reach),
                "severity": str(row.severity),
                "cause": None if row.cause is None else f"{row.cause.stage}: {row.cause.what}",
                "age_ms": None if row.at is None else now - row.at,
                "values": dict(row.values),
            }
            for name, row in document.hosts.items()
        },
        "problems": [
            {
                "id": problem.id,
                "where": problem.where,
                "what": problem.what,
                "why": problem.why,
                "severity": str(problem.severity),
                "since_ms": problem.since,
                "parent": problem.parent,
            }
            for problem in document.problems
        ],
        "watch": {"pid": document.watch.pid, "version": document.watch.version},
    }


def cost_of(pid: int) -> dict[str, float | int]:
    """What the process `pid` took so far: processor seconds (user and system), resident bytes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])  # utime, stime: proc(5)
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return {
        "cpu_seconds": ticks / os.sysconf("SC_CLK_TCK"),
        "rss_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
    }


def _page(board: dict[str, Any], now: int, width: int, height: int) -> tuple[Line, ...]:
    from tui.commands.speech import words_for
    from tui.paint.screens import paint
    from tui.paint.view import View

    document = document_from_json(board)
    words = words_for(document.language)
    return paint(View(document, now, width, height, status="demo", words=words)).lines


def _text(board: dict[str, Any], now: int) -> str:
    from tui.paint.cells import joined

    return joined(_page(board, now, 120, 40)).rstrip()


def _write_snapshot(board: dict[str, Any], now: int, path: Path) -> None:
    from tui.console.files.export import svg, text
    from tui.paint.theme import THEMES

    lines = _page(board, now, 120, 40)
    drawn = (
        svg(lines, THEMES["dark"], 120, "twinwatch demo") if path.suffix == ".svg" else text(lines)
    )
    try:
        path.write_text(drawn, encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise WatchError("the snapshot is lost", str(path), why, "name another file") from error


def _check_snapshot(path: Path) -> None:
    """Refuse a snapshot that could not be written, before anything is started for it."""
    why, remedy = "", ""
    if path.suffix not in _SNAPSHOTS:
        why, remedy = f"it is neither {' nor '.join(_SNAPSHOTS)}", f"try {path.stem or 'board'}.svg"
    elif path.is_dir() or not path.parent.is_dir():
        why, remedy = "no file can be made there", "name a file in a directory that exists"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        why, remedy = "it can't be written", "name a file of yours"
    if why:
        raise SourceError("the snapshot is refused", str(path), why, remedy)
