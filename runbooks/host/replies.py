"""What a host says to a request, read from bytes as they come; never raises on them.

    what the login shell prints, if it prints
    NONCE key=value key=value …
    n bytes of output, where the line has an n

The nonce is new for each request, so nothing that was there before can look like a reply. To
`check` the output follows without a count, until the end; how it ended is on stderr, after the
nonce.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from estate.clean import clean
from runbooks.host.protocol import Request, Verb

#: The longest line of a reply.
_LINE_BYTES = 8192

_BOOT = re.compile(r"[0-9a-f-]{1,40}", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)


class State(StrEnum):
    """How an attempt is, in the host's own words."""

    ABSENT = "absent"  # nothing of it is there
    PREPARED = "prepared"  # it lies there, and starts if it is told to
    RUNNING = "running"
    DONE = "done"  # it ended, and its status is recorded
    ORPHAN = "orphan"  # it runs, and nobody is left to record how it ends
    LOST = "lost"  # it began; nothing of it runs, and how it ended was not recorded
    VOID = "void"  # it was forbidden to start before it did
    STILLBORN = "stillborn"  # it was claimed and never began: it is safe to try again


@dataclass(frozen=True, slots=True)
class Observed:
    """An attempt as its host sees it, and a piece of its output.

    `status` is its exit status once it is DONE, 128 + N for signal N. `timed_out`: the host's own
    clock stopped it, so that 124 is the script's own. `stopped`: we did. `incomplete`: the host
    could not keep all of its output. `ran_seconds`: for so long a RUNNING one or an ORPHAN has been
    at work, by the host's own time. `size` is the whole output in bytes, until it is done as far as
    it is written; `output` begins at `offset`.
    """

    state: State
    boot: str
    uptime_seconds: int
    status: int | None = None
    timed_out: bool = False
    stopped: bool = False
    incomplete: bool = False
    size: int = 0
    offset: int = 0
    output: bytes = field(default=b"", repr=False)
    ran_seconds: int | None = None

    @property
    def drained(self) -> bool:
        """Whether the output is known up to its end, as far as it is written."""
        return self.offset + len(self.output) >= self.size


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a check: its exit status, None where it ran out of time, and its output."""

    status: int | None
    output: bytes
    truncated: bool


@dataclass(frozen=True, slots=True)
class Held:
    """The locks are ours on this host. `busy` are attempts there, anybody's, not at rest."""

    busy: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Freed:
    """The locks are no longer ours."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The attempt's directory is removed."""


class Reason(StrEnum):
    """Why a host refuses."""

    WRITE = "write"
    BASE = "base"
    MISSING = "missing"
    CUT = "cut"
    CONFLICT = "conflict"
    LATE = "late"
    FENCED = "fenced"
    MORTAL = "mortal"
    BUSY = "busy"
    SHELL = "shell"


@dataclass(frozen=True, slots=True)
class Refused:
    """The host did not do it: `what` is in the way, and what `todo` about it.

    Of a fence `epoch` and `owner` are whose it is, and `free` whether it may be had for the asking.
    """

    reason: Reason
    what: str
    todo: str
    epoch: int = 0
    owner: str = ""
    free: bool = False


@dataclass(frozen=True, slots=True)
class NoReply:
    """It came to an end without a whole reply; whether anything was done is not known."""

    why: str


Reply = Observed | Checked | Held | Freed | Gone | Refused | NoReply

_WORDS: Mapping[Reason, tuple[str, str]] = {
    Reason.WRITE: (
        "the host can't write{said}",
        "make room in the home directory there, blocks and inodes (df, df -i), or make it writable",
    ),
    Reason.BASE: (
        "~/.twinwatch there can't be made, or is not the user's own{said}",
        "give the user a home directory that it can write to, and remove a link or a stranger's "
        "directory of that name",
    ),
    Reason.MISSING: (
        "the host has no {tool}",
        "install it: steps need a POSIX shell, /proc, setsid, sha256sum, readlink, head, tail, dd",
    ),
    Reason.CUT: ("what was sent did not arrive whole", "send it again: nothing was started"),
    Reason.CONFLICT: (
        "what lies there under this name is not what was planned",
        "stop: the runbook was changed, or the file on the host; find out which, and plan anew",
    ),
    Reason.LATE: (
        "the order to start came too late, or after a restart of the host",
        "plan anew: nothing was started",
    ),
    Reason.FENCED: (
        "{lock} is {owner}'s since epoch {epoch}",
        "wait for that run to end, or take it over with a reason",
    ),
    Reason.MORTAL: (
        "logging out ends what {user} started there (KillUserProcesses=yes in logind.conf)",
        "run loginctl enable-linger {user} there and see that systemd-run --user works, or do the"
        " step as root",
    ),
    Reason.SHELL: (
        "the host's sh can't give a secret to a step unseen (mksh is one that can't)",
        "make /bin/sh there dash, bash or busybox",
    ),
    Reason.BUSY: ("it still runs there ({state})", "stop it first, or wait for its end"),
}


class ReplyReader:
    """Reads the reply to `request`, fed in any pieces.

    Memory is bounded by the request's limit, however much a host sends.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._begin = b"\n" + request.nonce.encode() + b" "
        self._buffer = bytearray(b"\n")  # a reply may be the first line of all
        self._fields: dict[str, str] | None = None

    def feed(self, data: bytes) -> None:
        """Bytes of standard output, in order."""
        self._buffer += data
        if self._fields is None:
            self._look_for_the_line()
        if self._fields is not None:
            # One more than the limit, to know of a cut.
            del self._buffer[self._request.limit + 1 :]

    @property
    def whole(self) -> bool:
        """Whether the reply is here; what follows would be ignored. Never so for `check`."""
        fields = self._fields
        return fields is not None and "check" not in fields and len(self._buffer) >= _n(fields)

    def reply(self, error: bytes = b"", status: int | None = None) -> Reply:
        """The reply, when no more comes. `error` is the end of what was said on stderr."""
        fields = self._fields
        if fields is None:
            return _unanswered(error, status)
        try:
            if "error" in fields:
                return _refused(fields, _last_line(error))
            if "check" in fields:
                return self._checked(error)
            if not self.whole:
                return NoReply("the reply broke off")
            return self._answered(fields)
        except (KeyError, ValueError):
            return NoReply(f"an unreadable reply: {clean(str(fields), limit=200)}")

    def _look_for_the_line(self) -> None:
        at = self._buffer.find(self._begin)
        if at < 0:
            del self._buffer[: max(0, len(self._buffer) - len(self._begin))]
            return
        del self._buffer[:at]
        start = len(self._begin)
        end = self._buffer.find(b"\n", start, start + _LINE_BYTES)
        if end >= 0:
            self._fields = _fields(self._buffer[start:end])
            del self._buffer[: end + 1]
        elif len(self._buffer) > start + _LINE_BYTES:
            self._fields = {}  # not a line of ours: unreadable

    def _answered(self, fields: Mapping[str, str]) -> Reply:
        verb = self._request.verb
        if verb is Verb.LOCK:
            if fields["held"] != "yes":
                raise ValueError
            return Held(tuple(clean(each) for each in fields["busy"].split(",") if each))
        if verb is Verb.UNLOCK:
            return {"yes": Freed()}[fields["freed"]]
        if verb is Verb.GC:
            return {"yes": Gone()}[fields["gone"]]
        return self._observed(fields)

    def _observed(self, fields: Mapping[str, str]) -> Observed:
        n, offset = _count(fields["n"]), _count(fields["at"])
        if offset != self._request.offset or n > self._request.limit:
            raise ValueError
        if not _BOOT.fullmatch(fields["boot"]):
            raise ValueError
        state = State(fields["state"])
        return Observed(
            state=state,
            boot=fields["boot"],
            uptime_seconds=_count(fields["up"]),
            status=_count(fields["rc"]) if state is State.DONE else None,
            timed_out=fields["late"] == "yes",
            stopped=fields["stopped"] == "yes",
            incomplete=fields["cut"] == "yes",
            size=_count(fields["size"]),
            offset=offset,
            output=bytes(self._buffer[:n]),
            ran_seconds=_count(fields["ran"]) if fields["ran"] else None,
        )

    def _checked(self, error: bytes) -> Reply:
        at = error.rfind(self._begin)
        if at < 0:
            return NoReply("the check was cut off")
        ended = _fields(error[at + len(self._begin) :].split(b"\n")[0])
        status = None if ended["late"] == "yes" else _count(ended["rc"])
        limit = self._request.limit
        return Checked(status, bytes(self._buffer[:limit]), len(self._buffer) > limit)


def read_reply(request: Request, output: bytes, error: bytes, status: int | None) -> Reply:
    """The reply in what a call brought back."""
    reader = ReplyReader(request)
    reader.feed(output)
    return reader.reply(error, status)


def _fields(line: bytes | bytearray) -> dict[str, str]:
    words = line.decode("ascii", "replace").split(" ")
    return {key: value for key, _, value in (word.partition("=") for word in words)}


def _count(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError
    return int(text)


def _n(fields: Mapping[str, str]) -> int:
    """How many bytes of output follow; what can't be read is found out by `reply`."""
    text = fields.get("n", "0")
    return int(text) if _COUNT.fullmatch(text) else 0


def _last_line(error: bytes) -> str:
    return clean(error.strip().rsplit(b"\n", 1)[-1], limit=200)


def _unanswered(error: bytes, status: int | None) -> NoReply:
    ended = "" if status is None else f" with status {status}"
    said = _last_line(error)
    return NoReply(f"it ended{ended} and gave no reply" + (f", saying “{said}”" if said else ""))


def _refused(fields: Mapping[str, str], said: str) -> Refused:
    reason = Reason(fields["error"])
    what, todo = _WORDS[reason]
    words = {key: clean(value, limit=100) for key, value in fields.items()}
    words["said"] = f": “{said}”" if said else ""
    epoch = _count(fields["epoch"]) if reason is Reason.FENCED else 0
    owner = words["owner"] if reason is Reason.FENCED else ""
    free = fields.get("free") == "yes"
    return Refused(reason, what.format(**words), todo.format(**words), epoch, owner, free)
