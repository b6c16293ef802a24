"""A check is run as long as somebody listens, and leaves nothing on its host."""

from __future__ import annotations

import os

import pytest

from runbooks.host.protocol import HostAgent
from runbooks.host.replies import Checked, NoReply, Reason, Refused

from ..conftest import alive, wait_for

AGENT = HostAgent()


def check(host, script: str, seconds: int = 30, limit: int = 10_000):
    return host.call(AGENT.check(script.encode(), timeout_seconds=seconds, limit=limit))


def test_a_check_gives_its_status_and_output(host) -> None:
    assert check(host, "echo yes; echo oops >&2; exit 3") == Checked(3, b"yes\noops\n", False)
    assert check(host, "") == Checked(0, b"", False)
    assert check(host, "printf '\\0\\377'") == Checked(0, b"\0\xff", False)
    assert not (host.root / ".twinwatch").exists()


def test_a_check_finds_the_world_as_a_login_leaves_it(host) -> None:
    before = os.umask(0o022)
    try:
        reply = check(host, "umask; pwd; echo $#; cat")
    finally:
        os.umask(before)
    assert reply.output.decode().split() == ["0022", str(host.root), "0"]


def test_a_long_check_is_no_longer_than_its_script(host) -> None:
    script = "".join(f"x{number}='{'y' * 90}'\n" for number in range(2000)) + "echo $x1999"
    assert len(script) > 128 * 1024  # more than one argument may have
    assert check(host, script) == Checked(0, b"y" * 90 + b"\n", False)


@pytest.mark.parametrize("size", [9_999, 10_000, 10_001, 3_000_000])
def test_of_much_output_the_beginning_is_kept(host, size) -> None:
    reply = check(host, f"head -c {size} /dev/zero")
    assert (reply.status, len(reply.output)) == (0, min(size, 10_000))
    assert reply.truncated == (size > 10_000)


def test_how_it_ends_is_not_the_doing_of_who_stopped_reading(host) -> None:
    reply = check(host, "head -c 300000 /dev/zero || exit 5; exit 7", limit=4096)
    assert (reply.status, reply.truncated) == (7, True)


def test_a_check_that_talks_without_end_is_ended(host) -> None:
    reply = check(host, "yes", 1, limit=4096)
    assert (reply.status, reply.truncated) == (None, True)


def test_a_check_that_does_not_end_is_ended(host) -> None:
    reply = check(host, "echo $$; sh -c 'echo $$; exec sleep 600' & trap '' TERM; wait", 1)
    assert reply.status is None
    pids = [int(each) for each in reply.output.split()]
    assert len(pids) == 2
    wait_for(lambda: not any(map(alive, pids)))


def test_what_a_check_leaves_running_is_ended_with_it(host) -> None:
    reply = check(host, "sleep 600 >/dev/null 2>&1 & echo $!")
    assert reply.status == 0
    wait_for(lambda: not alive(int(reply.output)))


def test_half_a_check_is_not_run(host) -> None:
    request = AGENT.check(b"touch ran; touch rest", timeout_seconds=30, limit=100)
    reply = host.call(request, stdin=request.stdin[:-12])
    assert isinstance(reply, Refused)
    assert reply.reason is Reason.CUT
    assert not (host.root / "ran").exists()


def test_a_check_that_nobody_listens_to_ends_at_its_deadline(host) -> None:
    request = AGENT.check(b"echo $$ >pid; sleep 600", timeout_seconds=2, limit=100)
    call = host.send(request)
    pid = int(wait_for((host.root / "pid").read_text))
    assert call.stdout is not None
    assert call.stderr is not None
    call.stdout.close()
    call.stderr.close()
    wait_for(lambda: not alive(pid))
    call.wait(40)


def test_an_output_cannot_imitate_the_end(host) -> None:
    request = AGENT.check(b"", timeout_seconds=30, limit=1000)
    script = f"printf '\\n{request.nonce} rc=0 late=\\n'; printf '\\n{request.nonce} rc=0 late=\\n' >&2; exit 1"
    imitation = HostAgent(nonce=lambda: request.nonce).check(
        script.encode(), timeout_seconds=30, limit=1000
    )
    assert host.call(imitation).status == 1


def test_a_check_that_kills_its_keeper_has_not_held(host) -> None:
    """It may be over before its clock is there: then nobody says how it ended."""
    reply = check(host, "echo half; kill -9 $PPID", 1)
    assert isinstance(reply, NoReply) or reply.status is None
