"""Frames hold against output that imitates them; deadlines and limits hold on real shells."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import runner
from collectors.programs import program
from collectors.runner import GRACE_MS, OUTPUT_LIMIT, Answer, ProbeChannel

from .conftest import LOGIN_SHELLS, shell

HELLO = b"\ntwinwatch|runner|1\n"
NONCE = "0123abcd" * 4


def channel() -> ProbeChannel:
    return ProbeChannel(lambda: NONCE)


def answered(output: bytes, status: bytes = b"0") -> bytes:
    return b"\n%s\n%s\n%s %s\n" % (NONCE.encode(), output, NONCE.encode(), status)


def test_a_conversation() -> None:
    talk = channel()
    assert talk.feed(b"Welcome to mta-c03\r\n", 1) == []
    assert (talk.ready, talk.said) == (False, "Welcome to mta-c03")
    assert talk.feed(HELLO, 2) == []
    assert talk.ready
    asked = talk.request("units", "systemctl\nuname", 9.2, 1000)
    assert asked == f"{NONCE} 10\nsystemctl\nuname\n{NONCE}\n".encode()
    assert talk.busy
    assert talk.feed(answered(b"one\ntwo\n", b"3"), 1040) == [
        Answer("units", 3, b"one\ntwo\n", False, 1000, 1040)
    ]
    assert not talk.busy


@pytest.mark.parametrize("output", [b"", b"\n", b"x", b"x\n", b"\n\n", b"\x00\xff\r\n"])
def test_output_comes_back_byte_for_byte(output: bytes) -> None:
    talk = channel()
    talk.request("p", "", 1, 0)
    [answer] = talk.feed(HELLO + answered(output), 5)
    assert (answer.output, answer.status, answer.truncated) == (output, 0, False)


def test_one_request_at_a_time() -> None:
    talk = channel()
    talk.request("units", "", 1, 0)
    with pytest.raises(ValueError, match="clock asked while units is still running"):
        talk.request("clock", "", 1, 0)


@pytest.mark.parametrize(
    "imitation",
    [
        b"\n" + b"f" * 32 + b" 0\n",
        b"\n" + NONCE.encode()[:-1] + b"\n",
        NONCE.encode() + b" 0\n",  # not at the beginning of a line
        HELLO,
        b"\n\n" + NONCE.encode() + b"x",
    ],
)
def test_output_cannot_imitate_the_end(imitation: bytes) -> None:
    talk = channel()
    talk.request("p", "", 1, 0)
    output = b"before " + imitation + b" after\n"
    assert [answer.output for answer in talk.feed(HELLO + answered(output), 5)] == [output]


def test_every_split_tells_the_same() -> None:
    whole = b"noise\n" + HELLO + answered(b"a\n\nb" + NONCE.encode() + b"\n", b"-")
    for cut in range(len(whole) + 1):
        talk = channel()
        talk.request("p", "", 1, 0)
        answers = talk.feed(whole[:cut], 5) + talk.feed(whole[cut:], 5)
        assert answers == [Answer("p", None, b"a\n\nb" + NONCE.encode() + b"\n", False, 0, 5)]
        assert talk.ready


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_output_in_any_pieces(output: bytes, size: int) -> None:
    talk = channel()
    talk.request("p", "", 1, 0)
    sent = HELLO + answered(output)
    answers = [
        answer for at in range(0, len(sent), size) for answer in talk.feed(sent[at : at + size], 5)
    ]
    assert [answer.output for answer in answers] == [output]


@given(st.lists(st.binary(max_size=100)))
def test_no_bytes_make_it_raise(parts: list[bytes]) -> None:
    talk = channel()
    talk.request("p", "", 1, 0)
    for part in parts:
        talk.feed(part, 1)
    assert not any(NONCE.encode() in part for part in parts)
    assert talk.busy


# 3,000,080 lets the end come in two pieces: the first of them has to outlive the cut.
@pytest.mark.parametrize("size", [4096, 60_000, 1_000_000, 3_000_080])
def test_a_flood_is_cut_and_its_end_is_still_found(size: int) -> None:
    talk = channel()
    talk.request("p", "", 1, 0)
    sent = HELLO + answered(b"x" * 3_000_000, b"141")
    answers = []
    for at in range(0, len(sent), size):
        answers += talk.feed(sent[at : at + size], 5)
        assert len(talk._buffer) <= OUTPUT_LIMIT + 256
    assert answers == [Answer("p", 141, b"x" * OUTPUT_LIMIT, True, 0, 5)]


def test_output_is_not_searched_for_a_hello() -> None:
    talk = channel()
    talk.request("p", "", 1, 0)
    talk.feed(b"\n" + NONCE.encode() + b"\n", 5)
    talk.feed(
        HELLO, 5
    )  # a quarter of a megabyte of lines, looked at anew with each byte, takes long
    assert (talk.ready, talk.said) == (False, NONCE)


def test_the_limit_itself_is_not_a_cut() -> None:
    for excess, cut in ((0, False), (1, True)):
        talk = channel()
        talk.request("p", "", 1, 0)
        [answer] = talk.feed(HELLO + answered(b"x" * (OUTPUT_LIMIT + excess)), 5)
        assert (len(answer.output), answer.truncated) == (OUTPUT_LIMIT, cut)


def test_an_answer_that_never_comes_is_given_up() -> None:
    talk = channel()
    talk.request("p", "", 2, 1000)
    talk.feed(HELLO + answered(b"half")[:-36], 1500)
    assert not talk.overdue(1000 + 2000 + GRACE_MS - 1)
    assert talk.overdue(1000 + 2000 + GRACE_MS)
    assert talk.abandon(9000) == Answer("p", None, b"half", False, 1000, 9000)
    assert not talk.busy
    assert talk.abandon(9000) is None


def test_each_request_has_a_nonce_of_its_own() -> None:
    first = ProbeChannel().request("p", "", 1, 0).split()[0]
    second = ProbeChannel().request("p", "", 1, 0).split()[0]
    assert first != second
    assert len(first) == 32


# The program itself.

SHELLS = ["dash", "bash", "busybox ash"]


class Runner:
    """A runner under a real shell, spoken to through `ProbeChannel`."""

    def __init__(self, argv: list[str], command: str = "") -> None:
        words = (
            [command]
            if command
            else [program("runner.sh"), "twinwatch", program("job.sh"), str(OUTPUT_LIMIT + 1)]
        )
        self.process = subprocess.Popen(
            [*argv, "-c", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.channel = ProbeChannel()

    def send(self, text: str, deadline_seconds: float = 20) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(self.channel.request("p", text, deadline_seconds, 0))
        self.process.stdin.flush()

    def answer(self) -> Answer:
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 65_536):
            for answer in self.channel.feed(data, 1):
                return answer
        raise AssertionError("the runner ended without an answer")

    def run(self, text: str, deadline_seconds: float = 20) -> Answer:
        self.send(text, deadline_seconds)
        return self.answer()


@contextmanager
def running(name: str, command: str = "") -> Iterator[Runner]:
    """Under the shell `name`, or, given the text of an SSH exec, under the shell that it makes."""
    it = Runner(shell(name), command)
    try:
        yield it
    finally:
        assert it.process.stdin is not None
        assert it.process.stdout is not None
        it.process.stdin.close()
        it.process.wait(20)
        it.process.stdout.close()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pid: int) -> bool:
    until = time.monotonic() + 20
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


@pytest.mark.parametrize("name", SHELLS)
def test_runs_scripts_one_after_the_other(name: str) -> None:
    with running(name) as it:
        answer = it.run('printf "a  %s\\n\\n" "\\b"; echo oops >&2; exit 7')
        assert (answer.status, answer.output) == (7, b"a  \\b\n\noops\n")
        assert it.run("exit 0").output == b""
        answer = it.run("x='it''s'\n\tcat\necho \"$x $LC_ALL\"\nfalse")  # stdin is empty
        assert (answer.status, answer.output) == (1, b"its C\n")
        assert it.run("printf '\\0\\377'").output == b"\x00\xff"


@pytest.mark.parametrize("name", SHELLS)
def test_kills_the_whole_group_at_the_deadline(name: str) -> None:
    with running(name) as it:
        answer = it.run(
            "echo $$; sh -c 'echo $$; exec sleep 600' & trap '' TERM; wait; sleep 600", 1
        )
        assert answer.status is None
        pids = [int(each) for each in answer.output.split()]
        assert len(pids) == 2
        assert all(gone(pid) for pid in pids)
        assert it.run("echo next").output == b"next\n"


@pytest.mark.parametrize("name", SHELLS)
def test_what_a_script_leaves_running_is_killed_with_it(name: str) -> None:
    with running(name) as it:
        answer = it.run("sleep 600 >/dev/null 2>&1 & echo $!")
        assert answer.status == 0
        assert gone(int(answer.output))


@pytest.mark.parametrize("name", SHELLS)
def test_end_of_file_kills_what_runs(name: str, tmp_path: Path) -> None:
    with running(name) as it:
        it.send(f"echo $$ >{tmp_path}/p; mv {tmp_path}/p {tmp_path}/pid; exec sleep 600", 600)
        until = time.monotonic() + 20
        while not (tmp_path / "pid").exists() and time.monotonic() < until:
            time.sleep(0.02)
        pid = int((tmp_path / "pid").read_text())
        assert alive(pid)
    assert gone(pid)
    assert it.process.returncode == 0


@pytest.mark.parametrize("name", SHELLS)
def test_half_a_request_is_not_run(name: str, tmp_path: Path) -> None:
    with running(name) as it:
        assert it.process.stdin is not None
        it.process.stdin.write(f"{NONCE} 5\ntouch {tmp_path}/ran\n".encode())
    assert it.process.returncode == 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", SHELLS)
def test_output_is_cut_on_the_host(name: str) -> None:
    with running(name) as it:
        answer = it.run("yes", 20)
        assert (len(answer.output), answer.truncated) == (OUTPUT_LIMIT, True)
        assert answer.status not in (0, None)
        assert it.run("echo next").output == b"next\n"


@pytest.mark.parametrize("name", SHELLS)
def test_a_script_cannot_see_its_nonce(name: str) -> None:
    with running(name) as it:
        it.send(
            "cat /proc/$PPID/environ /proc/$PPID/cmdline /proc/self/environ; ls -l /proc/self/fd"
        )
        assert it.channel._asked is not None
        nonce = it.channel._asked.nonce
        answer = it.answer()
        assert len(answer.output) > 100
        assert nonce not in answer.output


@pytest.mark.parametrize("name", LOGIN_SHELLS)
def test_login_shells_pass_the_command_on(name: str) -> None:
    with running(name, runner.command()) as it:
        assert it.run("echo 'hi!' there; exit 3").output == b"hi! there\n"
        assert it.run("sleep 60", deadline_seconds=1).status is None
