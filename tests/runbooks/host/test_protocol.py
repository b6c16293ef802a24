"""Requests: constant text, names we made, and everything else in the bytes."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from itertools import product
from pathlib import Path

import pytest

from runbooks.host.attempt import Attempt
from runbooks.host.protocol import Fence, HostAgent, Request, Signal, Verb, program
from runbooks.host.replies import Checked, Observed, State, read_reply

ATTEMPT = Attempt("r-1", "promoted", "mdb-r01", 1)
AGENT = HostAgent(nonce=lambda: "0123abcd" * 4)
NASTY = "'; touch ran; $(touch ran) `touch ran`\n-rf \\ é"


def every_request(agent: HostAgent, word: str) -> list[Request]:
    """One of each verb, with `word` wherever a person or a runbook may say something."""
    attempt = Attempt(word, word, word, 1)
    fence = Fence(3, word, (word, f"service/{word}") * 50)
    return [
        agent.put(attempt, word.encode()),
        agent.go(attempt, "0" * 64, timeout_seconds=5, actor=word, fence=fence, wait_seconds=1),
        agent.poll(attempt, 7),
        agent.stop(attempt, Signal.TERM, after_seconds=7),
        agent.void(attempt),
        agent.gc(attempt),
        agent.lock(fence, seconds=60),
        agent.unlock(fence),
        agent.check(word.encode(), timeout_seconds=5, limit=100),
    ]


def test_no_word_of_anybody_is_spliced_into_a_command() -> None:
    for request in every_request(AGENT, NASTY):
        command = shlex.split(request.command)
        assert command[:3] == ["exec", "sh", "-c"]
        assert command[4] == "twinwatch"
        text = [line.rstrip() for line in command[6:]]
        if not text:  # too long for a command
            text = request.stdin.partition(b"\n.\n")[0].decode().split("\n")
        assert text == list(program(request.verb))
        for word in command[5].split(" "):
            assert re.fullmatch(r"[A-Za-z0-9_.@:+,-]+", word), word


def test_the_same_request_is_the_same_bytes() -> None:
    assert every_request(AGENT, NASTY) == every_request(AGENT, NASTY)


def test_each_request_has_a_nonce_of_its_own() -> None:
    assert HostAgent().poll(ATTEMPT, 0).nonce != HostAgent().poll(ATTEMPT, 0).nonce


def test_as_another_user_by_sudo_that_asks_for_nothing() -> None:
    [_, *command] = shlex.split(HostAgent("postgres").void(ATTEMPT).command)
    assert command[:6] == ["sudo", "-n", "-H", "-u", "postgres", "--"]


def test_sudo_which_logs_what_it_is_told_is_told_little() -> None:
    for mine, plain in zip(
        every_request(HostAgent("root", AGENT.nonce), NASTY),
        every_request(AGENT, NASTY),
        strict=True,
    ):
        assert len(mine.command) < 600
        text = "\n".join(program(mine.verb)).encode() + b"\n.\n"
        assert mine.stdin == text + plain.stdin.removeprefix(text)
        assert "." not in program(mine.verb)
        words = shlex.split(mine.command)
        assert words[10] == "twinwatch"
        assert words[11:] == [shlex.split(plain.command)[5]]


@pytest.mark.parametrize("user", ["-x", "a b", "root;id", "$USER", "#0", "\n"])
def test_a_user_that_could_be_an_option_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match="is no name of a Unix user"):
        HostAgent(user)


@pytest.mark.parametrize("name", ["out", "claim", "../x", "rc.000.0", "blank.late", ""])
def test_a_file_that_would_stand_in_the_agents_way_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="in the way of the agent's own files"):
        AGENT.put(ATTEMPT, b"", name)


def test_a_script_that_no_shell_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match="a script with a NUL"):
        AGENT.check(b"a\0b", timeout_seconds=1, limit=1)
    with pytest.raises(ValueError, match="is whole lines"):
        AGENT.go(ATTEMPT, "0" * 64, timeout_seconds=1, actor="a", secrets=b"a=b")


def test_the_programs_suit_every_login_shell() -> None:
    for verb in Verb:
        for line in program(verb):
            assert "\\\\" not in line  # fish halves pairs,
            assert "\\'" not in line + "'"  # and takes this for a quote
            assert not re.search(r"![^ =(]", line), line  # csh's history


def test_dropbear_takes_every_command() -> None:
    """Its MAX_CMD_LEN is 9000, and beyond it hangs up."""
    for agent in (HostAgent("a-user-with-a-very-long-name"), HostAgent()):
        for word in ("x", "x" * 1000):
            for request in every_request(agent, word):
                assert len(request.command) <= 9000, request.verb


def test_a_start_of_any_length_is_one_that_dropbear_takes() -> None:
    """Those that just fit, and the first that do not and come on stdin, are among them."""
    lengths = set()
    for least, host in product(range(10), range(1, 64)):
        attempt = Attempt("r" * (10 + least), "step", "h" * host, 1)
        lengths.add(len(AGENT.go(attempt, "0" * 64, timeout_seconds=60, actor="op").command))
    assert max(lengths) <= 9000
    assert {*range(8990, 9001)} < lengths
    assert min(lengths) < 1000


@pytest.mark.parametrize(
    "name", ["sh", "bash", "dash", "zsh", "fish", "busybox ash", "tcsh", "csh", "ksh"]
)
def test_login_shells_pass_it_on(name: str, tmp_path: Path) -> None:
    argv = name.split()
    if shutil.which(argv[0]) is None:
        pytest.skip(f"no {argv[0]} on this machine")

    def call(request: Request):
        done = subprocess.run(
            [*argv, "-c", request.command], input=request.stdin, capture_output=True, timeout=30,
            env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "TWINWATCH_ROOT": str(tmp_path)}, check=False,
        )  # fmt: skip
        return read_reply(request, done.stdout, done.stderr, done.returncode)

    seen = call(AGENT.put(ATTEMPT, b"echo hi"))
    assert isinstance(seen, Observed)
    assert seen.state is State.PREPARED
    assert call(AGENT.check(b"echo hi", timeout_seconds=9, limit=99)) == Checked(0, b"hi\n", False)
    # The same by a sudo that lets everybody.
    sudo = tmp_path / "bin/sudo"
    sudo.parent.mkdir()
    sudo.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    sudo.chmod(0o755)
    by_sudo = HostAgent("root").check(b"echo hi", timeout_seconds=9, limit=99)
    assert call(by_sudo) == Checked(0, b"hi\n", False)


def test_a_host_guards_services_and_itself() -> None:
    fence = Fence(2, "r-1", ("service/mail", "host/mdb-r01", "host/mdb-c01"))
    assert fence.on("mdb-r01") == Fence(2, "r-1", ("service/mail", "host/mdb-r01"))
    request = AGENT.go(ATTEMPT, "0" * 64, timeout_seconds=1, actor="a", fence=fence)
    assert request.stdin == b"2\nservice.mail\nhost.mdb-r01\n0\n"
