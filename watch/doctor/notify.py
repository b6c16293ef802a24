"""Checks of who is told of problems: the file of targets and rules, and how the targets do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from estate.error import FileRefused
from watch.client import Client
from watch.doctor.finding import Finding, fail, ok, warn
from watch.error import WatchError
from watch.notices import file, sending
from watch.process import Place
from watch.words import count

_CHECK = "notices"


def rules(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the file can be followed; nothing where there is none."""
    path = file.place(environ)
    if path is None:
        return
    if not os.access(path, os.R_OK) and path.exists():
        yield warn(_CHECK, f"{path} is for another user's watch", "ask as that user")
        return
    try:
        found = file.load(path)
    except FileRefused as error:
        for each in error.problems:
            yield fail(_CHECK, f"{path}:{each.line}: {each.what}", each.todo)
        return
    except WatchError as error:
        yield fail(_CHECK, f"{error.where}: {error.why}", error.do)
        return
    if why := sending.missing():
        what, _, do = why.partition(": ")
        yield fail(_CHECK, what, do)
        return
    for target in found.targets.values():
        if why := sending.check(target):
            yield fail(_CHECK, f"{path}: {why}", "see the services of Apprise: apprise --help")
    told = {name for rule in found.rules for name in rule.to}
    for name in found.targets.keys() - told:
        yield warn(_CHECK, f"{path}: no rule tells {name} of anything", "add a rule, or remove it")
    if found.targets:
        many = f"{count(len(found.targets), 'target')}, {count(len(found.rules), 'rule')}"
        yield ok(_CHECK, f"{path}: {many}")


def targets(place: Place) -> Iterator[Finding]:
    """Targets that the watch can't tell; nothing where no watch answers."""
    try:
        said = Client(place.socket).get("/v1/notify")
    except WatchError:
        return
    for row in said["targets"]:
        if "failing_since" in row:
            waiting = f", {count(row.get('waiting', 0), 'notice')} waiting"
            what = f"{row['name']} ({row['service']}) is not told: {row['why']}{waiting}"
            yield fail(_CHECK, what, f"twinwatch notify test --target {row['name']}")
        if "letter_why" in row:
            what = f"{row['name']} ({row['service']}) did not take a handover: {row['letter_why']}"
            yield fail(_CHECK, what, f"twinwatch notify test --target {row['name']}")
