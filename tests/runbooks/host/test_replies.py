"""Replies, as conversations: in any pieces the same, and no bytes make the reader raise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.host.attempt import Attempt
from runbooks.host.protocol import Fence, HostAgent, Request
from runbooks.host.replies import (
    Checked,
    Freed,
    Gone,
    Held,
    NoReply,
    Observed,
    Reason,
    Refused,
    ReplyReader,
    State,
    read_reply,
)

NONCE = "0123abcd" * 4
AGENT = HostAgent(nonce=lambda: NONCE)
ATTEMPT = Attempt("r-1", "s", "h", 1)
BOOT = "b34f9508-7375-4afc-b8b4-7ff62aecb9fa"
POLL = AGENT.poll(ATTEMPT, 10, limit=100)
CHECK = AGENT.check(b"", timeout_seconds=5, limit=10)
SEEN = f"ran= late= stopped= cut= boot={BOOT} up=77"


def line(text: str) -> bytes:
    return f"\n{NONCE} {text}\n".encode()


def read(request: Request, output: bytes, error: bytes = b"", status: int | None = 0):
    return read_reply(request, output, error, status)


WHOLE = b"Welcome!\r\n" + line(f"state=running rc= {SEEN} size=15 at=10 n=5") + b"a\xff\0\nb"
RUNNING = Observed(State.RUNNING, BOOT, 77, size=15, offset=10, output=b"a\xff\0\nb")


def test_a_poll() -> None:
    assert read(POLL, WHOLE) == RUNNING
    assert RUNNING.drained
    said = line(f"state=done rc=007 {SEEN.replace('late=', 'late=yes')} size=15 at=10 n=0")
    seen = read(POLL, said)
    assert seen == Observed(State.DONE, BOOT, 77, 7, timed_out=True, size=15, offset=10)
    assert not seen.drained
    at_work = read(POLL, WHOLE.replace(b"ran=", b"ran=3601"))
    assert at_work == replace(RUNNING, ran_seconds=3601)


def test_every_split_tells_the_same() -> None:
    for cut in range(len(WHOLE) + 1):
        reader = ReplyReader(POLL)
        reader.feed(WHOLE[:cut])
        assert reader.whole == (cut == len(WHOLE))
        reader.feed(WHOLE[cut:])
        assert reader.reply() == RUNNING


@given(st.binary(max_size=300), st.binary(max_size=100), st.integers(1, 40))
def test_any_noise_any_output_any_pieces(noise: bytes, output: bytes, size: int) -> None:
    said = line(f"state=running rc= {SEEN} size={10 + len(output)} at=10 n={len(output)}")
    sent = noise + said + output
    reader = ReplyReader(POLL)
    for at in range(0, len(sent), size):
        reader.feed(sent[at : at + size])
    assert reader.whole
    assert reader.reply() == Observed(
        State.RUNNING, BOOT, 77, size=10 + len(output), offset=10, output=output
    )


def test_what_follows_a_reply_is_not_part_of_it() -> None:
    assert read(POLL, WHOLE + b"logout\n" * 50) == RUNNING


@pytest.mark.parametrize("kept", range(len(WHOLE)))
def test_half_a_reply_is_none(kept: int) -> None:
    assert isinstance(read(POLL, WHOLE[:kept]), NoReply)


@given(st.lists(st.binary(max_size=200)), st.binary(max_size=50))
def test_no_bytes_make_it_raise(parts: list[bytes], error: bytes) -> None:
    for request in (POLL, CHECK):
        reader = ReplyReader(request)
        for part in parts:
            reader.feed(part)
        assert isinstance(reader.reply(error), NoReply)


@given(st.text(alphabet="abcdefgnor=x 0123456789-", max_size=120))
def test_no_line_makes_it_raise(text: str) -> None:
    for request in (POLL, CHECK, AGENT.lock(Fence(1, "a"), seconds=1), AGENT.gc(ATTEMPT)):
        read(request, line(text), line(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n=5",
        f"state=odd rc= {SEEN} size=15 at=10 n=0",
        f"state=running rc= {SEEN} size=15 at=9 n=0",  # of another place
        f"state=running rc= {SEEN} size=-1 at=10 n=0",
        f"state=done rc= {SEEN} size=15 at=10 n=0",  # done, and no status
        f"state=running rc= {SEEN} size=15 at=10 n=-5",
        f"state=running rc= {SEEN.replace(BOOT, '$(x)')} size=15 at=10 n=0",
        "gone=yes",  # to another question
        "error=unheard-of",
    ],
)
def test_a_line_that_is_not_right_is_no_reply(text: str) -> None:
    assert isinstance(read(POLL, line(text)), NoReply)


def test_more_than_was_asked_for_is_no_reply() -> None:
    said = line(f"state=running rc= {SEEN} size=9999 at=10 n=101") + b"x" * 101
    assert isinstance(read(POLL, said), NoReply)


def test_memory_is_bounded_whatever_comes() -> None:
    flooded = ReplyReader(POLL)
    endless = ReplyReader(POLL)
    endless.feed(line(f"state=running rc= {SEEN} size=15 at=10 n=5"))
    unended = ReplyReader(POLL)
    unended.feed(f"\n{NONCE} ".encode())
    for _ in range(300):
        for reader in (flooded, endless, unended):
            reader.feed(b"x" * 10_000)
            assert len(reader._buffer) < 20_000
    assert isinstance(unended.reply(), NoReply)


def test_why_there_is_no_reply_is_said_in_the_hosts_words() -> None:
    error = b"noise\nsudo: a password is required\x1b[2J\n"
    assert read(POLL, b"", error, 1) == NoReply(
        "it ended with status 1 and gave no reply, saying “sudo: a password is required\\x1b[2J”"
    )
    assert read(POLL, b"", b"", None) == NoReply("it ended and gave no reply")
    assert read(POLL, WHOLE[:-1]) == NoReply("the reply broke off")


# ── other verbs ──


def test_locks() -> None:
    ask = AGENT.lock(Fence(1, "r-1", ("service/mail",)), seconds=60)
    assert read(ask, line("held=yes busy=")) == Held()
    assert read(ask, line("held=yes busy=r-0.s.h.1,r-0.s.h.2")) == Held(("r-0.s.h.1", "r-0.s.h.2"))
    assert read(AGENT.unlock(Fence(1, "r-1")), line("freed=yes")) == Freed()
    assert read(AGENT.gc(ATTEMPT), line("gone=yes")) == Gone()
    said = line("error=fenced lock=service.mail epoch=4 owner=r-0 free=")
    assert read(ask, said) == Refused(
        Reason.FENCED,
        "service.mail is r-0's since epoch 4",
        "wait for that run to end, or take it over with a reason",
        4,
        "r-0",
    )


@pytest.mark.parametrize(
    ("text", "error", "what"),
    [
        ("error=write", b"mv: No space left on device\n",
         "the host can't write: “mv: No space left on device”"),
        ("error=write", b"", "the host can't write"),
        ("error=missing tool=setsid", b"", "the host has no setsid"),
        ("error=busy state=orphan", b"", "it still runs there (orphan)"),
        ("error=late", b"", "the order to start came too late, or after a restart of the host"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_in_the_way(text: str, error: bytes, what: str) -> None:
    reply = read(POLL, line(text), error)
    assert isinstance(reply, Refused)
    assert reply.what == what
    assert reply.todo


def test_a_check() -> None:
    begins = line("check=begins")
    assert read(CHECK, begins + b"a\0\n", line("rc=3 late=")) == Checked(3, b"a\0\n", False)
    assert read(CHECK, begins + b"x" * 10, line("rc=0 late=")) == Checked(0, b"x" * 10, False)
    assert read(CHECK, begins + b"x" * 11, line("rc=141 late=")) == Checked(141, b"x" * 10, True)
    assert read(CHECK, begins, b"motd\n" + line("rc= late=yes")) == Checked(None, b"", False)
    assert read(CHECK, begins + b"a") == NoReply("the check was cut off")
    assert isinstance(read(CHECK, begins, line("rc=x late=")), NoReply)
