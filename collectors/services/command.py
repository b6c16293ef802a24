"""command and ping: a program of this machine that ends well, and says `expect` if that is asked.

It is the estate's owner who wrote it; it runs as the watch does, in a process group of its own that
is killed with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from collectors.services.ask import Ask, CannotAsk, ProbeFailed, quoted

_KEPT_BYTES = 4_096
#: A process that waits for a disk can't be killed before it comes back.
_BURIAL_SECONDS = 1.0
#: Ours, and of no use to programs of others.
_REMOVED = ("PYTHONPATH", "PYTHONHOME")


async def command(ask: Ask) -> None:
    await _run(ask, "/bin/sh", "-c", ask.target)


async def ping(ask: Ask) -> None:
    await _run(ask, "ping", "-n", "-c", "1", "--", await ask.resolve(ask.target))


async def run_shell(text: str, variables: Mapping[str, str]) -> tuple[int, bytes]:
    """Run a command of the estate's owner with more in its environment; its exit status, and the
    beginning of what it says. Raises ProbeFailed where it can't be run."""
    return await _ended(("/bin/sh", "-c", text), variables)


async def _run(ask: Ask, *argv: str) -> None:
    status, said = await _ended(argv, {})
    if status:
        raise ProbeFailed(f"exit status {status}: {quoted(said) or 'without a word'}")
    if ask.expect and ask.expect.encode() not in said:
        raise ProbeFailed(f"it says {quoted(said)!r}, not {ask.expect!r}")


async def _ended(argv: Sequence[str], variables: Mapping[str, str]) -> tuple[int, bytes]:
    environ = {name: value for name, value in os.environ.items() if name not in _REMOVED}
    environ |= variables
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env=environ,
            limit=_KEPT_BYTES,
        )
    except OSError as error:
        raise CannotAsk(f"{argv[0]} can't be run: {error.strerror}") from error
    try:
        said = await _said(process)
        status = await process.wait()
    finally:
        # Whatever it left running goes too, and it when we were cancelled: its group is its own.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await _buried(process)
    return status, said


async def _buried(process: asyncio.subprocess.Process) -> None:
    """Wait until a killed process and its pipe are gone, but not for one that can't be killed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_BURIAL_SECONDS):
            await _said(process)
            await process.wait()


async def _said(process: asyncio.subprocess.Process) -> bytes:
    """The beginning of what it says; the rest is read and let go, so that it is not held up."""
    assert process.stdout is not None
    said = b""
    while piece := await process.stdout.read(_KEPT_BYTES):
        said += piece[: _KEPT_BYTES - len(said)]
    return said
