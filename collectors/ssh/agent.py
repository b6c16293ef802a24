"""The ssh-agent, as much of its protocol as signing needs (draft-ietf-sshm-ssh-agent).

paramiko's own client asks only $SSH_AUTH_SOCK, waits for ever, and signs certificates wrongly.
Nothing is ever forwarded: the agent is asked here, on the console's machine.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

REQUEST_IDENTITIES, IDENTITIES, SIGN_REQUEST, SIGN_RESPONSE = 11, 12, 13, 14
_FLAGS = {"rsa-sha2-256": 2, "rsa-sha2-512": 4}
_ANSWER_LIMIT = 256 * 1024


class AgentError(Exception):
    """The agent did not do what was asked, and why."""


@dataclass(frozen=True, slots=True)
class Held:
    """A key, or certificate, that the agent holds."""

    blob: bytes
    comment: str


class Agent:
    """An agent at a Unix socket. One connection a question: it may be asked from any thread.

    Everything raises AgentError. `timeout_seconds` bounds each wait; signing may need a touch or
    a confirmation by a person.
    """

    def __init__(self, path: str, timeout_seconds: float = 5.0) -> None:
        self.path = path
        self._timeout = timeout_seconds

    def identities(self) -> tuple[Held, ...]:
        """What it holds, in its own order."""
        answer = self._ask(bytes([REQUEST_IDENTITIES]), IDENTITIES)
        try:
            (count,) = struct.unpack(">I", answer[:4])
            held, rest = [], answer[4:]
            for _ in range(count):
                blob, rest = _take(rest)
                comment, rest = _take(rest)
                held.append(Held(blob, comment.decode("utf-8", "replace")))
        except (struct.error, IndexError) as error:
            raise AgentError(f"the agent at {self.path} answers nonsense") from error
        return tuple(held)

    def sign(self, blob: bytes, data: bytes, algorithm: str) -> bytes:
        """A signature over `data` by the key `blob`, in SSH's own form."""
        flags = _FLAGS.get(algorithm.removesuffix("-cert-v01@openssh.com"), 0)
        question = _string(blob) + _string(data) + struct.pack(">I", flags)
        answer = self._ask(bytes([SIGN_REQUEST]) + question, SIGN_RESPONSE)
        return _take(answer)[0]

    def _ask(self, question: bytes, expected: int) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(self._timeout)
                sock.connect(self.path)
                sock.sendall(_string(question))
                (length,) = struct.unpack(">I", _read(sock, 4))
                if not 0 < length <= _ANSWER_LIMIT:
                    raise AgentError(f"the agent at {self.path} answers nonsense")
                answer = _read(sock, length)
        except TimeoutError:
            raise AgentError(f"the agent at {self.path} does not answer") from None
        except OSError as error:
            raise AgentError(f"no agent at {self.path}: {error.strerror or error}") from error
        if answer[0] != expected:
            raise AgentError(f"the agent at {self.path} refused")
        return answer[1:]


def _read(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise OSError("it hung up")
        data += piece
    return data


def _take(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", data[:4])
    return data[4 : 4 + length], data[4 + length :]


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
