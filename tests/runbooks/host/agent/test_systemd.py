"""Where logging out ends what a login started, a payload is kept alive or refused."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from runbooks.host.protocol import HostAgent
from runbooks.host.replies import Reason, Refused, State

AGENT = HostAgent()


def scope(host, script: str) -> None:
    (host.root / "run/systemd/system").mkdir(parents=True)
    options = 'for each; do case $each in -*) printf "%s " "$each" ;; *) break ;; esac; done; echo'
    host.replace_tool("systemd-run", f"{{ {options}; }} >>{host.root}/scopes\n{script}")


@pytest.mark.skipif(os.geteuid() != 0, reason="the system's own scopes are root's")
def test_under_systemd_it_gets_a_scope_of_its_own(host, attempt) -> None:
    scope(host, 'shift 3; exec "$@"')
    assert host.run(attempt, "echo hi").output == b"hi\n"
    said = f"--scope --quiet --description=twinwatch:{attempt.id} \n"
    assert (host.root / "scopes").read_text() == said


@pytest.mark.skipif(os.geteuid() != 0, reason="the system's own scopes are root's")
def test_without_a_scope_it_runs_all_the_same_and_once(host, attempt) -> None:
    scope(host, "exit 1")
    assert host.run(attempt, f"echo x >>{host.root}/count").status == 0
    assert (host.root / "count").read_text() == "x\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
@pytest.mark.parametrize("linger", ["yes", "no"])
def test_a_user_whose_logout_ends_everything_is_told_so(host, attempt, linger) -> None:
    scope(host, '[ ! -e broken ] || exit 1; shift 4; exec "$@"')
    os.chown(host.root, 1001, 1001)  # "/" is root's: we are not
    host.replace_tool("id", "echo op1")
    host.replace_tool("loginctl", f"echo Linger={linger}")
    host.replace_tool("busctl", "echo b true")
    if linger == "yes":
        assert host.run(attempt, "echo hi").output == b"hi\n"
        said = f"--user --scope --quiet --description=twinwatch:{attempt.id} \n"
        assert (host.root / "scopes").read_text() == said
        again = replace(attempt, number=2)
        payload = host.lay(again, "touch ran")
        (host.root / "broken").touch()  # no manager of the user's is there
        assert host.go(again, payload).reason is Reason.MORTAL
        assert host.observe(AGENT.poll(again, 0)).state is State.PREPARED
        assert not (host.root / "ran").exists()
    else:
        reply = host.call(AGENT.put(attempt, b""))
        assert isinstance(reply, Refused)
        assert reply.todo == (
            "run loginctl enable-linger op1 there and see that systemd-run --user works, or do the"
            " step as root"
        )
