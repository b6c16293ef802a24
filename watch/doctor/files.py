"""Checks of the estate file, the records and the socket."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from estate.model import Estate
from watch.client import Client, hung
from watch.doctor.finding import Finding, fail, ok, warn
from watch.error import NoWatch, SourceError, WatchError
from watch.lock import Lock
from watch.namedrunbooks import named_in, unusable_in
from watch.process import Place, answers, check_private
from watch.runbookfiles import places
from watch.source import Source, read, text_of
from watch.words import count

#: 80 hosts at 10 s take 0.3 GB for seven days.
SPACE_WANTED = 1 << 30
SPACE_NEEDED = 100 << 20
RENAME = "give it a Host name of letters, digits, dots and dashes"


def estate(source: Source) -> tuple[Estate | None, tuple[Finding, ...]]:
    """The estate, if it can be read, and what is wrong with it if not."""
    from estate.file import EstateError

    try:
        found = read(source)
    except EstateError as error:
        return None, tuple(
            fail("estate", f"{source.path}:{each.line}: {each.what}", each.todo)
            for each in error.problems
        )
    except WatchError as error:
        return None, (fail("estate", f"{error.where}: {error.what}: {error.why}", error.do),)
    collected = sum(host.collected for host in found.hosts.values())
    return found, (
        ok(
            "estate",
            f"{source.path}: {count(collected, 'host')} at {count(len(found.sites), 'site')}",
        ),
        *(warn("estate", f"{source.path}: left out: {each}", RENAME) for each in found.left_out),
    )


def runbooks(source: Source, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the runbooks are there that the estate names, and can be run."""
    if source.ssh:
        return
    try:
        text = text_of(source)
        found = unusable_in(text, places(environ, source.path))
    except WatchError as error:
        yield fail("runbooks", f"{error.where}: {error.what}: {error.why}", error.do)
        return
    yield from (fail("runbooks", f"{source.path}:{e.line}: {e.what}", e.todo) for e in found)
    named = {name for _, name in named_in(text)}
    if named and not found:
        yield ok("runbooks", f"{count(len(named), 'runbook')} that the estate names, each there")


def no_estate(missing: SourceError) -> Finding:
    """That there is no estate to watch, and where it was looked for."""
    return fail("estate", f"{missing.what}: {missing.where}: {missing.why}", missing.do)


def records(place: Place) -> Iterator[Finding]:
    """Whether what is seen can be kept."""
    if place.shared:
        return  # not ours to see: the system's watch looks after them, and tells on its board
    directory = _existing(place.records.parent)
    if not os.access(directory, os.W_OK):
        what, todo = f"{directory} can't be written to", f"chmod u+w {directory}"
        if os.statvfs(directory).f_flag & os.ST_RDONLY:
            what = f"{directory} lies on a file system that is mounted read-only"
            todo = "mount it for writing: mount -o remount,rw; or set XDG_STATE_HOME to another"
        yield fail("records", what, todo)
        return
    if place.records.exists() and not os.access(place.records, os.W_OK):
        yield fail("records", f"{place.records} is read-only", f"chmod u+w {place.records}")
        return
    free = shutil.disk_usage(directory).free
    said = f"{place.records}, {free / 1e9:.1f} GB free"
    if free < SPACE_NEEDED:
        yield fail("records", said, "make room there")
    elif free < SPACE_WANTED:
        yield warn("records", said, "make room there: a week of 80 hosts takes 0.3 GB")
    else:
        yield ok("records", said)


def socket(place: Place) -> Iterator[Finding]:
    """Whether a watch runs, or could."""
    if place.shared:
        yield _of_the_system(place)
        return
    for directory in sorted({place.socket.parent, place.records.parent}):
        try:
            if directory.exists():
                check_private(directory, directory.lstat())
        except WatchError as error:
            yield fail("directory", f"{error.where}: {error.why}", error.do)
    if answers(place.socket):
        yield ok("watch", f"runs, at {place.socket}")
    elif place.socket.exists() and Lock(place.lock).held():
        silent = hung(place.socket)
        yield fail("watch", f"{silent.what}: {silent.why}", silent.do)
    elif place.socket.exists():
        said = f"it ended without clearing up {place.socket}"
        yield warn("watch", said, "start it: twinwatch watch")
    else:
        yield ok("watch", "does not run; twinwatch starts it")


def _of_the_system(place: Place) -> Finding:
    try:
        Client(place.socket).get("/v1/status")
    except NoWatch as nobody:
        said = f"the system's does not run: {nobody.where}: {nobody.why}"
        return fail("watch", said, "have it started: systemctl start twinwatch")
    except WatchError as error:
        return fail("watch", f"{error.what}: {error.why}", error.do)
    return ok("watch", f"the system's runs, at {place.socket}")


def _existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
