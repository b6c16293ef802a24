"""What each kind of step may say, key by key, and which step it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from estate.error import InputError
from estate.grammar.words import NAME, WORDS, with_a_port
from estate.shapes import Choice, DictOf, Key, Record, Text, Whole
from runbooks.reading.words import (
    ABSOLUTE,
    BESIDE,
    CONTENT,
    IF_LATE,
    OWNER,
    SCRIPT,
    SECRETS,
    STEP_TIME,
    TEST,
    USER,
    OrInput,
    Undo,
    several,
)
from runbooks.runbook import (
    Cert,
    Check,
    Copy,
    Do,
    Gate,
    Playbook,
    Probe,
    Reboot,
    Sh,
    Step,
    Tls,
    Until,
)

MINUTE_MS = 60_000
#: Until when a step must have ended, where the file does not say.
TIMEOUTS: Mapping[str, int] = {
    "do": MINUTE_MS, "check": 30_000, "copy": MINUTE_MS, "reboot": 10 * MINUTE_MS,
    "playbook": 30 * MINUTE_MS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step: its own keys, what is made of them, and where it is done."""

    words: str
    build: Callable[..., Step]
    keys: tuple[Key, ...]
    on_hosts: bool = True


# ── what several kinds share ──

_AS = Key("as", USER, "as_user", words="The user who does it, by sudo -n.")
_SECRETS = Key("secrets", SECRETS, words="Inputs of type secret that the script may read.")
_DONE_WHEN = Key(
    "done_when", TEST, words="The oracle: asked before, after, and whenever it is in doubt."
)
_REPEAT = Key("repeat", Choice(("safe",)), words="Doing it twice is as doing it once.")
_UNDO = Key("undo", Undo(), words="How to take it back; none: nothing does.")
UNTIL: Record[Until] = Record(
    "until", Until,
    (
        Key("tries", Whole(1, 10_000), required=True, words="How often in all."),
        Key("every", STEP_TIME, "every_ms", required=True, words="From one's end to the next."),
    ),
)  # fmt: skip
_AGAIN = Key("until", UNTIL, words="Try again until it holds: {tries: 24, every: 5s}.")


def _undone(parts: Mapping[str, Any]) -> dict[str, Any]:
    """`undo: none` by its own name."""
    if parts.get("undo") == "none":
        return {**parts, "undo": "", "irreversible": True}
    return dict(parts)


def _timed(kind: str, until: Until | None, parts: Mapping[str, Any]) -> dict[str, Any]:
    """What is tried again has as long for each try as there is between two."""
    default = min(until.every_ms, TIMEOUTS[kind]) if until else TIMEOUTS[kind]
    return {"timeout_ms": default, "until": until, **parts}


# ── do ──


def _do(repeat: str = "", until: Until | None = None, **parts: Any) -> Do:
    return Do(repeatable=repeat == "safe", **_timed("do", until, _undone(parts)))


DO = Kind(
    "Change hosts.", _do,
    (
        Key("sh", SCRIPT, required=True, words="What is done, for a POSIX shell."),
        _DONE_WHEN, _REPEAT, _AGAIN, _UNDO, _AS, _SECRETS,
    ),
)  # fmt: skip

# ── check ──

_ENDPOINT = OrInput(Text(with_a_port, "host:port", r"[A-Za-z0-9\[][\w.:\[\]-]{0,252}:[0-9]{1,5}"))
_DNS_NAMES = several(OrInput(Text(str, "a DNS name", r"[A-Za-z0-9*][\w.*-]{0,252}")))
_SERIAL = OrInput(Text(str, "hexadecimal digits", r"[0-9A-Fa-f]{1,40}"))
_DAYS = Key("days_left", Whole(0, 3_650), words="How many days it must be good for at least.")
_PROTOCOLS = Choice(("smtp", "imap", "pop3", "ldap", "xmpp"))

TLS: Record[Tls] = Record(
    "tls", Tls,
    (
        Key("endpoint", _ENDPOINT, required=True, words="host:port; its chain is verified."),
        Key("names", _DNS_NAMES, words="Names that the certificate must have."),
        _DAYS,
        Key("serial", _SERIAL, words="The serial number that must be served."),
        Key("starttls", _PROTOCOLS, words="The protocol that is to begin TLS."),
    ),
)  # fmt: skip
CERT: Record[Cert] = Record(
    "cert", Cert,
    (
        Key("file", ABSOLUTE, required=True, words="Of the certificate, on the hosts."),
        Key("key", ABSOLUTE, words="Its key must be this file's."),
        Key("chain", ABSOLUTE, words="This file's certificates must verify it."),
        Key("names", _DNS_NAMES, words="Names that it must have."),
        _DAYS,
    ),
)  # fmt: skip


def _check(
    *, sh: str = "", tls: Tls | None = None, cert: Cert | None = None, probe: str = "",
    at: str = "", until: Until | None = None, **parts: Any,
) -> Check:  # fmt: skip
    asked: tuple[Sh | Tls | Cert | Probe | None, ...] = (
        Sh(sh) if sh else None, tls, cert, Probe(probe) if probe else None,
    )  # fmt: skip
    questions = [each for each in asked if each is not None]
    if len(questions) != 1:
        count = len(questions) or "no"
        what = f"a check with {count} question{'' if count == 1 else 's'}"
        raise InputError(what, "write one of sh, tls, cert or probe")
    at_console = isinstance(questions[0], Tls | Probe)
    if at_console and "hosts" in parts:
        raise InputError("tls and probe are asked by the watch, not on hosts", "remove hosts")
    if at and not at_console:
        raise InputError("sh and cert are asked on hosts", "remove at, and name hosts")
    made = _timed("check", until, parts)
    return Check(ask=questions[0], at_console=at_console, **made)


CHECK = Kind(
    "Ask, and change nothing; it may always be repeated.", _check,
    (
        Key("sh", SCRIPT, words="A test on the hosts: exit 0 if it holds."),
        Key("cert", CERT, words="A certificate's file on the hosts."),
        Key("tls", TLS, words="What a server serves, seen from the watch."),
        Key("probe", NAME, words="A probe of the estate, taken now."),
        Key("at", Choice(("console",)), words="Where tls and probe are asked: by the watch."),
        _AGAIN, _AS, _SECRETS,
    ),
)  # fmt: skip

# ── gate ──

GATE = Kind(
    "People must agree.", Gate,
    (
        Key("approvals", Whole(1, 9), words="How many people must agree; 1 if not said."),
        Key("wait", STEP_TIME, "wait_ms", words="How long it waits; for ever if not said."),
        Key("if_late", IF_LATE, words="stop if not said; ask, continue or a step."),
    ),
    on_hosts=False,
)  # fmt: skip

# ── reboot ──


def _reboot(**parts: Any) -> Reboot:
    return Reboot(**{"timeout_ms": TIMEOUTS["reboot"], **parts})


REBOOT = Kind(
    "Restart hosts: each must come back with another boot id.", _reboot,
    (
        Key("sh", SCRIPT, words="What restarts the host; systemctl reboot if not said."),
        _DONE_WHEN, _AS,
    ),
)  # fmt: skip

# ── copy ──


def _copy(
    to: str, source: str = "", text: str = "", mode: str = "0644", link: str = "", **parts: Any
) -> Copy:
    if bool(source) == bool(text):
        what = "a copy of two things" if text else "a copy of nothing"
        raise InputError(what, "write from: and a file, or text:")
    if link and (link == to or to.startswith(f"{link}/")):
        raise InputError("a file below its own link", "put the release beside the link")
    made = {"timeout_ms": TIMEOUTS["copy"], **_undone(parts)}
    return Copy(to=to, source=source, text=text, mode=int(mode, 8), link=link, **made)


COPY = Kind(
    "Put a file on hosts, whole or not at all.", _copy,
    (
        Key("to", OrInput(ABSOLUTE), required=True, words="The file's path on the hosts."),
        Key("from", BESIDE, "source", words="The file, beside the runbook."),
        Key("text", CONTENT, words="Or its content."),
        Key("mode", Text(str, "an octal mode such as 0644", "0[0-7]{3}"), words="0644 if unsaid."),
        Key("owner", OWNER, words="user or user:group."),
        Key("link", ABSOLUTE, words="A link that is then turned to the directory of to."),
        _UNDO, _AS,
    ),
)  # fmt: skip

# ── playbook ──


def _playbook(repeat: str = "", **parts: Any) -> Playbook:
    made = {"timeout_ms": TIMEOUTS["playbook"], **_undone(parts)}
    return Playbook(repeatable=repeat == "safe", **made)


_VARIABLE = Text(str, "a variable of Ansible", r"[a-z_]\w{0,63}")
PLAYBOOK = Kind(
    "Run an Ansible playbook on just these hosts.", _playbook,
    (
        Key("file", BESIDE, required=True, words="The playbook, beside the runbook."),
        Key("tags", several(NAME), words="Only tasks with one of these tags."),
        Key("extra", DictOf(_VARIABLE, OrInput(WORDS), "variables"), words="Variables for it."),
        _DONE_WHEN, _REPEAT, _UNDO,
    ),
)  # fmt: skip

#: All but `rolling`, which holds steps itself.
KINDS: Mapping[str, Kind] = {
    "do": DO, "check": CHECK, "gate": GATE, "reboot": REBOOT, "copy": COPY, "playbook": PLAYBOOK,
}  # fmt: skip
