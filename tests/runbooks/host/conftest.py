"""A host in a directory: the real agent under dash, bash and busybox, without SSH in between."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from runbooks.host.attempt import Attempt
from runbooks.host.protocol import HostAgent, Request
from runbooks.host.replies import Observed, Reply, State, read_reply

SHELLS = ("dash", "bash", "busybox")

#: Every wait in these tests ends, however busy the machine.
PATIENCE_SECONDS = 40


@dataclass
class Host:
    """A home directory, the shell that everything runs under, and ways to look inside."""

    root: Path
    shell_name: str
    shell: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, request: Request, **options: Any) -> subprocess.Popen[bytes]:
        """The call, begun; its stdin is not written yet."""
        return subprocess.Popen(
            [*self.shell, "-c", request.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.root,
            env={
                "PATH": f"{self.root}/bin:{os.defpath}",  # else a command's `sh` is this machine's
                "TWINWATCH_ROOT": str(self.root),
                **self.environment,
            },
            start_new_session=True,
            **options,
        )

    def send(self, request: Request) -> subprocess.Popen[bytes]:
        """The call, with all that it is told; nobody waits for its reply."""
        call = self.start(request)
        assert call.stdin is not None
        call.stdin.write(request.stdin)
        call.stdin.close()
        call.stdin = None  # else communicate would close it again
        return call

    def replace_tool(self, name: str, script: str) -> None:
        """`name` on this host is `script` from now on."""
        tool = self.root / "bin" / name
        if self.shell_name == "busybox" and tool.is_symlink():
            pytest.skip(f"this busybox runs its own {name}, whatever is on the PATH")
        tool.unlink(missing_ok=True)
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)

    def call(self, request: Request, stdin: bytes | None = None) -> Reply:
        """The call, and its reply."""
        done = self.start(request)
        sent = request.stdin if stdin is None else stdin
        output, error = done.communicate(sent, timeout=PATIENCE_SECONDS)
        return read_reply(request, output, error, done.returncode)

    def observe(self, request: Request) -> Observed:
        reply = self.call(request)
        assert isinstance(reply, Observed), reply
        return reply

    def directory(self, attempt: Attempt) -> Path:
        return self.root / ".twinwatch" / "steps" / attempt.id

    def lay(self, attempt: Attempt, script: str) -> bytes:
        """Put the script there; gives the payload."""
        payload = script.encode()
        assert self.observe(HostAgent().put(attempt, payload)).state is State.PREPARED
        return payload

    def go(self, attempt: Attempt, payload: bytes, **how: Any) -> Reply:
        return self.call(going(attempt, payload, **how))

    def begin(self, attempt: Attempt, script: str, **how: Any) -> bytes:
        """Put and go; returns the payload once it has said something."""
        payload = self.lay(attempt, script)
        self.go(attempt, payload, **how)
        wait_for((self.directory(attempt) / "out").read_bytes)
        return payload

    def run(self, attempt: Attempt, script: str, **how: Any) -> Observed:
        """Put, go, and poll to the end."""
        payload = self.lay(attempt, script)
        reply = self.go(attempt, payload, **how)
        assert isinstance(reply, Observed), reply
        return self.settled(attempt)

    def settled(self, attempt: Attempt, *unlike: State) -> Observed:
        """The attempt once it no longer runs, with all its output."""
        unlike = unlike or (State.RUNNING, State.PREPARED)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            seen = self.observe(HostAgent().poll(attempt, 0, wait_seconds=1))
            if seen.state not in unlike:
                return seen
        raise AssertionError(f"still {seen.state}")

    def recorder(self, attempt: Attempt) -> int:
        """The process that records how it ends."""
        return int(str((self.directory(attempt) / "claim").readlink()).split(".")[1])

    def session(self, attempt: Attempt) -> int:
        """The first process of the payload's session."""
        [session] = self.directory(attempt).glob("session.*")
        return int(session.name.split(".")[1])


def going(attempt: Attempt, payload: bytes, **how: Any) -> Request:
    return going_as(HostAgent(), attempt, payload, **how)


def going_as(agent: HostAgent, attempt: Attempt, payload: bytes, **how: Any) -> Request:
    how = {"timeout_seconds": 60, "actor": "op1", **how}
    return agent.go(attempt, sha256(payload).hexdigest(), **how)


def before_what_is_told(request: Request) -> bytes:
    """The program, where it comes first in the bytes: it is too long for a command."""
    program, dot, _told = request.stdin.partition(b"\n.\n")
    return program + dot if dot else b""


def wait_for(fact: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if found := fact():
                return found
        time.sleep(0.02)
    raise AssertionError("it never came true")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.fixture
def attempt() -> Attempt:
    return Attempt("r-20261120-1302-ab12", "promoted", "mdb-r01", 1)


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    with made(request.param, tmp_path) as it:
        yield it


@contextlib.contextmanager
def made(shell: str, root: Path, environment: Mapping[str, str] | None = None) -> Iterator[Host]:
    """A host whose `sh` is `shell`; of busybox it has every tool. What it started ends with it."""
    tools = tools_of(shell, root)
    try:
        yield Host(root, shell, [str(tools / "sh")], dict(environment or {}))
    finally:
        for pid in started_below(root):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def tools_of(shell: str, root: Path) -> Path:
    """A directory for PATH in which `sh` is `shell`; skips where there is none."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"no {shell} on this machine")
    tools = root / "bin"
    tools.mkdir()
    if shell == "busybox":
        listed = subprocess.run([found, "--list"], capture_output=True, text=True, check=True)
        for name in listed.stdout.split():
            (tools / name).symlink_to(found)
    else:
        (tools / "sh").symlink_to(found)
    return tools


def started_below(root: Path) -> list[int]:
    """The processes that have this host's root in their environment: ours, whoever started them."""
    mark = f"TWINWATCH_ROOT={root}".encode()
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (each / "environ").read_bytes().split(b"\0"):
                found.append(int(each.name))
    return found
