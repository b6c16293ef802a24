"""The agent's protocol, with the real ssh-agent and with impostors."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.ssh.agent import Agent, AgentError, Held
from collectors.ssh.hostkeys import type_of


def keygen(*arguments: str | Path) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def real(tmp_path: Path):
    """A running ssh-agent that holds one key: (socket, key)."""
    if shutil.which("ssh-agent") is None:
        pytest.skip("no ssh-agent on this machine")
    path = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    key = tmp_path / "key"
    keygen("-t", "ed25519", "-N", "", "-C", "my key", "-f", key)
    while not path.exists():
        time.sleep(0.01)
    environment = {**os.environ, "SSH_AUTH_SOCK": str(path)}
    subprocess.run(["ssh-add", "-q", key], check=True, env=environment, stderr=subprocess.PIPE)
    yield path, key
    agent.terminate()
    agent.wait()


@pytest.fixture
def impostor(tmp_path: Path):
    """`impostor(answer)`: something at a socket that answers every question with these bytes."""
    listeners: list[socket.socket] = []

    def start(answer: bytes | None) -> str:
        path = tmp_path / f"impostor{len(listeners)}"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        listeners.append(listener)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    listeners.append(client)
                    if answer is not None:
                        client.recv(4096)
                        client.sendall(answer)
                        client.close()

        threading.Thread(target=serve, daemon=True).start()
        return str(path)

    yield start
    for each in listeners:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


def test_a_real_agent_lists_and_signs(real) -> None:
    path, key = real
    agent = Agent(str(path))
    (held,) = agent.identities()
    assert (held.comment, type_of(held.blob)) == ("my key", "ssh-ed25519")
    signature = agent.sign(held.blob, b"data", "ssh-ed25519")
    assert signature[4:15] == b"ssh-ed25519"
    public = load_ssh_public_key(Path(f"{key}.pub").read_bytes())
    public.verify(signature[-64:], b"data")


def test_a_key_that_is_not_held_cannot_sign(real) -> None:
    with pytest.raises(AgentError, match="refused"):
        Agent(str(real[0])).sign(b"\0\0\0\x03abc", b"data", "ssh-ed25519")


def test_no_agent_there(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match=r"no agent at .*/none: No such file or directory"):
        Agent(str(tmp_path / "none")).identities()


def test_an_agent_that_does_not_answer_is_not_waited_for(impostor) -> None:
    with pytest.raises(AgentError, match="does not answer"):
        Agent(impostor(None), timeout_seconds=0.1).identities()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "it hung up"),
        (struct.pack(">I", 1 << 30), "answers nonsense"),
        (struct.pack(">I", 0), "answers nonsense"),
        (struct.pack(">IB", 1, 5), "refused"),
        (struct.pack(">IBI", 5, 12, 7), "answers nonsense"),
    ],
)
def test_an_impostor_is_an_error(impostor, answer: bytes, why: str) -> None:
    with pytest.raises(AgentError, match=why):
        Agent(impostor(answer)).identities()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=60))
def test_no_answer_crashes(impostor, body: bytes) -> None:
    agent = Agent(impostor(struct.pack(">IB", len(body) + 1, 12) + body))
    try:
        assert all(isinstance(each, Held) for each in agent.identities())
    except AgentError:
        pass
