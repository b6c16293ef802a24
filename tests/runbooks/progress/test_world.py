"""The agent's contract: what put, go, poll, stop, void and gc may answer, in which order, and after
which faults. The real agent keeps it, and so does the stand-in that the engine's tests run on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbooks.progress.facts import Ending
from runbooks.progress.requests import (
    Answer,
    Collected,
    Found,
    NoAnswer,
    Polled,
    PutDone,
    Stop,
    Voided,
    Went,
)
from tests.runbooks.progress.grounds import OUR_EPOCH, Ground, InMemory, UnderSh, polled

LAID = PutDone("boot-0", uptime_seconds=1)
NOT_LAID = PutDone(refusal="refused")
RUNNING = Polled(Found.RUNNING, "boot-0", ran_ms=0)
ORPHAN = Polled(Found.ORPHAN, "boot-0", ran_ms=0)
TOOK_IT = Went("boot-0")
REFUSED = Went(refusal="refused")
SILENCE = NoAnswer("silence")
GONE, STILL_THERE = Collected(True), Collected(False)
SHUT, CLAIMED_BEFORE, RUNS_YET = Voided(True), Voided(False), Voided(False, True)

Make = Callable[[str], Ground]


@pytest.fixture(params=["world", "agent"])
def on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes the ground for a step, of each kind."""
    made: list[UnderSh] = []

    def make(step: str) -> Ground:
        if request.param == "world":
            return InMemory(step)
        made.append(UnderSh(step, tmp_path))
        return made[-1]

    yield make
    for each in made:
        each.leave()


def gone_for(found: Found) -> Answer:
    """What go says of an attempt that can't be started, and that nothing is left of."""
    return Polled(found, "boot-0")


# --- put ------------------------------------------------------------------------------------------


def test_what_was_put_lies_there_however_often_it_is_put(on: Make) -> None:
    it = on("works")
    assert it.poll() == polled(Found.ABSENT)
    assert [it.put(), it.put()] == [LAID, LAID]
    assert it.poll() == polled(Found.PREPARED)
    it.begin()
    assert it.put() == LAID
    assert it.poll() == RUNNING and it.times == 1


def test_another_text_under_the_same_name_is_refused_and_never_started(on: Make) -> None:
    it = on("works")
    it.put()
    it.change()
    assert [it.put(), it.go()] == [NOT_LAID, REFUSED]
    assert it.poll() == polled(Found.PREPARED) and it.times == 0


# --- go -------------------------------------------------------------------------------------------


def test_what_was_not_put_is_not_started(on: Make) -> None:
    it = on("works")
    assert it.go() == gone_for(Found.ABSENT)
    assert it.times == 0


def test_go_tells_how_it_is_and_when_said_again_that_it_was_taken(on: Make) -> None:
    it = on("works")
    it.put()
    assert [it.go(), it.go(), it.go()] == [RUNNING, TOOK_IT, TOOK_IT]
    it.let_end()
    assert it.comes_to(Found.DONE) == polled(Found.DONE, b"ab", status=0)
    assert it.go() == TOOK_IT and it.times == 1


def test_what_ends_at_once_is_told_with_its_start(on: Make) -> None:
    it = on("ends")
    it.put()
    done = polled(Found.DONE, b"ab", status=3)
    assert [it.go(), it.poll(), it.go()] == [done, done, TOOK_IT]
    assert it.times == 1


def test_a_poll_tells_what_was_printed_since(on: Make) -> None:
    it = on("ends")
    it.put()
    it.go()
    whole, rest, nothing = it.poll(), it.poll(offset=1), it.poll(offset=2)
    assert isinstance(whole, Polled) and isinstance(rest, Polled) and isinstance(nothing, Polled)
    assert [each.offset for each in (whole, rest, nothing)] == [2, 2, 2]
    assert whole.digest == rest.digest == nothing.digest
    assert (nothing.sha256, len({whole.sha256, rest.sha256, ""})) == ("", 3)


@pytest.mark.parametrize("how", ["cut", "deaf"])
def test_whatever_became_of_an_order_it_may_be_given_again(on: Make, how: str) -> None:
    it = on("works")
    it.lose(how)
    assert [it.put(), it.put()] == [SILENCE, LAID]
    it.lose(how)
    assert [it.go(), it.go()] == [SILENCE, RUNNING if how == "cut" else TOOK_IT]
    assert it.comes_to(Found.RUNNING) == RUNNING and it.times == 1


def test_another_life_of_the_watch_finds_it_as_it_is(on: Make) -> None:
    it = on("works")
    it.put()
    it.lives_again()
    assert it.go() == RUNNING
    it.lives_again()
    assert it.go() == TOOK_IT and it.times == 1


def test_an_order_that_comes_too_late_is_refused(on: Make) -> None:
    it = on("works")
    it.put()
    assert it.go(not_after=0) == REFUSED
    assert it.poll() == polled(Found.PREPARED) and it.times == 0
    assert it.go(not_after=10**9) == RUNNING


@pytest.mark.parametrize(
    ("epoch", "free", "answer"),
    [
        (OUR_EPOCH - 2, True, RUNNING),
        (OUR_EPOCH - 2, False, REFUSED),
        (OUR_EPOCH + 2, True, Went(refusal="refused", free_epoch=OUR_EPOCH + 2)),
        (OUR_EPOCH + 2, False, REFUSED),
    ],
)
def test_a_lock_that_others_had_there(on: Make, epoch: int, free: bool, answer: Answer) -> None:
    it = on("works")
    it.put()
    it.others_lock(epoch, free=free)
    assert it.go() == answer
    assert (it.poll() == RUNNING) == (answer == RUNNING)


# --- stop, and time -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "signal", "status"),
    [("works", Stop.TERM, 143), ("works", Stop.KILL, 137), ("deaf", Stop.KILL, 137)],
)
def test_what_is_told_to_end_ends_and_says_so(
    on: Make, step: str, signal: Stop, status: int
) -> None:
    it = on(step)
    it.begin()
    it.poll(stop=signal)
    stopped = polled(Found.DONE, b"a", status=status, ending=Ending.STOPPED)
    assert it.comes_to(Found.DONE) == stopped
    assert it.poll(stop=signal) == stopped, "it has ended: nothing more comes of it"


def test_what_does_not_listen_works_on(on: Make) -> None:
    it = on("deaf")
    it.begin()
    assert it.poll(stop=Stop.TERM) == RUNNING
    it.let_end()
    assert it.comes_to(Found.DONE) == polled(Found.DONE, b"ab", status=0, ending=Ending.STOPPED)


def test_a_stop_is_for_what_has_run_so_long_by_its_hosts_own_time(on: Make) -> None:
    it = on("works")
    it.begin()
    assert it.poll(stop=Stop.KILL, stop_after_ms=3_600_000) == RUNNING
    it.let_end()
    assert it.comes_to(Found.DONE) == polled(Found.DONE, b"ab", status=0)


@pytest.mark.parametrize("ready", [False, True])
def test_a_stop_before_its_start_changes_nothing(on: Make, ready: bool) -> None:
    it = on("works")
    if ready:
        it.put()
    assert it.poll(stop=Stop.KILL) == polled(Found.PREPARED if ready else Found.ABSENT)


def test_its_host_ends_it_when_its_time_is_up(on: Make) -> None:
    it = on("works")
    it.put()
    it.go(timeout_ms=3_000)
    late = polled(Found.DONE, b"a", status=143, ending=Ending.TIMED_OUT)
    assert it.comes_to(Found.DONE) == late


# --- void -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ready", [False, True])
def test_what_was_forbidden_never_starts(on: Make, ready: bool) -> None:
    it = on("works")
    if ready:
        it.put()
    assert [it.void(), it.void()] == [SHUT, SHUT]
    assert it.put() == LAID, "it may lie there"
    assert it.go() == gone_for(Found.VOID)
    assert it.poll() == polled(Found.VOID) and it.times == 0
    assert [it.gc(), it.poll()] == [GONE, polled(Found.ABSENT)]


def test_what_has_begun_cant_be_forbidden_and_may_be_stopped(on: Make) -> None:
    it = on("works")
    it.begin()
    assert [it.void(), it.poll()] == [RUNS_YET, RUNNING]
    it.void(Stop.TERM)
    assert it.comes_to(Found.DONE) == polled(Found.DONE, b"a", status=143, ending=Ending.STOPPED)
    assert it.void(Stop.KILL) == CLAIMED_BEFORE


# --- gc -------------------------------------------------------------------------------------------


def test_what_works_is_not_removed_and_what_is_at_rest_is(on: Make) -> None:
    it = on("works")
    assert it.gc() == GONE, "there is nothing"
    it.begin()
    assert [it.gc(), it.poll()] == [STILL_THERE, RUNNING]
    it.let_end()
    it.comes_to(Found.DONE)
    assert [it.gc(), it.gc(), it.poll()] == [GONE, GONE, polled(Found.ABSENT)]
    assert it.go() == gone_for(Found.ABSENT) and it.times == 1


def test_what_lies_ready_is_removed(on: Make) -> None:
    it = on("works")
    it.put()
    assert [it.gc(), it.go()] == [GONE, gone_for(Found.ABSENT)]
    assert it.times == 0


# --- faults ---------------------------------------------------------------------------------------


def test_what_records_its_end_is_killed(on: Make) -> None:
    it = on("works")
    it.begin()
    it.kill_recorder()
    assert it.comes_to(Found.ORPHAN) == ORPHAN
    assert [it.go(), it.put(), it.void(), it.gc()] == [TOOK_IT, LAID, RUNS_YET, STILL_THERE]
    it.let_end()
    assert it.comes_to(Found.LOST) == polled(Found.LOST, b"ab")
    assert it.go() == gone_for(Found.LOST) and it.times == 1


def test_an_orphan_is_told_to_end(on: Make) -> None:
    it = on("works")
    it.begin()
    it.kill_recorder()
    it.comes_to(Found.ORPHAN)
    it.poll(stop=Stop.TERM)
    assert it.comes_to(Found.LOST) == polled(Found.LOST, b"a", ending=Ending.STOPPED)


def test_an_orphan_is_ended_by_its_host_when_its_time_is_up(on: Make) -> None:
    it = on("works")
    it.put()
    it.go(timeout_ms=3_000)
    it.kill_recorder()
    assert it.comes_to(Found.LOST) == polled(Found.LOST, b"a", ending=Ending.TIMED_OUT)


def test_all_of_it_is_killed(on: Make) -> None:
    it = on("works")
    it.begin()
    it.kill_all()
    assert it.comes_to(Found.LOST) == polled(Found.LOST, b"a")
    assert [it.go(), it.put(), it.void()] == [gone_for(Found.LOST), LAID, CLAIMED_BEFORE]
    assert it.times == 1
    assert it.gc() == GONE


def test_what_claimed_it_is_killed_before_it_began(on: Make) -> None:
    it = on("works")
    it.put()
    it.claim_and_die()
    assert it.poll() == polled(Found.STILLBORN)
    assert [it.go(), it.void()] == [gone_for(Found.STILLBORN), CLAIMED_BEFORE]
    assert it.times == 0
    assert it.gc() == GONE


def test_its_directory_is_removed(on: Make) -> None:
    it = on("works")
    it.begin()
    it.remove()
    assert [it.poll(), it.go()] == [polled(Found.ABSENT), gone_for(Found.ABSENT)]
    assert it.times == 1


def test_its_host_restarts_while_it_works(on: Make) -> None:
    it = on("works")
    it.begin()
    it.restart()
    lost = polled(Found.LOST, b"a", restarts=1)
    assert it.poll() == lost
    assert it.poll(stop=Stop.KILL) == lost, "that number is somebody else's now"
    assert [it.go(), it.gc()] == [Polled(Found.LOST, "boot-1"), GONE]
    assert it.times == 1


def test_its_host_restarts_after_its_end(on: Make) -> None:
    it = on("ends")
    it.put()
    it.go()
    it.restart()
    assert it.poll() == polled(Found.DONE, b"ab", restarts=1, status=3)


@pytest.mark.parametrize(
    ("step", "answer"), [("works", REFUSED), ("restarts", Polled(Found.PREPARED, "boot-1"))]
)
def test_its_host_restarts_before_it_began(on: Make, step: str, answer: Answer) -> None:
    """The order is for another boot; what is to restart the host need not be told any more."""
    it = on(step)
    it.put()
    it.lose("cut")
    it.go()
    it.restart()
    assert it.go() == answer
    assert it.poll() == polled(Found.PREPARED, restarts=1) and it.times == 0


def test_its_hosts_disk_is_full(on: Make) -> None:
    it = on("works")
    with it.small_disk():
        it.fill()
        assert [it.put(), it.void()] == [NOT_LAID, SILENCE]
        assert it.poll() == polled(Found.ABSENT)


def test_its_hosts_disk_is_full_once_it_lies_there(on: Make) -> None:
    it = on("works")
    with it.small_disk():
        it.put()
        it.fill()
        assert [it.put(), it.go(), it.void()] == [LAID, REFUSED, SILENCE]
        assert it.poll() == polled(Found.PREPARED) and it.times == 0
        assert it.gc() == GONE
