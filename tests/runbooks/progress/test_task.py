"""One step on one host: until when its host may start it."""

from __future__ import annotations

import pytest

from runbooks.progress import facts
from runbooks.progress.entries import Entry, entry_from_json, entry_to_json
from runbooks.progress.facts import Task
from runbooks.progress.requests import Go
from tests.runbooks.progress.test_run import book, do, drive, journal
from tests.runbooks.progress.world import T0


@pytest.mark.parametrize(
    ("uptime_seconds", "not_after"),
    [
        (0, 36),  # within the first second after its host's start, which is no reason not to know
        (100, 136),
        (None, None),
    ],
)
def test_a_host_starts_nothing_that_was_given_up(
    uptime_seconds: int | None, not_after: int | None
) -> None:
    """Its time, ours to stop it, and the second that passed since it was put there."""
    run = drive(book(do("a", timeout_ms=10_000)))
    task = Task("a", "db2")
    while journal(run)[-1] != "Intended":
        run._step()
    run.record((facts.Prepared(task, "boot-0", uptime_seconds),))
    run.now += 1_000
    run.record((facts.GoIntended(task),))
    (go,) = run.run.requests(run.now)
    assert isinstance(go, Go) and go.not_after == not_after


@pytest.mark.parametrize("uptime_seconds", [0, 7, None])
def test_what_is_known_of_an_uptime_stays_so_on_record(uptime_seconds: int | None) -> None:
    entry = Entry(1, T0, "op", facts.Prepared(Task("a", "db2"), "boot-0", uptime_seconds))
    written = entry_to_json(entry)
    assert ("uptime_seconds" in written) == (uptime_seconds is not None)
    assert entry_from_json(written) == entry
