"""`twinwatch snapshot`: the handover of this moment; and one that was kept, rendered anew."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.output import write_output
from tui.commands.show import emit_json, emit_piece
from tui.commands.target import at_home, target_of
from tui.commands.wanted import AsJson, milliseconds
from watch.client import Client
from watch.error import SourceError, WatchError

if TYPE_CHECKING:
    from estate.language import Words
    from snapshots.snapshot import Snapshot

#: The watch reads its records and the journals of runs for it.
_PATIENCE_SECONDS = 60.0

snapshot = typer.Typer(
    help="The handover of this moment; or one that was kept, rendered without a watch.",
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
)

#: Ends of names beside those that a form gives its files: other habits, and what says nothing.
_BY_END = {".htm": "html", ".markdown": "md", "": "text"}

Form = Annotated[
    str, typer.Option("--format", metavar="FORM", help="text, md, html, json; else by FILE's end.")
]
Language = Annotated[
    str, typer.Option(metavar="TAG", help="en or zh-Hant; else yours, or the estate's.")
]
Output = Annotated[str, typer.Option(metavar="FILE", help="Write it there, whole or not at all.")]
Since = Annotated[
    str, typer.Option(metavar="AGE", help="From so long ago: 8h, 30d; else the shift's start.")
]
Before = Annotated[
    str, typer.Option(metavar="FILE", help="The handover before (JSON): what differs from it?")
]
File = Annotated[str, typer.Argument(metavar="FILE", help="JSON; - reads standard input.")]


@snapshot.callback()
def taken(
    context: typer.Context,
    *,
    since: Since = "",
    before: Before = "",
    form: Form = "",
    language: Language = "",
    output: Output = "",
    every_shift: Annotated[bool, typer.Option("--every-shift", hidden=True)] = False,
    as_json: AsJson = False,
) -> None:
    """Freeze what the watch knows now, and tell it; as JSON it can be kept and rendered later."""
    if context.invoked_subcommand is not None:
        return
    if every_shift:
        what, why = "no command stays for that", "the watch offers one at each change of shift"
        do = "write `handover: {every_shift: true}` in the estate file"
        raise SourceError(what, "snapshot --every-shift", why, do)
    from snapshots.difference import compared
    from watch.clock import now_ms

    wanted = form_of("json" if as_json else form, output)
    old = _read(before) if before else None
    start = now_ms() - milliseconds(since, "--since") if since else None
    if old is not None and start is None:
        start = old.made_at
    asked = target_of(context).client()
    made = _from_watch(Client(asked.socket, _PATIENCE_SECONDS, at=asked.at), start)
    if old is not None:
        _of_one_estate(before, old, made)
        made = replace(made, before=compared(old, made))
    put(made, wanted, language, output)


def _of_one_estate(file: str, old: Snapshot, made: Snapshot) -> None:
    """Raises SourceError where `old`, of `file`, is of another estate: none of it would be over."""
    if old.estate != made.estate:
        why = f"it is of the estate {old.estate}, and the watch is of {made.estate}"
        do = "name a handover of this estate"
        raise SourceError("the two can't be compared", file, why, do)


@snapshot.command()
def render(
    file: File,
    *,
    form: Form = "",
    language: Language = "",
    output: Output = "",
    as_json: AsJson = False,
) -> None:
    """Render a snapshot that was kept as JSON; no watch is asked."""
    put(_read(file), form_of("json" if as_json else form, output), language, output)


@snapshot.command()
def schema() -> None:
    """Print the JSON Schema of snapshots."""
    from snapshots.schema import snapshot_schema

    emit_json(snapshot_schema())


def form_of(form: str, output: str) -> str:
    """The form that is meant; raises SourceError when there is none such."""
    from snapshots.rendering import FORMS

    if not form:
        ends = Path(output).suffix.lower()
        form = _BY_END.get(ends) or next((n for n, suffix in FORMS.items() if suffix == ends), "")
        if not form:
            why, do = "the name's end says no format", f"add --format: {', '.join(FORMS)}"
            raise SourceError("no such format", output, why, do)
    if form not in FORMS:
        raise SourceError("no such format", form, "", f"write one of {', '.join(FORMS)}")
    return form


def _from_watch(client: Client, start: int | None) -> Snapshot:
    return snapshot_of(client, client.get("/v1/snapshot", {"start": start}))


def snapshot_of(client: Client, raw: object) -> Snapshot:
    """The snapshot that the watch of `client` gave; raises WatchError."""
    from snapshots.reading import SnapshotError, snapshot_from

    try:
        return snapshot_from(raw)
    except SnapshotError as error:
        do = "use the twinwatch that the watch is of"
        raise WatchError(
            "the snapshot makes no sense", str(client.socket), error.what, do
        ) from None


def _read(file: str) -> Snapshot:
    """The snapshot in `file`, "-" for standard input; raises SourceError."""
    from snapshots.reading import SnapshotError, read_snapshot

    path = Path(at_home(file))
    try:
        content = sys.stdin.buffer.read() if file == "-" else path.read_bytes()
        return read_snapshot(content)
    except SnapshotError as error:
        raise SourceError("the snapshot is refused", file, error.what, error.todo) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise SourceError("no snapshot", str(path), why, "name a JSON file") from None


def put(made: Snapshot, form: str, language: str, output: str) -> None:
    """Rendered, to `output` or standard output. Raises WatchError when it can't be written."""
    from snapshots.rendering import render as rendered

    width = None if output or not sys.stdout.isatty() else get_terminal_size().columns
    content = rendered(made, form, _words(language, made), width=width)
    if not output:
        emit_piece(content.decode())
        return
    write_output(Path(at_home(output)), content)


def _words(language: str, made: Snapshot) -> Words:
    from estate.language import LANGUAGES
    from tui.commands.speech import words_for
    from watch.languages import words_in

    if not language:
        return words_for(made.language)
    if language not in LANGUAGES:
        do = f"write one of {', '.join(LANGUAGES)}"
        raise SourceError("no such language", language, "there is no catalogue of it", do)
    return words_in(language)
