"""What to send so that a host does something, as values; `replies.py` reads what it says to it.

A request is one command over SSH, and bytes for its standard input:

    sh -c TOGETHER twinwatch 'NONCE VERB ATTEMPT ARGUMENT ...' LINE...

The lines are those of agent/ that the verb needs, always the same. Arguments are names that we
made, numbers and digests; all that a person or a runbook said is in the bytes. To act as another
user, and where they are too long for a command, the lines come first in the bytes: sudo logs the
whole of what it is told to run. Every request may be sent again: the host's own state decides what
it does.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from secrets import token_hex

from runbooks.host.attempt import Attempt, part

#: Of output in one reply.
CHUNK_BYTES = 1024 * 1024

#: What a login shell may say before the reply, and the reply's own line.
AROUND_BYTES = 64 * 1024

#: A host waits so long for something new before it answers a poll.
WAIT_SECONDS = 2.0

#: Of all secrets of a step together: what a pipe takes without a reader.
SECRETS_BYTES = 60_000

#: Puts the lines together again with the line end that is third in IFS, and runs them: csh knows no
#: line end within a word. IFS is as the shell made it: none takes it from its environment.
_TOGETHER = 'a=$1; shift; s=$IFS; IFS=${IFS#??}; text="$*"; IFS=$s; set -- $a; eval "$text"'

#: The same, of lines that come on stdin, up to a dot alone. They are read byte by byte, for what
#: follows is somebody else's to read. Lines that end before the dot are not run.
_FROM_STDIN = (
    "n=${IFS#??}; text=; set -- $1; while IFS= read -r line; do "
    'case $line in .) eval "$text"; exit;; esac; text=$text$line$n; done'
)

#: What `carried` ends with: who has this has all of it.
_TOLD = "twinwatch_told"

#: A payload that reads secrets begins with this line; see `carried`. Without them it ends: a step
#: with an empty secret could do anything.
READ_SECRETS = (
    f'set +a; {_TOLD}=; eval "$(cat <&3)"; exec 3<&-; [ "${_TOLD}" = all ] || '
    f"{{ echo 'twinwatch: its secrets did not arrive' >&2; exit 126; }}; unset {_TOLD}\n"
)

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class Verb(StrEnum):
    """What is asked of a host."""

    PUT = "put"
    GO = "go"
    POLL = "poll"
    STOP = "stop"
    VOID = "void"
    GC = "gc"
    LOCK = "lock"
    UNLOCK = "unlock"
    CHECK = "check"


class Signal(StrEnum):
    """How hard a payload is stopped."""

    TERM = "TERM"
    KILL = "KILL"


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `command` with `stdin`, and what its reply may be.

    `nonce` begins the reply, with at most `limit` bytes of output in it, from `offset` on.
    """

    verb: Verb
    command: str = field(repr=False)
    stdin: bytes = field(repr=False)
    nonce: str
    limit: int = 0
    offset: int = 0

    @property
    def output_limit(self) -> int:
        """How many bytes the call may bring back, whatever the login shell says first."""
        return AROUND_BYTES + self.limit


@dataclass(frozen=True, slots=True)
class Fence:
    """In whose name something is started: the locks that `owner` holds since `epoch` (from 1).

    A host that knows a later epoch of one of them, or another owner of this one, refuses.
    """

    epoch: int
    owner: str
    locks: tuple[str, ...] = ()

    def on(self, host: str) -> Fence:
        """What this host has to guard: not "host/NAME" of others, which guard their own."""
        mine = (
            each for each in self.locks if each == f"host/{host}" or not each.startswith("host/")
        )
        return Fence(self.epoch, self.owner, tuple(mine))


NO_FENCE = Fence(1, "nobody")


#: dropbear takes no command of more than 9,000 bytes, and hangs up beyond: a longer text comes on
#: stdin.
LONGEST_COMMAND = 9_000

#: What may be followed by a blank where the file has a line end; and how long a line becomes so.
_OPEN = re.compile(r"(?:(?:^|[; ])(?:then|do|else)|[ (]in|\{|;;|&&|\||^[a-z_*]+\))$")
_CLOSING = ("fi", "done", "esac", "}", "else")
LONGEST_LINE = 300

#: The files of agent/ that a verb needs. Not all for each, for some hosts are behind slow links.
_ATTEMPT, _GUARDED = ("frame", "attempt"), ("frame", "attempt", "keeper")
_FILES: Mapping[Verb, tuple[str, ...]] = {
    Verb.PUT: (*_GUARDED, "put"),
    Verb.GO: (*_GUARDED, "locks", "go"),
    Verb.POLL: (*_ATTEMPT, "nap", "tend"),
    Verb.STOP: (*_ATTEMPT, "nap", "tend"),
    Verb.VOID: (*_ATTEMPT, "nap", "tend"),
    Verb.GC: (*_ATTEMPT, "nap", "tend"),
    Verb.LOCK: (*_ATTEMPT, "locks", "lock"),
    Verb.UNLOCK: (*_ATTEMPT, "locks", "lock"),
    Verb.CHECK: ("frame", "check"),
}


@cache
def program(verb: Verb) -> tuple[str, ...]:
    """The lines for a host to do `verb`; comments and indentation stay at home, and so do line ends
    that a blank can stand for: a line costs two bytes more than a blank."""
    agent = resources.files("runbooks.host").joinpath("agent")
    lines: list[str] = []
    for name in _FILES[verb]:
        for line in agent.joinpath(f"{name}.sh").read_text(encoding="utf-8").splitlines():
            code = line.partition("  # ")[0].strip()
            if not code or code.startswith("#"):
                continue
            fits = bool(lines) and len(lines[-1]) + len(code) < LONGEST_LINE
            if fits and (_OPEN.search(lines[-1]) or code == ";;"):
                lines[-1] += f" {code}"
            elif fits and code in _CLOSING and not lines[-1].endswith(("&", "\\", ")")):
                lines[-1] += f"; {code}"
            else:
                lines.append(code)
    return tuple(lines)


def carried(secrets: Mapping[str, str]) -> bytes:
    """The secrets `{variable: value}` as `READ_SECRETS` reads them: shell variables, not exported,
    though the environment has one of that name. Nothing where there are none.

    ValueError for what can't be carried: a NUL, too much, or a name that is none.
    """
    lines = ""
    for name, value in secrets.items():
        if not _VARIABLE.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a shell variable")
        if "\0" in value:
            raise ValueError(f"the secret {name} has a NUL in it, which no shell can hold")
        lines += f"unset {name}; {name}={shlex.quote(value)}\n"
    carried_bytes = (f"{lines}{_TOLD}=all\n" if lines else "").encode()
    if len(carried_bytes) > SECRETS_BYTES:
        raise ValueError(f"secrets of {len(carried_bytes):,} bytes: {SECRETS_BYTES:,} at most")
    return carried_bytes


@dataclass(frozen=True, slots=True)
class HostAgent:
    """Makes requests to the agent on a host, which acts as `as_user` by sudo, or as who logs in.

    `nonce` gives a new one for each request.
    """

    as_user: str = ""
    nonce: Callable[[], str] = lambda: token_hex(16)

    def __post_init__(self) -> None:
        if self.as_user and not _USER.fullmatch(self.as_user):
            raise ValueError(f"{self.as_user!r} is no name of a Unix user")

    def put(self, attempt: Attempt, payload: bytes, name: str = "payload") -> Request:
        """Lay `payload` down, nothing more. Other files of it, by `name`, are put before it: the
        payload finds them beside itself, as ${0%/*}/NAME."""
        if not re.fullmatch(r"payload|file[a-z0-9]{0,16}", name):
            raise ValueError(f"{name!r} would stand in the way of the agent's own files")
        words = (name, hashlib.sha256(payload).hexdigest(), str(len(payload)))
        return self._request(Verb.PUT, attempt.id, words, payload)

    def go(
        self,
        attempt: Attempt,
        payload_sha256: str,
        *,
        timeout_seconds: int,
        actor: str,
        fence: Fence = NO_FENCE,
        secrets: bytes = b"",
        not_after: int | None = None,
        boot: str = "",
        wait_seconds: int = 0,
        limit: int = 0,
    ) -> Request:
        """Start it, unless it was started before. The host stops it after `timeout_seconds`
        (0: never), and does not start it once it is up for more than `not_after` seconds (None:
        whenever this arrives), nor in another boot than `boot` ("": in any).
        `secrets` are what `carried` gives. If it ends within `wait_seconds`, whole ones, the reply
        tells how, with at most `limit` bytes of its output: no poll is needed."""
        words = (
            payload_sha256,
            str(timeout_seconds),
            "-" if not_after is None else str(not_after),
            boot or "-",
            str(fence.epoch),
            part(fence.owner),
            *map(_plain, (attempt.run, attempt.step, actor)),
            str(min(wait_seconds, timeout_seconds or wait_seconds)),
            str(limit),
        )
        stdin = _counted(_names(fence.on(attempt.host).locks)) + _counted(secrets)
        return self._request(Verb.GO, attempt.id, words, stdin, limit=limit)

    def poll(
        self,
        attempt: Attempt,
        offset: int,
        *,
        limit: int = CHUNK_BYTES,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Request:
        """Ask how it is, and for at most `limit` bytes of its output from `offset` on. While there
        is nothing new the host waits, up to `wait_seconds`."""
        words = (str(offset), str(limit), str(round(wait_seconds * 1000)))
        return self._request(Verb.POLL, attempt.id, words, limit=limit, offset=offset)

    def stop(self, attempt: Attempt, signal: Signal, *, after_seconds: int = 0) -> Request:
        """Send a signal to all that its payload started, unless it has been at work for fewer than
        `after_seconds` of the host's own time: the clock that finds it late may have been set."""
        return self._request(Verb.STOP, attempt.id, (signal, str(after_seconds)))

    def void(self, attempt: Attempt) -> Request:
        """Shut its gate: if it has not started, it never will."""
        return self._request(Verb.VOID, attempt.id)

    def gc(self, attempt: Attempt) -> Request:
        """Remove its directory, unless something of it still runs."""
        return self._request(Verb.GC, attempt.id)

    def lock(
        self, fence: Fence, *, seconds: int, over: int = 0, only_idle: bool = False
    ) -> Request:
        """Hold the fence's locks on this host for `seconds`, or for so much longer. A lock that
        another owner holds is refused, unless `over` is its very epoch: a person took it over.
        With `only_idle` so is any, while an attempt there is not at rest. A fence without locks
        takes none: it asks who is at work there, as whoever takes over does of all hosts first."""
        idle = "idle" if only_idle else "any"
        words = (str(fence.epoch), part(fence.owner), str(seconds), str(over), idle)
        return self._request(Verb.LOCK, "-", words, _counted(_names(fence.locks)))

    def unlock(self, fence: Fence) -> Request:
        """Give the fence's locks back; their epochs are remembered. Refused as busy while anything
        of the fence's owner is at work there."""
        words = (str(fence.epoch), part(fence.owner))
        return self._request(Verb.UNLOCK, "-", words, _counted(_names(fence.locks)))

    def check(
        self, script: bytes, *, timeout_seconds: int, limit: int, secrets: bytes = b""
    ) -> Request:
        """Run `script`, which changes nothing, as long as we listen, and not longer than
        `timeout_seconds`; nothing is written on the host. Of its output `limit` bytes are kept."""
        if b"\0" in script:
            raise ValueError("a script with a NUL in it, which no shell can read")
        words = (str(timeout_seconds), str(len(script)), str(limit + 1))
        stdin = _counted(secrets) + script
        return self._request(Verb.CHECK, "-", words, stdin, limit=limit)

    def _request(
        self,
        verb: Verb,
        attempt: str,
        words: Sequence[str] = (),
        stdin: bytes = b"",
        *,
        limit: int = 0,
        offset: int = 0,
    ) -> Request:
        nonce = self.nonce()
        told = " ".join((nonce, verb, attempt, *words))
        # csh takes a ! before a quote for history, too.
        lines = (f"{each} " if each.endswith("!") else each for each in program(verb))
        command = f"exec {shlex.join(('sh', '-c', _TOGETHER, 'twinwatch', told, *lines))}"
        if self.as_user or len(command) > LONGEST_COMMAND:
            sudo = ("sudo", "-n", "-H", "-u", self.as_user, "--") if self.as_user else ()
            command = f"exec {shlex.join((*sudo, 'sh', '-c', _FROM_STDIN, 'twinwatch', told))}"
            stdin = "\n".join((*program(verb), ".\n")).encode() + stdin
        return Request(verb, command, stdin, nonce, limit, offset)


def _names(locks: Sequence[str]) -> bytes:
    """Locks as lines, each the name of a directory: "service/mail" is service.mail."""
    return "".join(f"{'.'.join(map(part, lock.split('/')))}\n" for lock in locks).encode()


def _counted(lines: bytes) -> bytes:
    """How many lines there are, and the lines: a host can tell whether all of them arrived."""
    if lines and not lines.endswith(b"\n"):
        raise ValueError("what is told to a host is whole lines: see `carried`")
    return b"%d\n%s" % (lines.count(b"\n"), lines)


def _plain(text: str) -> str:
    """`text` for a line of the host's log: no character that could start another word or line."""
    return re.sub(r"[^A-Za-z0-9_.@:+-]+", "-", text)[:64] or "-"
