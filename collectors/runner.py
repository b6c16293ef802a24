"""The slow channel: scripts run on the host one after the other, beside the sampler.

`command()` is what one SSH exec runs; `ProbeChannel` frames requests and reads answers, without
I/O. On the host each script gets a session of its own, which is killed as a group when the script
ends, at its deadline and when the channel closes (where the host has no setsid, only the script's
first process is). A request is a line `NONCE SECONDS`, the script, and a line `NONCE`; an answer is

    a line NONCE, the output as it comes, a line end, and a line `NONCE STATUS`

STATUS is the exit status, or `-` when the deadline struck. The nonce is new and random for each
request and no script can see it, so no output can imitate the end of an answer.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from collectors.programs import exec_text, program
from estate.clean import clean

OUTPUT_LIMIT = 256 * 1024
#: How long after its deadline an answer may still be on its way.
GRACE_MS = 5_000

_HELLO = b"twinwatch|runner|1"
_NOISE_LIMIT = 2048  # kept of what is not an answer: enough for a line of the login shell


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one script.

    `status` is its exit status, None when it was killed at its deadline (or given up). `output`
    is stdout and stderr, raw: whoever reads it cleans it. Times are the console's, UTC ms: the
    script ran at some moment between `asked_at` and `answered_at`.
    """

    probe: str
    status: int | None
    output: bytes
    truncated: bool
    asked_at: int
    answered_at: int


@dataclass(slots=True)
class _Asked:
    probe: str
    nonce: bytes
    asked_at: int
    due_at: int
    began: bool = False


@cache
def command() -> str:
    """Text for one SSH exec, whatever the login shell; see `collectors.programs.exec_text`."""
    return exec_text(program("runner.sh"), program("job.sh"), str(OUTPUT_LIMIT + 1))


class ProbeChannel:
    """One runner: asks for one script at a time and reads its answer. Never raises on input.

    Memory is bounded by `OUTPUT_LIMIT`. `ready` turns true with the runner's hello; until then
    `said` keeps the last line of what the login shell prints.
    """

    def __init__(self, nonce: Callable[[], str] = lambda: secrets.token_hex(16)) -> None:
        self._nonce = nonce
        self._asked: _Asked | None = None
        self._buffer = bytearray()
        self._truncated = False
        self.ready = False
        self.said = ""

    @property
    def busy(self) -> bool:
        """An answer is outstanding; the next request has to wait."""
        return self._asked is not None

    def request(self, probe: str, script: str, deadline_seconds: float, at: int) -> bytes:
        """What to write to the channel at `at` for `script` to run. ValueError while busy."""
        if self._asked is not None:
            raise ValueError(f"{probe} asked while {self._asked.probe} is still running")
        nonce = self._nonce()
        seconds = max(1, math.ceil(deadline_seconds))
        self._asked = _Asked(probe, nonce.encode(), at, at + seconds * 1000 + GRACE_MS)
        self._truncated = False
        return f"{nonce} {seconds}\n{script}\n{nonce}\n".encode()

    def feed(self, data: bytes, at: int) -> list[Answer]:
        """The answer that `data`, received at `at`, completes: none or one."""
        seen = len(self._buffer)
        self._buffer += data
        asked = self._asked
        if not self.ready and (asked is None or not asked.began):
            self._greet()
        if asked is None:
            self._forget_but(_NOISE_LIMIT)
            return []
        if not asked.began:
            begin = b"\n" + asked.nonce + b"\n"
            at_byte = self._buffer.find(begin)
            if at_byte < 0:
                self._forget_but(_NOISE_LIMIT)
                return []
            asked.began = True
            # The last line end stays: where there is no output, it is the end's line end too.
            del self._buffer[: at_byte + len(begin) - 1]
            seen = 0
        return self._conclude(asked, seen, at)

    def overdue(self, at: int) -> bool:
        """The host itself should have killed the script by now: give up and close the channel."""
        return self._asked is not None and at >= self._asked.due_at

    def abandon(self, at: int) -> Answer | None:
        """The answer of a channel that is being closed, with what came; None when not busy."""
        asked, self._asked = self._asked, None
        if asked is None:
            return None
        output = bytes(self._buffer[1:]) if asked.began else b""
        return self._answer(asked, None, output, at)

    def _greet(self) -> None:
        *lines, _ = self._buffer.split(b"\n")
        for line in lines:
            if line.removesuffix(b"\r") == _HELLO:
                self.ready = True
            elif line.strip() and not self.ready:
                self.said = clean(bytes(line), limit=200)

    def _conclude(self, asked: _Asked, seen: int, at: int) -> list[Answer]:
        """Looks for the end in what is new, the first `seen` bytes having been searched before."""
        end = b"\n" + asked.nonce + b" "
        longest = len(end) + 4  # a status has three digits at most, and a line end
        start = self._buffer.find(end, max(0, seen - longest))
        status_end = self._buffer.find(b"\n", start + len(end)) if start >= 0 else -1
        if status_end < 0:
            # Past the limit, keep the beginning, and of the rest what may hold half an end.
            if len(self._buffer) > OUTPUT_LIMIT + 2 + 2 * longest:
                del self._buffer[OUTPUT_LIMIT + 2 : -longest]
                self._truncated = True
            return []
        status = self._buffer[start + len(end) : status_end]
        output = bytes(self._buffer[1:start])
        self._asked = None
        self._buffer.clear()
        exited = int(status) if status.isdigit() and len(status) <= 3 else None
        return [self._answer(asked, exited, output, at)]

    def _answer(self, asked: _Asked, status: int | None, output: bytes, at: int) -> Answer:
        truncated = self._truncated or len(output) > OUTPUT_LIMIT
        return Answer(asked.probe, status, output[:OUTPUT_LIMIT], truncated, asked.asked_at, at)

    def _forget_but(self, size: int) -> None:
        del self._buffer[: max(0, len(self._buffer) - size)]
