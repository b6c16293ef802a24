"""All that a payload says comes back, byte for byte and in bounded pieces."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from runbooks.host.attempt import Attempt
from runbooks.host.protocol import HostAgent
from runbooks.host.replies import State

from ..conftest import made

AGENT = HostAgent()


def test_output_comes_in_pieces_of_any_size(host, attempt) -> None:
    script = 'i=0; while [ $i -lt 3000 ]; do printf "%d \\303\\251\\0\\377\\n" $i; i=$((i+1)); done'
    whole = host.run(attempt, script).output
    assert whole.count(b"\n") == 3000
    assert b"\0" in whole
    pieces, offset = [], 0
    for limit in (1, 7, 4095, 4096, 4097, 10_000, 100_000):
        seen = host.observe(AGENT.poll(attempt, offset, limit=limit))
        pieces.append(seen.output)
        offset += len(seen.output)
    assert b"".join(pieces) == whole
    assert host.observe(AGENT.poll(attempt, len(whole))).output == b""
    assert host.observe(AGENT.poll(attempt, len(whole) + 5)).output == b""


@pytest.mark.parametrize("offset", [65_535, 65_536, 65_537, 131_072, 200_000])
def test_output_across_blocks(host, attempt, offset) -> None:
    whole = host.run(attempt, "seq 1 40000").output
    assert (
        host.observe(AGENT.poll(attempt, offset, limit=70_000)).output
        == (whole[offset : offset + 70_000])
    )


def test_the_last_line_is_never_missing(host, attempt) -> None:
    for number in range(1, 16):
        each = replace(attempt, number=number)
        payload = host.lay(each, "echo first; sh -c 'echo last' | cat")
        host.go(each, payload)
        polls = []
        while not polls or polls[-1].state is not State.DONE:
            polls.append(host.observe(AGENT.poll(each, 0, wait_seconds=0)))
        assert polls[-1].output == b"first\nlast\n"


def test_a_poll_waits_for_something_new(host, attempt) -> None:
    payload = host.lay(attempt, f"while [ ! -e {host.root}/on ]; do sleep 0.1; done; echo now")
    host.go(attempt, payload)
    call = host.start(AGENT.poll(attempt, 0, wait_seconds=30))
    (host.root / "on").touch()
    output, _ = call.communicate(timeout=40)
    assert b"state=running" in output or b"state=done" in output
    assert output.endswith(b"now\n") or b"n=4" not in output


def test_a_daemon_that_goes_on_talking_does_not_keep_it_from_being_drained(host, attempt) -> None:
    seen = host.run(attempt, "setsid sh -c 'while echo noise; do sleep 0.05; done' & echo mine")
    assert seen.state is State.DONE
    assert seen.drained
    later = host.observe(AGENT.poll(attempt, 0))
    assert later.size == seen.size


def test_much_output_with_torn_characters(host, attempt) -> None:
    check_much_output(host, attempt, 8_000_000)


def test_200_mb_of_output(tmp_path, attempt) -> None:
    with made("dash", tmp_path) as host:
        check_much_output(host, attempt, 200_000_000)


def check_much_output(host, attempt: Attempt, size: int) -> None:
    host.lay(
        attempt, f"yes '\u65e5\u672c\u8a9e \x7f' | tr ' ' '\\0' | head -c {size}; echo; echo last"
    )
    payload = (host.directory(attempt) / "payload").read_bytes()
    host.go(attempt, payload, timeout_seconds=600)
    line = "\u65e5\u672c\u8a9e\0\x7f\n".encode()
    offset, digest = 0, sha256()
    while True:
        # An odd limit, so that pieces end within characters.
        seen = host.observe(AGENT.poll(attempt, offset, limit=1_048_573, wait_seconds=1))
        assert seen.offset == offset
        assert len(seen.output) <= 1_048_573
        digest.update(seen.output)
        offset += len(seen.output)
        if seen.state is State.DONE and seen.drained:
            break
    assert offset == size + len(b"\nlast\n")
    expected, whole = sha256(), line * 100_000
    for _ in range(size // len(whole)):
        expected.update(whole)
    expected.update((whole)[: size % len(whole)] + b"\nlast\n")
    assert digest.digest() == expected.digest()
