"""Whose a problem is: until its time is up, until it gets worse, and never for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.attention import Acknowledgement, Ended, Ending, Kept, Silence
from estate.document import Problem, Severity
from estate.filter import FilterError
from estate.handover import Ownership
from watch.attention import words
from watch.attention.standing import OVER_MS, Attention

HOUR = 3_600_000
DISK = Problem(
    "a/disk/var", "a", "/var 91% > 85%", "", Severity.WARNING, 10, kind="disk", hosts=("a",),
    site="central",
)  # fmt: skip
SITE = Problem(
    "site/central", "central", "site lost", "", Severity.CRITICAL, 20, kind="reach",
    hosts=("a", "b"), site="central",
)  # fmt: skip


def ack(problem: Problem = DISK, until: int = HOUR, at: int = 100) -> Acknowledgement:
    return Acknowledgement(problem.id, "op1", "on it", at, until, problem.severity.value)


def silence(where: str, until: int = HOUR, name: str = "s-1") -> Silence:
    return Silence(name, where, "op2", "new disks", 100, until)


def shown(attention: Attention, *problems: Problem, now: int = 200, complete: bool = True):
    found, news = attention.look(problems, now, complete=complete)
    return {each.id: each for each in found}, [(n.ended.how, n.problem) for n in news]


def test_an_acknowledged_problem_has_an_owner_a_reason_and_an_end() -> None:
    attention = Attention()
    attention.acknowledge(ack())
    found, news = shown(attention, DISK, SITE)
    disk, site = found[DISK.id], found[SITE.id]
    assert (disk.owner, disk.reason, disk.until, disk.silence) == ("op1", "on it", HOUR, "")
    assert (site.owner, site.until) == ("", None)
    assert news == []
    assert disk.severity is Severity.WARNING, "it is no better for being known"


def test_when_the_time_is_up_it_returns_as_new() -> None:
    attention = Attention()
    attention.acknowledge(ack())
    found, news = shown(attention, DISK, now=HOUR)
    assert (found[DISK.id].owner, found[DISK.id].returned) == ("", HOUR)
    assert [how for how, _ in news] == [Ending.EXPIRED]
    assert [each.how for each in attention.unkept] == [Ending.EXPIRED]
    found, news = shown(attention, DISK, now=HOUR + 5)
    assert (found[DISK.id].returned, news) == (HOUR, []), "told once, and as new as it was"
    shown(attention, now=HOUR + 6)
    found, _ = shown(attention, DISK, now=HOUR + 7)
    assert found[DISK.id].returned is None, "the next one is another problem"


def test_what_expired_while_nobody_watched_is_told_when_somebody_does() -> None:
    attention = Attention()
    attention.restored(Kept((ack(until=150),)))
    found, news = shown(attention, DISK, now=200, complete=False)
    assert found[DISK.id].returned == 200
    assert news[0][0] is Ending.EXPIRED
    assert news[0][1] == found[DISK.id]


def test_a_worse_problem_is_nobodys() -> None:
    attention = Attention()
    attention.acknowledge(ack())
    worse = replace(DISK, severity=Severity.CRITICAL)
    found, news = shown(attention, worse)
    assert (found[DISK.id].owner, [how for how, _ in news]) == ("", [Ending.WORSE])


def test_a_better_one_stays_and_planned_work_has_its_own_owner() -> None:
    attention = Attention()
    attention.acknowledge(replace(ack(), severity="critical"))
    assert shown(attention, DISK)[0][DISK.id].owner == "op1"
    planned = replace(DISK, severity=Severity.MAINTENANCE, owner="night shift", until=9)
    assert shown(attention, planned)[0][DISK.id] == planned


def test_it_is_over_when_the_problem_was_gone_for_a_while() -> None:
    attention = Attention()
    attention.acknowledge(ack(until=10 * HOUR))
    assert shown(attention, now=1_000)[1] == []
    assert shown(attention, DISK, now=2_000)[0][DISK.id].owner == "op1", "it came back: the same"
    assert shown(attention, now=3_000)[1] == []
    assert shown(attention, now=3_000 + OVER_MS - 1)[1] == []
    assert shown(attention, now=3_000 + OVER_MS)[1] == [(Ending.OVER, None)]
    assert shown(attention, DISK, now=HOUR)[0][DISK.id].returned is None


def test_after_a_restart_what_is_not_seen_yet_is_not_over() -> None:
    attention = Attention()
    attention.restored(Kept((ack(until=10 * HOUR),)))
    assert shown(attention, now=1_000, complete=False)[1] == []
    assert shown(attention, now=1_000 + 2 * OVER_MS, complete=False)[1] == []
    assert shown(attention, DISK, now=2_000 + 2 * OVER_MS)[0][DISK.id].owner == "op1"


def test_taking_it_back_brings_it_back() -> None:
    attention = Attention()
    attention.acknowledge(ack())
    attention.withdraw(Ended(ack(), 300, Ending.WITHDRAWN, "op3"))
    found, news = shown(attention, DISK, now=301)
    assert (found[DISK.id].owner, found[DISK.id].returned) == ("", 300)
    assert news[0][0] is Ending.WITHDRAWN


def ended(said: Acknowledgement | Silence, at: int, how: Ending = Ending.EXPIRED) -> Ended:
    return Ended(said, at, how)


def test_what_returned_before_a_restart_is_as_new_after_it() -> None:
    attention = Attention()
    attention.restored(Kept(ended=(ended(ack(until=150), 160),)))
    assert shown(attention, now=200, complete=False)[0] == {}
    found, news = shown(attention, DISK, SITE, now=210, complete=False)
    assert (found[DISK.id].returned, found[SITE.id].returned, news) == (160, None, [])
    assert shown(attention, DISK, now=300)[0][DISK.id].returned == 160
    assert shown(attention, now=400)[0] == {}
    assert shown(attention, DISK, now=500)[0][DISK.id].returned is None, "another problem"


@pytest.mark.parametrize("how", [Ending.OVER, Ending.REPLACED, Ending.LATE])
def test_what_was_over_or_replaced_or_never_held_brought_nothing_back(how: Ending) -> None:
    attention = Attention()
    attention.restored(Kept(ended=(ended(ack(), 160, how),)))
    assert shown(attention, DISK)[0][DISK.id].returned is None


def test_what_began_after_an_ended_word_is_another_problem() -> None:
    attention = Attention()
    attention.restored(Kept(ended=(ended(ack(until=150), 160), ended(silence("host:a"), 170))))
    late = replace(DISK, since=180)
    assert shown(attention, late)[0][DISK.id].returned is None


def test_a_problem_that_somebody_has_again_is_theirs_after_a_restart() -> None:
    attention = Attention()
    attention.restored(Kept((ack(until=10 * HOUR),), ended=(ended(ack(until=50), 60),)))
    found, _ = shown(attention, DISK)
    assert (found[DISK.id].owner, found[DISK.id].returned) == ("op1", None)


def test_what_a_silence_hid_before_a_restart_is_found_by_its_filter() -> None:
    attention = Attention()
    attention.restored(Kept(ended=(ended(silence("host:a", until=150), 160),)))
    found, _ = shown(attention, DISK, SITE)
    assert (found[DISK.id].returned, found[SITE.id].returned) == (160, None)


def test_what_a_silence_hid_that_expired_while_nobody_watched_returns() -> None:
    attention = Attention()
    attention.restored(Kept(silences=(silence("host:a", until=150),)))
    found, news = shown(attention, now=200, complete=False)
    assert [how for how, _ in news] == [Ending.EXPIRED]
    found, _ = shown(attention, DISK, SITE, now=210, complete=False)
    assert (found[DISK.id].returned, found[SITE.id].returned) == (200, None)


def test_a_word_in_an_older_grammar_holds_nothing_up() -> None:
    attention = Attention()
    attention.restored(Kept(ended=(ended(silence("no:such"), 160),)))
    assert shown(attention, DISK)[0][DISK.id].returned is None


# --- silences -----------------------------------------------------------------------------------


def test_a_silenced_problem_is_counted_and_keeps_its_severity() -> None:
    attention = Attention()
    attention.silence(silence("kind:disk site:central"))
    found, _ = shown(attention, DISK, SITE)
    disk = found[DISK.id]
    assert (disk.silence, disk.owner, disk.reason) == ("s-1", "op2", "new disks")
    assert disk.severity is Severity.WARNING
    assert found[SITE.id].silence == ""


def test_who_silences_one_host_has_not_silenced_its_site() -> None:
    attention = Attention()
    attention.silence(silence("host:a"))
    found, _ = shown(attention, DISK, SITE)
    assert (found[DISK.id].silence, found[SITE.id].silence) == ("s-1", "")
    attention.silence(silence("host:b", name="s-2"))
    assert shown(attention, SITE)[0][SITE.id].silence == "", "nor by two halves"
    attention.silence(silence("host:a,b", name="s-3"))
    assert shown(attention, SITE)[0][SITE.id].silence == "s-3"


def test_what_a_silence_hid_returns_as_new_when_it_ends() -> None:
    attention = Attention()
    attention.silence(silence("host:a"))
    shown(attention, DISK, SITE)
    found, news = shown(attention, DISK, SITE, now=HOUR)
    assert (found[DISK.id].silence, found[DISK.id].returned) == ("", HOUR)
    assert found[SITE.id].returned is None
    assert news == [(Ending.EXPIRED, None)]
    assert attention.silences == ()


def test_what_a_silence_brings_back_is_counted_worst_first_and_causes_alone() -> None:
    attention = Attention()
    attention.silence(silence("site:central"))
    lost = replace(SITE, id="a/reach", hosts=("a",))
    below = replace(DISK, id="b/reach", hosts=("b",), parent="a/reach")
    mine = replace(DISK, id="c/disk", hosts=("c",))
    attention.acknowledge(ack(mine, until=9 * HOUR))
    attention.look((DISK, lost, below, mine), 200, complete=True)
    _, (news,) = attention.look((DISK, lost, below, mine), HOUR, complete=True)
    assert [each.id for each in news.back] == ["a/reach", DISK.id]
    said = words.ended(news.ended, news.problem, len(news.back))
    assert said == (
        "silence of site:central by op2 ended: its time is up (problems that are back: 2)"
    )


def test_who_has_a_silenced_problem_is_named_before_who_silenced_it() -> None:
    attention = Attention()
    attention.silence(silence("host:a"))
    attention.acknowledge(ack())
    disk = shown(attention, DISK)[0][DISK.id]
    assert (disk.owner, disk.silence) == ("op1", "s-1")


def test_a_filter_that_cannot_be_read_silences_nothing() -> None:
    attention = Attention()
    with pytest.raises(FilterError):
        attention.silence(silence("no:such"))
    assert attention.silences == ()


TAKEN = Ownership("chan", "h-1", 150)


def owned(*said: Acknowledgement | Silence, by: Ownership = TAKEN) -> Attention:
    attention = Attention()
    attention.own({DISK.id: by})
    for each in said:
        if isinstance(each, Silence):
            attention.silence(each)
        else:
            attention.acknowledge(each)
    return attention


def test_who_owns_it_by_a_handover_has_no_end_and_quiets_nothing() -> None:
    found, _ = shown(owned(), DISK, SITE)
    disk = found[DISK.id]
    assert (disk.owner, disk.handover, disk.until, disk.reason) == ("chan", "h-1", None, "")
    assert found[SITE.id].owner == ""


def test_the_last_word_says_whose_it_is_and_the_acknowledgement_keeps_its_end() -> None:
    before = shown(owned(ack(at=149)), DISK)[0][DISK.id]
    assert (before.owner, before.handover) == ("chan", "h-1")
    assert (before.until, before.reason, before.quieted_by) == (HOUR, "on it", "op1")
    assert before.whose_word == "op1"
    after = shown(owned(ack(at=150)), DISK)[0][DISK.id]
    assert (after.owner, after.handover, after.quieted_by) == ("op1", "", "")
    assert after.whose_word == "op1"


def test_who_acknowledged_it_and_took_it_over_has_it_by_both() -> None:
    both = shown(owned(ack(at=149), by=Ownership("op1", "h-1", 150)), DISK)[0][DISK.id]
    assert (both.owner, both.handover, both.until, both.quieted_by) == ("op1", "h-1", HOUR, "")


def test_what_was_silenced_before_it_was_taken_over_stays_silenced() -> None:
    disk = shown(owned(silence("host:a")), DISK)[0][DISK.id]
    assert (disk.owner, disk.silence, disk.until) == ("chan", "s-1", HOUR)
    assert disk.quieted_by == "op2"


def test_when_the_acknowledgement_ends_it_returns_and_stays_its_owners() -> None:
    attention = owned(ack(at=160))
    found, news = shown(attention, DISK, now=HOUR)
    assert (found[DISK.id].owner, found[DISK.id].handover) == ("chan", "h-1")
    assert (found[DISK.id].returned, found[DISK.id].until) == (HOUR, None)
    assert [how for how, _ in news] == [Ending.EXPIRED]


def test_planned_work_stays_its_planners() -> None:
    planned = replace(DISK, severity=Severity.MAINTENANCE, owner="lee", until=HOUR)
    assert shown(owned(), planned)[0][DISK.id] == planned
