"""By sudo the agent's text comes on stdin, ahead of what else is told: sudo logs commands."""

from __future__ import annotations

import pytest

from runbooks.host.protocol import READ_SECRETS, HostAgent, carried, program
from runbooks.host.replies import Checked, NoReply, Observed, State

from ..conftest import going_as

ROOT = HostAgent("root")


@pytest.fixture
def sudoed(host):
    """A host with a sudo that lets everybody, and writes down what it is told."""
    log = f'printf "%s\\n" "$*" >>{host.root}/sudo.log'
    host.replace_tool("sudo", f'{log}; while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
    host.environment["PATH"] = f"{host.root}/bin:/usr/bin:/bin"
    return host


def test_a_step_by_sudo_with_all_that_it_is_told(sudoed, attempt) -> None:
    token = "it's $(touch ran)\n.\n two \\ lines"
    payload = (READ_SECRETS + "printf %s \"$token\"; printf '\\0'; exit 3\n").encode()
    seen = sudoed.observe(ROOT.put(attempt, payload))
    assert seen.state is State.PREPARED
    secrets = carried({"token": token})
    request = going_as(ROOT, attempt, payload, secrets=secrets, wait_seconds=30, limit=1000)
    seen = sudoed.observe(request)
    assert (seen.state, seen.status, seen.output) == (State.DONE, 3, token.encode() + b"\0")
    check = ROOT.check(b"echo yes; exit 4", timeout_seconds=30, limit=100)
    assert sudoed.call(check) == Checked(4, b"yes\n", False)
    log = (sudoed.root / "sudo.log").read_text()
    assert len(log.splitlines()) == 3
    assert max(map(len, log.splitlines())) < 500
    assert "touch" not in log


def test_half_of_the_text_does_nothing(sudoed, attempt) -> None:
    request = ROOT.put(attempt, b"echo hi")
    lines = len(program(request.verb))
    for kept in (0, 1, lines // 2, lines - 1, lines):
        told = b"".join(request.stdin.splitlines(keepends=True)[:kept])
        assert isinstance(sudoed.call(request, stdin=told), NoReply)
    assert not (sudoed.root / ".twinwatch").exists()
    assert isinstance(sudoed.call(request), Observed)
