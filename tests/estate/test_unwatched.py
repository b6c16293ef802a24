"""Times that nobody watched know their bounds, in the event and in whatever kept it."""

from __future__ import annotations

from estate.document import Event, Severity
from estate.told import from_plain, to_plain
from estate.unwatched import bounds_of, is_unwatched, unread, unwatched

SAID = unwatched(1_000, 91_000, "02:10:11–02:11:41", "1:30")


def test_the_sentence_knows_its_bounds_and_so_does_what_was_kept_of_it() -> None:
    assert SAID == "not watching 02:10:11–02:11:41 (1:30)"
    kept = from_plain(to_plain(SAID), str(SAID))
    for said in (SAID, kept):
        event = Event(1, 91_500, Severity.WARNING, "watch", said)
        assert is_unwatched(event)
        assert bounds_of(event) == (1_000, 91_000)


def test_one_of_an_older_record_ended_when_it_was_told() -> None:
    event = Event(1, 91_500, Severity.WARNING, "watch", "not watching 02:10:11–02:11:41 (1:30)")
    assert is_unwatched(event)
    assert bounds_of(event) == (None, 91_500)


def test_where_nothing_could_be_read_the_end_alone_is_known() -> None:
    said = unread("r.db can't be opened: Is a directory; check the path", 91_000)
    assert said.startswith("started; what was before can't be read: r.db can't be opened: Is a ")
    event = Event(1, 91_500, Severity.WARNING, "watch", from_plain(to_plain(said), str(said)))
    assert is_unwatched(event)
    assert bounds_of(event) == (None, 91_000)


def test_other_events_are_none() -> None:
    for severity, where, what in (
        (Severity.WARNING, "a", SAID),
        (Severity.OK, "watch", "stopped"),
        (Severity.WARNING, "watch", "this machine's clock was set by +3.0 s"),
    ):
        assert not is_unwatched(Event(1, 5, severity, where, what))
