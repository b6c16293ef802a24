"""Real terminals of PostgreSQL 15: a primary, its standby, and users who may not see them."""

from __future__ import annotations

from math import isnan, nan

import pytest
from pytest import approx

from collectors.probes.postgresql import Postgresql
from collectors.runner import Answer
from estate.asked import Asked
from estate.asked import Postgresql as AskedPostgresql
from estate.model import Host
from estate.samples import Gap, Reading

from .cases_of import every_prefix, read


def streams(case: str) -> list[Reading]:
    return [e for e in read("postgresql", case) if isinstance(e, Reading) and "stream" in e.name]


def test_a_primary_tells_of_its_standbys_and_of_slots_that_nobody_takes() -> None:
    server, stream, *slots = read("postgresql", "primary")
    assert isinstance(server, Reading)
    assert (server.name, server.text) == ("replication_server", "primary")
    assert stream == Reading(
        "replication_stream", "15/main", 0.0, "streaming",
        {"direction": "out", "bytes": 0.0, "sync": "async", "address": "127.0.0.1"},
    )  # fmt: skip
    assert [(e.subject, e.text) for e in slots if isinstance(e, Reading)] == [
        ("standby_1", "active"), ("gone", "inactive"),
    ]  # fmt: skip


def test_a_primary_knows_no_seconds_of_a_standby_that_stands_still() -> None:
    """Its replay was paused: PostgreSQL still said replay_lag 0.03 s, and 12 MB."""
    [stream] = streams("primary-lag")
    assert isnan(stream.value)
    assert stream.attributes["bytes"] == 12_837_664


def test_a_standby_counts_from_the_last_commit_it_replayed() -> None:
    [stream] = streams("standby-lag")
    assert stream.value == approx(11.17, abs=0.01)
    assert stream.text == "streaming"
    [well] = streams("standby")
    assert well.value == 0.0


def test_a_standby_alone_knows_whom_it_follows_and_nothing_of_its_lag() -> None:
    """It has replayed all that it received: that is no lag of 0 of a primary it does not hear."""
    server, stream = read("postgresql", "standby-alone")
    assert isinstance(server, Reading)
    assert server.attributes == {"follows": "127.0.0.1"}
    assert isinstance(stream, Reading)
    assert (stream.subject, stream.text) == ("127.0.0.1", "stopped")
    assert isnan(stream.value)


def test_a_primary_that_says_nothing_any_more_has_no_lag_of_0() -> None:
    """Its sender was stopped for 45 s: the receiver was still "streaming", all of it replayed."""
    received = streams("standby-silent")[-1]
    assert (received.text, received.attributes) == ("streaming", {"direction": "in"})
    assert isnan(received.value)


@pytest.mark.parametrize(
    ("heard", "asks", "believed"),
    [("39.9", "30", True), ("40.1", "30", False), ("159", "150", True), ("161", "150", False),
     ("39", "0", True), ("41", "0", False), ("41", "null", False), ("null", "30", False)],
)  # fmt: skip
def test_how_long_a_primary_may_be_silent(heard: str, asks: str, believed: bool) -> None:
    """It is asked for a word after half of wal_receiver_timeout, which may be 0: never."""
    answer = (
        '{"kind":"server","recovery":true,"sees":true,"follows":"c1"}\n'
        f'{{"kind":"receiver","state":"streaming","host":"c1","heard":{heard},"asks":{asks}}}\n'
        '{"kind":"replay","bytes":0,"seconds":0}\n{"kind":"end"}\n'
    )
    _, stream = Postgresql().parse(Answer("p", 0, answer.encode(), False, 0, 0))
    assert isinstance(stream, Reading)
    assert (stream.value == 0.0) is believed
    assert isnan(stream.value) is not believed


def test_a_standby_that_sends_on_tells_which_stream_it_lives_on() -> None:
    ways = [(e.attributes["direction"], e.subject, e.text) for e in streams("cascade")]
    assert ways == [("out", "walreceiver", "streaming"), ("in", "127.0.0.1", "streaming")]
    ways = [(e.attributes["direction"], e.subject, e.text) for e in streams("cascade-broken")]
    assert ways == [("out", "walreceiver", "streaming"), ("in", "127.0.0.1", "stopped")]


def test_who_may_not_see_replication_says_what_is_missing() -> None:
    told = read("postgresql", "unprivileged")
    assert Gap("this user may not see replication: GRANT pg_monitor TO it") in told
    assert not streams("unprivileged")


def test_an_error_is_its_first_line() -> None:
    [gap] = read("postgresql", "no-server", 2)
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("psql: error: connection to server on socket")


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("postgresql", "primary"):
        assert any(isinstance(each, Gap) for each in told)


def test_numbers_that_are_none_are_not_known() -> None:
    line = (
        b'{"kind":"server","recovery":false,"sees":true}\n'
        b'{"kind":"standby","name":"a\\u001b[2J","state":"streaming","bytes":true}\n'
        b'{"kind":"slot","name":"s","active":"yes","kept":1e999}\n{"kind":"end"}\n'
    )
    _, stream, slot = Postgresql().parse(Answer("p", 0, line, False, 0, 0))
    assert isinstance(stream, Reading)
    assert stream.subject == r"a\x1b[2J"
    assert isnan(stream.value)
    assert isinstance(slot, Reading)
    assert (slot.text, slot.value) != ("active", nan)


def test_it_is_asked_as_whom_the_estate_says() -> None:
    host = Host("h", "s", asked=Asked(postgresql=AskedPostgresql("postgres", 5433)))
    assert Postgresql().command(host).startswith("set -- postgres 5433 postgres\n")
    assert Postgresql().command(Host("h", "s")) == ""
