"""Twelve sections, always; each is filled, or says that there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.handover import Closed
from estate.language import ENGLISH
from snapshots.page import Heading, Page, Paragraph, Phrase, Section, Table
from snapshots.snapshot import Snapshot, Unseen
from snapshots.telling import SECTIONS, tell
from watch.languages import words_in

KEYS = (
    "header", "summary", "incidents", "services", "budgets", "queues", "runs", "changes",
    "silences", "recovery", "security", "watch-list",
)  # fmt: skip


def section(page: Page, key: str) -> Section:
    return next(each for each in page.sections if each.key == key)


def test_the_sections_are_those_of_the_report_in_its_order() -> None:
    assert tuple(SECTIONS) == KEYS


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_a_full_snapshot_fills_every_section(full: Snapshot, language: str) -> None:
    words = words_in(language)
    page = tell(full, words)
    assert [each.number for each in page.sections] == list(range(1, 14))
    for each in page.sections:
        assert each.blocks != (Paragraph(Phrase(words.say("None."), "dim")),), each.key


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_an_empty_one_says_none_in_each(empty: Snapshot, language: str) -> None:
    words = words_in(language)
    page, none = tell(empty, words), words.say("None.")
    assert [each.key for each in page.sections] == list(KEYS)
    for each in page.sections[1:]:
        said = [block.said.text for block in each.blocks if isinstance(block, Paragraph)]
        assert none in said, each.key


def test_what_could_not_be_seen_has_its_place_even_where_it_is_nothing(empty: Snapshot) -> None:
    blocks = section(tell(empty, ENGLISH), "services").blocks
    at = blocks.index(Heading(Phrase("What could not be seen")))
    assert blocks[at + 1] == Paragraph(Phrase("None.", "dim"))


def test_every_gap_is_listed_with_its_reason(full: Snapshot) -> None:
    tables = [
        each for each in section(tell(full, ENGLISH), "services").blocks if isinstance(each, Table)
    ]
    told = {(row[1].text, row[5].text) for row in tables[-1].rows}
    for gap in full.unseen:
        where = "Mailboxes 1" if gap.where == "service-001" else gap.where
        assert (where, gap.why) in told


def test_more_gaps_than_a_page_bears_are_counted(full: Snapshot) -> None:
    many = tuple(Unseen("host", f"h{number:03}", "lost") for number in range(100))
    tables = [
        each
        for each in section(tell(replace(full, unseen=many), ENGLISH), "services").blocks
        if isinstance(each, Table)
    ]
    assert (len(tables[-1].rows), tables[-1].more.text) == (80, "and 20 more")


@pytest.mark.parametrize(
    ("change", "worry"),
    [
        ({}, "Act now: 1 incident open, 1 service down, 1 critical problem."),
        ({"problems": (), "services": ()}, "Act now: 1 incident open."),
        ({"problems": (), "services": (), "notes": ()}, "Keep an eye on it: 8 things not seen."),
        (
            {"problems": (), "services": (), "unseen": (), "notes": ()},
            "Calm: nothing is wrong, and everything was seen.",
        ),
    ],
)
def test_how_worried_to_be_is_one_sentence(
    full: Snapshot, change: dict[str, tuple[()]], worry: str
) -> None:
    assert tell(replace(full, **change), ENGLISH).worry.text == worry


def test_what_is_asked_of_the_next_shift_names_run_host_and_reason(full: Snapshot) -> None:
    page = repr(section(tell(full, ENGLISH), "summary"))
    for said in (
        "Answer run r-20261120-0621-5f0c2a91: Is mdb-r01 promoted?",
        "Find out what run r-20261120-0621-5f0c2a91 did: Promote the standby @ mdb-r01",
        "Take on gw-c01: lost: no route to host",
        "Find out why the key of im-r02 is another",
        "Renew mail on lb-r01: it ends 25 Nov 14:30",
        "Make Mail delivery ready to fail over: replication streams: mdb-r01 is 4:10 behind",
    ):
        assert said in page


def test_what_people_noted_stands_where_it_is_looked_for(full: Snapshot) -> None:
    page = tell(full, ENGLISH)
    incidents, summary = repr(section(page, "incidents")), repr(section(page, "summary"))
    for said in (
        "Incident n-4a1f02: Mail is not delivered at the central site", "T01, T04",
        "the switch of rack 4 lost its uplink", "rebooted gw-c01: no change", "20 Nov 15:00",
        "The auditors visit at 10:00 tomorrow",
    ):  # fmt: skip
        assert said in incidents
    assert "n-4a1f02: call the network desk, then decide on the failover" in summary
    first = section(page, "watch-list").blocks[0]
    assert isinstance(first, Table)
    assert [cell.text for cell in first.rows[0]] == [
        "deferred mail passes 15,000", "stop the bulk senders", "mail desk, ext. 4711",
    ]  # fmt: skip


def test_a_closed_note_is_told_no_more(full: Snapshot) -> None:
    closed = tuple(
        replace(each, closed=Closed(each.id, "op", full.made_at, "over")) for each in full.notes
    )
    assert "n-4a1f02" not in repr(tell(replace(full, notes=closed), ENGLISH))


def test_an_unknown_share_is_no_number(full: Snapshot) -> None:
    service = full.services[0]
    assert service.budget is not None
    wrong = replace(service, budget=replace(service.budget, best="1/0", worst="x"))
    page = tell(replace(full, services=(wrong,)), ENGLISH)
    tables = [each for each in section(page, "budgets").blocks if isinstance(each, Table)]
    assert [cell.text for cell in tables[0].rows[0][5:7]] == ["?", "?"]


@pytest.mark.parametrize(("best", "worst", "unseen", "said"), [
    (2, 1, 60_000, "2 … 1"), (2, 2, 60_000, "2"), (2, None, 60_000, "2 … ?"), (2, None, 0, "2"),
    (None, None, 60_000, "–"),
])  # fmt: skip
def test_failovers_are_left_in_two_cases_and_an_older_file_tells_of_one(
    full: Snapshot, best: int | None, worst: int | None, unseen: int, said: str
) -> None:
    service = full.services[0]
    assert service.budget is not None
    budget = replace(
        service.budget, failovers_left=best, failovers_left_worst=worst, unknown_ms=unseen
    )
    page = tell(replace(full, services=(replace(service, budget=budget),)), ENGLISH)
    tables = [each for each in section(page, "budgets").blocks if isinstance(each, Table)]
    assert tables[0].rows[0][8].text == said


def test_no_sentence_of_ours_begins_like_a_formula(full: Snapshot) -> None:
    for why, said, chinese in (
        ("+0.4%/min: writes fail", "rising 0.4%/min: writes fail", "上升 0.4%/min: writes fail"),
        ("-1,941/min, oldest 6:30", "falling 1,941/min, oldest", "下降 1,941/min, oldest"),
    ):
        problems = (replace(full.problems[-2], why=why),)
        for words, expected in ((ENGLISH, said), (words_in("zh-Hant"), chinese)):
            page = tell(replace(full, problems=problems), words)
            for key in ("incidents", "watch-list"):
                found = repr(section(page, key))
                assert expected in found
                assert f"'{why[:4]}" not in found
