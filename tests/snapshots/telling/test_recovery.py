"""Replication as it is known at the moment of the board, and in the reader's language."""

from __future__ import annotations

from dataclasses import replace

from estate.configuration import ConfigurationRow
from estate.language import ENGLISH, Words
from estate.replication import ReplicationRow, Stream
from snapshots.page import Heading, Phrase, Table
from snapshots.snapshot import HostState, Snapshot
from snapshots.telling import tell
from watch.languages import words_in


def replication(made: Snapshot, words: Words = ENGLISH) -> list[list[str]]:
    (section,) = (each for each in tell(made, words).sections if each.key == "recovery")
    at = section.blocks.index(Heading(Phrase(words.say("Replication")))) + 1
    table = section.blocks[at]
    assert isinstance(table, Table)
    return [[cell.text for cell in row] for row in table.rows]


def row(empty: Snapshot, **more: object) -> ReplicationRow:
    made = ReplicationRow(
        host="db-c01", site="c", at=empty.made_at - 5_000, every_ms=30_000, system="postgresql",
        role="primary", streams=(Stream("db-r01", "streaming", "async", 2048.0, 0.0),),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_streams_of_a_primary_that_is_lost_are_not_known(empty: Snapshot) -> None:
    (told,) = replication(replace(empty, replication=(row(empty),)))
    assert told[2:7] == ["primary", "db-r01", "streaming async", "0 s", "2.0 KiB"]
    (told,) = replication(replace(empty, replication=(row(empty, gap="no route to host"),)))
    assert told[2:7] == ["primary", "db-r01", "no route to host", "?", "?"]
    old = row(empty, at=empty.made_at - 600_000)
    (told,) = replication(replace(empty, replication=(old,)))
    assert told[4:7] == ["not measured since", "?", "?"]


def test_roles_and_states_are_said_in_the_reader_s_language(empty: Snapshot) -> None:
    chinese = words_in("zh-Hant")
    for state, sync, said in (
        ("streaming", "async", "串流中 非同步"),
        ("stopped", "", "已停止"),
        ("IO stopped: no route", "", "IO stopped: no route"),
    ):
        made = row(empty, streams=(Stream("db-r01", state, sync),))
        (told,) = replication(replace(empty, replication=(made,)), chinese)
        assert (told[2], told[4]) == ("主用", said)


def test_files_that_should_be_alike_are_counted_by_their_contents(empty: Snapshot) -> None:
    def file(host: str, mark: str, **more: object) -> ConfigurationRow:
        made = ConfigurationRow(host=host, site=host[0], at=empty.made_at, every_ms=60_000,
                                path="/etc/main.cf", there=True, sha256=mark * 32)  # fmt: skip
        return replace(made, **more)  # type: ignore[arg-type]

    def parity(*rows: ConfigurationRow) -> list[list[str]]:
        hosts = tuple(HostState(each.host, each.site, "mta", "live") for each in rows)
        made = replace(empty, hosts=hosts, configuration=rows)
        (section,) = (each for each in tell(made, ENGLISH).sections if each.key == "recovery")
        at = section.blocks.index(Heading(Phrase("Files that should be alike"))) + 1
        table = section.blocks[at]
        assert isinstance(table, Table)
        return [[cell.text for cell in row] for row in table.rows]

    one, other = file("c1", "a1"), file("r1", "b2")
    assert parity(one, file("r1", "a1")) == [["mta", "/etc/main.cf", "2", "0", "1"]]
    assert parity(one, other) == [["mta", "/etc/main.cf", "2", "0", "2"]]
    unknown = replace(other, gap="no route to host")
    old = file("r2", "c3", at=empty.made_at - 86_400_000)
    assert parity(one, unknown, old) == [["mta", "/etc/main.cf", "3", "2", "1"]]
