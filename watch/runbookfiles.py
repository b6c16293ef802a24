"""The runbooks there are: where they are looked for, and how their files are read.

A runbook says what is done on hosts with the watch's keys, so its file must be its owner's alone,
as the estate's. The runbooks that ship with twinwatch stand behind everybody's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from estate.error import FileRefused
from estate.strict import Problem
from runbooks.reading.file import RunbookError, read_runbook
from runbooks.reading.lint import remarks
from runbooks.reading.lint.remark import Remark
from runbooks.reading.schema import runbook_schema
from runbooks.runbook import Runbook
from runbooks.scripts import files_of, pinned_files
from watch.error import SourceError, WatchError
from watch.source import Source, base_directory, text_of, trusted_bytes

SYSTEM_RUNBOOKS = Path("/etc/twinwatch/runbooks")
#: Of a file beside a runbook: it is sent to every host.
MAX_FILE_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Shelved:
    """A runbook's file, and what is in it: the runbook, or why it is refused.

    `hidden_by` is the file in an earlier place that has the same name, None if it is this one
    that is run.
    """

    path: Path
    runbook: Runbook | None = None
    problem: FileRefused | WatchError | None = None
    hidden_by: Path | None = None

    @property
    def name(self) -> str:
        """The runbook's, or the file's where that can't be read."""
        return self.runbook.name if self.runbook else self.path.stem


def places(environ: Mapping[str, str], estate: Path | None) -> tuple[Path, ...]:
    """Where runbooks are looked for, the first place first; `estate` is the estate's file."""
    named = (Path(environ["TWINWATCH_RUNBOOKS"]),) if environ.get("TWINWATCH_RUNBOOKS") else ()
    beside = (estate.parent / "runbooks",) if estate else ()
    config = base_directory(environ, "XDG_CONFIG_HOME", ".config") / "twinwatch" / "runbooks"
    return (*named, *beside, config, SYSTEM_RUNBOOKS, shipped())


def shipped() -> Path:
    """The place of the runbooks that ship with twinwatch."""
    import runbooks

    return Path(runbooks.__path__[0]) / "library"


def shelf(where: Sequence[Path]) -> tuple[Shelved, ...]:
    """Every runbook's file in these places, by name; wrong ones with what is wrong."""
    found: dict[str, Path] = {}
    shelved: list[Shelved] = []
    for path in _files(where):
        try:
            runbook = load(path)
        except (FileRefused, WatchError) as problem:
            shelved.append(Shelved(path, None, problem))
            continue
        shelved.append(Shelved(path, runbook, None, found.get(runbook.name)))
        found.setdefault(runbook.name, path)
    return tuple(sorted(shelved, key=lambda each: (each.name, each.hidden_by is not None)))


def _files(where: Sequence[Path]) -> Iterator[Path]:
    for place in dict.fromkeys(each.resolve() for each in where):
        try:
            yield from sorted(place.glob("*.yaml"))
        except OSError as error:
            why = error.strerror or str(error)
            raise SourceError(
                "no runbooks can be read", str(place), why, "check the path"
            ) from None


def find(name: str, where: Sequence[Path]) -> Runbook:
    """The runbook of that name, or in the file `name` if that is a path.

    Raises SourceError where there is none, and RunbookError where it is refused.
    """
    if "/" in name or name.endswith(".yaml"):
        return load(Path(name))
    shelved = shelf(where)
    for each in shelved:
        if each.name == name and each.hidden_by is None:
            if each.problem:
                raise each.problem
            assert each.runbook
            return each.runbook
    names = [each.name for each in shelved]
    near = get_close_matches(name, names, 1)
    why = f"there are {', '.join(dict.fromkeys(names))}" if names else "there are none"
    todo = f"did you mean {near[0]}?" if near else "see twinwatch runbook list"
    # The status reaches the command through the API too: its input is wrong, not the watch.
    raise SourceError("no such runbook", name, why, todo, status=404)


def load(path: Path) -> Runbook:
    """The runbook in the file `path`.

    Raises SourceError when it can't be read or trusted, RunbookError with every problem in it. What
    ships with twinwatch is trusted as its programs are, whoever owns the files.
    """
    text = _text(path) if _ships(path) else text_of(Source(path))
    return read_runbook(text, str(path))


def _ships(path: Path) -> bool:
    return path.resolve().is_relative_to(shipped().resolve())


def linted(path: Path) -> tuple[Runbook, tuple[Remark, ...]]:
    """The runbook in `path`, whoever may have written it, and what is worth knowing of it.

    Raises as `load` does, and RunbookError when a file that belongs beside it is not there.
    """
    runbook = read_runbook(_text(path), str(path))
    if absent := tuple(_absent(runbook)):
        raise RunbookError(str(path), absent)
    return runbook, tuple(sorted((*remarks(runbook), *_ways_back(runbook))))


def _absent(runbook: Runbook) -> Iterator[Problem]:
    for step in runbook.all_steps():
        for name in files_of(step):
            if not (Path(runbook.source).parent / name).is_file():
                yield Problem(step.line, f"{name!r} is not beside the runbook", "put it there")


def _ways_back(runbook: Runbook) -> Iterator[Remark]:
    """A way back that is nowhere near may be in another place, which lint does not know."""
    near = {each.name for each in shelf((Path(runbook.source).parent, shipped()))}
    if runbook.way_back and runbook.way_back not in near:
        lines = runbook.text.splitlines()
        line = next((n for n, each in enumerate(lines, 1) if each.startswith("way_back")), 1)
        what = f"way_back: no {runbook.way_back} is beside it, or among those that ship"
        yield Remark(line, what)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is no UTF-8"
        raise SourceError("the file can't be read", str(path), why, "save it as UTF-8") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise SourceError("the file can't be read", str(path), why, "check the path") from None


def described() -> dict[str, Any]:
    """The JSON Schema of a runbook."""
    return runbook_schema()


def files_beside(runbook: Runbook) -> dict[str, bytes]:
    """The files that a run is pinned to, by their names in the runbook; absent ones are left out.

    Raises SourceError when one can't be trusted, or is too large to be sent around.
    """
    files: dict[str, bytes] = {}
    for name in dict.fromkeys(pinned_files(runbook)):
        path = Path(runbook.source).parent / name
        if path.is_file():
            files[name] = path.read_bytes() if _ships(path) else trusted_bytes(path)
            if len(files[name]) > MAX_FILE_BYTES:
                why = f"{len(files[name]):,} bytes, {MAX_FILE_BYTES:,} at most are sent to hosts"
                raise SourceError("the file is refused", str(path), why, "fetch it there instead")
    return files
