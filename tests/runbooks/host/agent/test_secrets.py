"""Secrets reach the payload as they are, and are seen nowhere else."""

from __future__ import annotations

import pytest

from runbooks.host.attempt import Attempt
from runbooks.host.protocol import READ_SECRETS, HostAgent, carried
from runbooks.host.replies import Checked, NoReply, Reason, Refused, State

from ..conftest import SHELLS, before_what_is_told, going, made

AGENT = HostAgent()

CORPUS = {
    "quotes": "it's \"quoted\" 'twice'",
    "commands": "$(touch ran) `touch ran` ; touch ran",
    "lines": "one\ntwo\n\n\nthree\n",
    "end": "ends in newlines\n\n",
    "backslashes": "a\\b \\n \\\\ \\",
    "option": "-rf",
    "blanks": "  \t  ",
    "utf8": "秘密 é",
    "percent": "%s %n %d",
    "long": "x" * 40_000,
    "eof": "EOF\nEND\n)",
    "nothing": "",
}


@pytest.mark.parametrize("kind", CORPUS)
def test_a_secret_arrives_as_it_is(host, attempt, kind) -> None:
    secrets = carried({"token": CORPUS[kind], "other": "x"})
    script = READ_SECRETS + 'printf \'%s|%s\' "$token" "$other"'
    seen = host.run(attempt, script, secrets=secrets)
    assert seen.output == f"{CORPUS[kind]}|x".encode()
    assert not (host.root / "ran").exists()
    reply = host.call(
        AGENT.check(script.encode(), timeout_seconds=30, limit=100_000, secrets=secrets)
    )
    assert reply == Checked(0, seen.output, False)


LOOK = """
for each in /proc/[0-9]*; do
  tr '\\0' ' ' <$each/cmdline
  tr '\\0' ' ' <$each/environ
done 2>/dev/null | grep -c hunter2hunter
printf %s "$token" | wc -c
sleep 0.3
"""


def test_a_secret_is_in_no_file_environment_or_argument(host, attempt) -> None:
    secrets = carried({"token": "hunter2hunter2"})
    seen = host.run(attempt, READ_SECRETS + LOOK.replace("hunter2hunter", "[h]unter2hunter"),
                    secrets=secrets)  # fmt: skip
    assert seen.output.split() == [b"0", b"14"]
    for path in host.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert b"hunter2hunter2" not in path.read_bytes(), path


def test_what_a_payload_starts_does_not_inherit_it(host, attempt) -> None:
    script = READ_SECRETS + "env | grep -c hunter2; cat <&3"
    seen = host.run(attempt, script, secrets=carried({"token": "hunter2"}))
    assert seen.output.startswith(b"0\n")
    assert b"hunter2" not in seen.output


#: Of one start the program fits a command, of the other it comes in the bytes.
SHORT_AND_LONG = [Attempt("r-1", "s", "h", 1), Attempt("r-1", "s" * 60, "h" * 60, 1)]


def test_one_of_the_two_starts_comes_with_its_program_in_the_bytes() -> None:
    short, long = (before_what_is_told(going(each, b"")) for each in SHORT_AND_LONG)
    assert not short
    assert long


@pytest.mark.parametrize("attempt", SHORT_AND_LONG, ids=["command", "bytes"])
@pytest.mark.parametrize("kept", [0, 1, 2, 3, 4, 12, 17])
def test_half_of_the_secrets_starts_nothing(host, attempt, kept) -> None:
    payload = host.lay(attempt, "touch ran")
    request = going(attempt, payload, secrets=carried({"a": "1", "token": "hunter2"}))
    kept += len(before_what_is_told(request))
    reply = host.call(request, stdin=request.stdin[:kept])
    assert isinstance(reply, Refused)
    assert reply.reason is Reason.CUT
    assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED
    assert not (host.root / "ran").exists()


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_half_of_the_program_starts_nothing(host, part) -> None:
    attempt = SHORT_AND_LONG[1]
    payload = host.lay(attempt, "touch ran")
    request = going(attempt, payload)
    program = len(before_what_is_told(request)) - len("\n")  # with its dot, without the line end
    reply = host.call(request, stdin=request.stdin[: round(program * part)])
    assert isinstance(reply, NoReply)
    assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED
    assert not (host.root / "ran").exists()


@pytest.mark.parametrize("name", ["secrets", "taken", "line", "count", "script", "token"])
def test_a_variable_of_the_account_carries_none_on(tmp_path, attempt, name) -> None:
    for shell in SHELLS:
        (tmp_path / shell).mkdir()
        with made(shell, tmp_path / shell, {name: "set before"}) as host:
            script = READ_SECRETS + LOOK.replace("hunter2hunter", "[h]unter2hunter")
            secrets = carried({"token": "hunter2hunter2"})
            assert host.run(attempt, script, secrets=secrets).output.split() == [b"0", b"14"]
            asked = AGENT.check(script.encode(), timeout_seconds=30, limit=100, secrets=secrets)
            reply = host.call(asked)
            assert isinstance(reply, Checked)
            assert reply.output.split() == [b"0", b"14"]


def test_a_shell_that_exports_all_exports_no_secret(tmp_path, attempt) -> None:
    with made("bash", tmp_path, {"SHELLOPTS": "allexport"}) as host:
        script = READ_SECRETS + LOOK.replace("hunter2hunter", "[h]unter2hunter")
        seen = host.run(attempt, script, secrets=carried({"token": "hunter2hunter2"}))
        assert seen.output.split() == [b"0", b"14"]


def test_a_payload_whose_secrets_do_not_arrive_is_not_run(host, attempt) -> None:
    """An empty secret could do anything."""
    host.environment["twinwatch_told"] = "all"
    seen = host.run(attempt, READ_SECRETS + "echo unlocked with $token")
    assert (seen.status, seen.output) == (126, b"twinwatch: its secrets did not arrive\n")


def test_a_shell_that_keeps_secrets_from_a_step_and_shows_them_is_refused(
    tmp_path, attempt
) -> None:
    with made("mksh", tmp_path) as host:
        host.replace_tool("printf", f'echo "$@" >>{tmp_path}/arguments; exec /usr/bin/printf "$@"')
        reply = host.call(AGENT.put(attempt, b"echo hi"))
        assert isinstance(reply, Refused)
        assert (reply.reason, reply.todo) == (
            Reason.SHELL, "make /bin/sh there dash, bash or busybox"
        )  # fmt: skip
        secrets = carried({"token": "hunter2"})
        for request in (
            going(attempt, b"echo hi", secrets=secrets),
            AGENT.check(b"echo hi", timeout_seconds=9, limit=99, secrets=secrets),
        ):
            assert host.call(request).reason is Reason.SHELL
        arguments = tmp_path / "arguments"
        assert not arguments.exists() or "hunter2" not in arguments.read_text()


def test_what_cannot_be_carried_is_refused() -> None:
    with pytest.raises(ValueError, match="the secret token has a NUL in it"):
        carried({"token": "a\0b"})
    with pytest.raises(ValueError, match="'to ken' is no name of a shell variable"):
        carried({"to ken": "a"})
    with pytest.raises(ValueError, match="secrets of 60,041 bytes: 60,000 at most"):
        carried({"token": "x" * 60_002})
