"""Packets, in whatever portions their bytes come."""

from __future__ import annotations

import paramiko
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ssh.packets import Incoming


class Mirror:
    """An AEAD that hides nothing: what `decrypt` would do, to test the framing alone."""

    def decrypt(self, nonce: bytes, data: bytes, length: bytes) -> bytes:
        assert len(nonce) == 12
        return data[:-16]


def incoming() -> Incoming:
    found = Incoming(None)
    found.set_inbound_cipher(Mirror(), 16, None, 16, None, aead=True, iv_in=bytes(12))
    return found


def packet(payload: bytes) -> bytes:
    padding = 4 + -(len(payload) + 5) % 16
    length = 1 + len(payload) + padding
    return length.to_bytes(4, "big") + bytes([padding]) + payload + bytes(padding) + bytes(16)


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.integers(1, 40))
def test_payloads_come_out_whole_in_whatever_portions_they_came(payloads, size) -> None:
    stream = b"".join(packet(each) for each in payloads)
    reader = incoming()
    got = []
    for start in range(0, len(stream), size):
        reader.feed(stream[start : start + size])
        while (payload := reader.next_payload()) is not None:
            got.append(payload)
    assert got == payloads


@pytest.mark.parametrize("head", [b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\x04\0\x01"])
def test_a_packet_of_impossible_length_is_corruption(head: bytes) -> None:
    reader = incoming()
    reader.feed(head)
    with pytest.raises(paramiko.SSHException, match="the stream is corrupt"):
        reader.next_payload()
    with pytest.raises(paramiko.SSHException, match="the stream is corrupt"):
        reader.read_all(1 << 30)


def test_a_packet_that_is_all_padding_is_corruption() -> None:
    reader = incoming()
    reader.feed(b"\0\0\0\x10" + b"\xff" + bytes(31))
    with pytest.raises(paramiko.SSHException, match="the stream is corrupt"):
        reader.next_payload()
