"""Of two consoles that are cut off from each other, a host obeys one."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from runbooks.host.protocol import Fence, HostAgent
from runbooks.host.replies import Freed, Held, Observed, Reason, Refused, State

from ..conftest import going, wait_for

AGENT = HostAgent()

HERE = Fence(1, "r-1", ("service/mail", "host/mdb-r01"))
THERE = Fence(1, "r-2", ("service/mail",))
LATER = Fence(2, "r-2", ("service/mail",))


def lock(host, fence: Fence, seconds: int = 600, over: int = 0):
    return host.call(AGENT.lock(fence, seconds=seconds, over=over))


def fenced(reply) -> tuple[int, str, bool]:
    assert isinstance(reply, Refused), reply
    assert reply.reason is Reason.FENCED
    return reply.epoch, reply.owner, reply.free


def test_a_lock_is_held_by_one(host) -> None:
    assert lock(host, HERE) == Held()
    assert lock(host, HERE) == Held()
    assert fenced(lock(host, THERE)) == (1, "r-1", False)
    assert fenced(lock(host, LATER)) == (1, "r-1", False)
    assert lock(host, Fence(1, "r-2", ("service/db",))) == Held()


def test_a_refusal_says_whose_it_is(host) -> None:
    lock(host, HERE)
    reply = lock(host, THERE)
    assert reply.what == "service.mail is r-1's since epoch 1"
    assert reply.todo == "wait for that run to end, or take it over with a reason"


def test_whoever_takes_it_over_names_the_epoch_that_he_saw(host) -> None:
    lock(host, HERE)
    assert lock(host, LATER, over=1) == Held()
    assert fenced(lock(host, HERE)) == (2, "r-2", False)
    # One who saw an older state than there is takes nothing over.
    assert fenced(lock(host, Fence(3, "r-3", ("service/mail",)), over=1)) == (2, "r-2", False)


def test_of_many_who_take_it_over_one_succeeds(host) -> None:
    lock(host, HERE)
    fences = [Fence(2, f"r-{number}", ("service/mail",)) for number in range(2, 14)]
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda fence: lock(host, fence, over=1), fences))
    assert [type(each) for each in replies].count(Held) == 1
    winner = next(f for f, r in zip(fences, replies, strict=True) if isinstance(r, Held))
    assert {fenced(r)[:2] for r in replies if isinstance(r, Refused)} == {(2, winner.owner)}


def test_a_lock_given_back_is_free_for_the_next_epoch(host) -> None:
    lock(host, HERE)
    assert host.call(AGENT.unlock(THERE)) == Freed()  # not his to give
    assert fenced(lock(host, LATER)) == (1, "r-1", False)
    assert host.call(AGENT.unlock(HERE)) == Freed()
    assert fenced(lock(host, THERE)) == (1, "r-1", True)  # an epoch is never used twice
    assert lock(host, LATER) == Held()
    assert fenced(lock(host, HERE)) == (2, "r-2", False)


def test_a_lock_given_back_and_taken_again_is_held_again(host) -> None:
    lock(host, HERE)
    host.call(AGENT.unlock(HERE))
    assert lock(host, HERE) == Held()
    assert fenced(lock(host, LATER)) == (1, "r-1", False)


def test_a_lock_is_not_given_back_while_an_orphan_works(host, attempt) -> None:
    fence = replace(HERE, owner=attempt.run)
    host.begin(attempt, "echo begun; exec sleep 600", fence=fence)
    os.kill(host.recorder(attempt), signal.SIGKILL)
    assert host.settled(attempt).state is State.ORPHAN
    refused = host.call(AGENT.unlock(fence))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.what) == (Reason.BUSY, f"it still runs there ({attempt.id})")
    assert fenced(lock(host, LATER)) == (1, attempt.run, False)
    for each in (host.root / ".twinwatch/locks").iterdir():
        (each / "free.1").touch()  # whoever gave it back
    assert fenced(lock(host, LATER)) == (1, attempt.run, False)
    os.kill(host.session(attempt), signal.SIGKILL)
    host.settled(attempt, State.ORPHAN)
    assert host.call(AGENT.unlock(fence)) == Freed()
    assert lock(host, LATER) == Held()


def test_who_is_at_work_is_told_before_anything_is_taken(host, attempt) -> None:
    fence = replace(HERE, owner=attempt.run)
    host.begin(attempt, "echo begun; exec sleep 600", fence=fence)
    assert lock(host, Fence(2, "r-2")) == Held((attempt.id,))
    refused = host.call(AGENT.lock(LATER, seconds=600, over=1, only_idle=True))
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.BUSY
    assert fenced(lock(host, Fence(2, "r-3", HERE.locks))) == (1, attempt.run, False)


def test_a_lock_that_has_run_out_is_free(host) -> None:
    lock(host, HERE, seconds=-1)
    assert fenced(lock(host, THERE)) == (1, "r-1", True)
    assert lock(host, LATER) == Held()


def test_a_lock_is_held_for_longer_by_asking_again(host) -> None:
    lock(host, HERE, seconds=-1)
    assert lock(host, HERE, seconds=600) == Held()
    assert fenced(lock(host, LATER)) == (1, "r-1", False)


def rewrite(host, old: str, new: str) -> None:
    """The lock as it would stand there otherwise."""
    for each in (host.root / ".twinwatch/locks").glob("*/[0-9]*"):
        text = each.read_text()
        assert old in text
        each.write_text(text.replace(old, new))


BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def uptime() -> int:
    return int(float(Path("/proc/uptime").read_text().split()[0]))


@pytest.mark.parametrize("year", [1, 4_000_000_000])
def test_whoever_sets_the_hosts_clock_neither_frees_nor_holds_it(host, year) -> None:
    """Neither a clock nor a file's time counts, by whatever tool: only how long the host is up."""
    before = uptime()
    lock(host, HERE)
    after = uptime()
    for each in (host.root / ".twinwatch/locks").glob("*/1"):
        assert int(each.read_text().split()[3]) in range(before, after + 1)
        os.utime(each, (year, year))
    assert fenced(lock(host, LATER)) == (1, "r-1", False)
    for each in (host.root / ".twinwatch/locks").glob("*/1"):
        each.write_text(f"r-1 600 {BOOT} {uptime() - 600}\n")
        os.utime(each, (year, year))
    assert lock(host, LATER) == Held()


def marks(host) -> list[Path]:
    return sorted((host.root / ".twinwatch/locks").glob(f"*/seen.{BOOT}.*"))


def lock_of_another_boot(host, since: int = 999_999_999) -> None:
    """As another host left it that shares this home, or this one before its restart."""
    for each in (host.root / ".twinwatch/locks").glob("*/1"):
        each.write_text(f"r-1 600 another-boot {since}\n")


@pytest.mark.parametrize("since", [5, 999_999_999])
def test_a_lock_of_another_boot_ends_so_long_after_it_is_first_seen(host, since) -> None:
    lock(host, HERE)
    lock_of_another_boot(host, since)
    assert fenced(lock(host, LATER)) == (1, "r-1", False)  # however long this one is up
    [mark] = marks(host)
    mark.write_text(f"another-boot.{since} {uptime() - 590}\n")
    assert fenced(lock(host, LATER)) == (1, "r-1", False)
    lock_of_another_boot(host, since + 1)  # renewed there
    assert fenced(lock(host, LATER)) == (1, "r-1", False)
    mark.write_text(f"another-boot.{since + 1} {uptime() - 600}\n")
    assert lock(host, LATER) == Held()
    assert not marks(host)


def test_it_does_not_end_while_something_of_its_owner_is_at_work(host, attempt) -> None:
    fence = replace(HERE, owner=attempt.run)
    host.begin(attempt, "echo begun; exec sleep 600", fence=fence)
    rewrite(host, "86400", "-1")
    assert fenced(lock(host, LATER)) == (1, attempt.run, False)
    assert fenced(lock(host, Fence(2, "r-2", ("host/mdb-r01",)))) == (1, attempt.run, False)
    os.kill(host.recorder(attempt), signal.SIGKILL)
    os.kill(host.session(attempt), signal.SIGKILL)
    host.settled(attempt, State.RUNNING, State.ORPHAN)
    assert lock(host, LATER) == Held()


def test_a_step_that_took_long_leaves_it_held_for_as_long_again(host, attempt) -> None:
    payload = host.begin(
        attempt, f"echo begun; while [ ! -e {host.root}/on ]; do sleep 0.1; done", fence=HERE
    )
    rewrite(host, "86400", "5")
    (host.root / "on").touch()
    assert host.settled(attempt).status == 0
    wait_for(lambda: " 86400 " in (host.root / ".twinwatch/locks/service.mail/1").read_text())
    for each in (host.root / ".twinwatch/locks").glob("*/1"):
        each.write_text(f"r-1 86400 {BOOT} {uptime() - 1800}\n")  # half an hour ago
    rewrite_when = (host.root / ".twinwatch/locks/service.mail/1").read_text()
    another = replace(attempt, number=2)
    host.lay(another, payload.decode())
    host.go(another, payload, fence=HERE)
    host.settled(another)
    assert (host.root / ".twinwatch/locks/service.mail/1").read_text() == rewrite_when, (
        "an hour is not over"
    )


def test_each_go_renews_it(host, attempt) -> None:
    lock(host, HERE, seconds=600)
    payload = host.lay(attempt, "echo hi")
    host.go(attempt, payload, fence=HERE)
    for name in ("service.mail", "host.mdb-r01"):
        assert " 86400 " in (host.root / f".twinwatch/locks/{name}/1").read_text()


@pytest.mark.parametrize("left", ["", "r-1 600 ", f"r-1 600 {BOOT}\n", f"r-1 600 {BOOT} -\n"])
def test_what_a_power_cut_left_of_it_is_nobodys_for_the_asking(host, left) -> None:
    """An uptime that is not there is not 0: that would be a lock whose time was over long ago."""
    lock(host, HERE)
    for each in (host.root / ".twinwatch/locks").glob("*/1"):
        each.write_text(left)
    assert fenced(lock(host, LATER)) == (1, "unknown", False)
    assert lock(host, LATER, over=1) == Held()


def test_many_epochs_leave_one_entry(host) -> None:
    lock(host, HERE)
    for epoch in range(2, 12):
        assert lock(host, Fence(epoch, f"r-{epoch}", ("service/mail",)), over=epoch - 1) == Held()
    [directory] = [d for d in (host.root / ".twinwatch/locks").iterdir() if "mail" in d.name]
    assert [each.name for each in directory.iterdir()] == ["11"]


# ── go ──


def test_a_go_in_the_name_of_an_older_epoch_is_refused(host, attempt) -> None:
    payload = host.lay(attempt, "touch ran")
    lock(host, HERE)
    lock(host, LATER, over=1)
    assert fenced(host.go(attempt, payload, fence=HERE)) == (2, "r-2", False)
    assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED
    assert not (host.root / "ran").exists()


def test_a_go_by_another_owner_of_the_same_epoch_is_refused(host, attempt) -> None:
    payload = host.lay(attempt, "touch ran")
    lock(host, HERE)
    assert fenced(host.go(attempt, payload, fence=THERE)) == (1, "r-1", False)
    assert not (host.root / "ran").exists()


def test_a_go_holds_its_locks_if_nobody_does(host, attempt) -> None:
    payload = host.lay(attempt, "echo hi")
    assert isinstance(host.go(attempt, payload, fence=HERE), Observed)
    assert host.settled(attempt).output == b"hi\n"
    assert fenced(lock(host, THERE)) == (1, "r-1", False)
    assert fenced(lock(host, LATER)) == (1, "r-1", False)


def test_what_has_begun_goes_on_and_whoever_takes_over_is_told(host, attempt) -> None:
    payload = host.lay(attempt, "sleep 600")
    lock(host, HERE)
    host.go(attempt, payload, fence=HERE)
    assert lock(host, LATER, over=1) == Held((attempt.id,))
    seen = host.go(attempt, payload, fence=HERE)
    assert isinstance(seen, Observed)
    assert seen.state is State.RUNNING  # nothing new was started: so it is told as it is


def test_a_lock_taken_over_between_go_and_claim_starts_nothing(host, attempt) -> None:
    """The second look, after the claim: one of the two sees the other."""
    payload = host.lay(attempt, "touch ran")
    lock(host, HERE)
    host.replace_tool(
        "systemd-run",
        f'touch {host.root}/held; shift 3; while [ ! -e {host.root}/on ]; do sleep 0.1; done; exec "$@"',
    )
    host.replace_tool("loginctl", "echo Linger=yes")
    (host.root / "run/systemd/system").mkdir(parents=True)
    call = host.send(going(attempt, payload, fence=HERE))
    wait_for((host.root / "held").exists)
    assert lock(host, LATER, over=1) == Held()
    (host.root / "on").touch()
    call.communicate(timeout=40)
    assert host.settled(attempt).state is State.STILLBORN
    assert not (host.root / "ran").exists()
