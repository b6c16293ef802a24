"""What is said of what stands on a host: sentences of its problems, by metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, isnan

from estate.language import later
from estate.told import Told, told

#: A figure as the board writes it.
Writes = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Sentences:
    """Of one metric: what it is about, what is wrong, and what follows if nobody acts.

    `about` holds "{of}", the name of the thing, if it has one; `wrong` says the figure.
    """

    about: str
    wrong: Callable[[float, Writes], str]
    follows: str


def _expires(value: float, writes: Writes) -> str:
    if value < 0:
        return told("expired {time} ago", time=writes(-value))
    return told("expires in {time}", time=writes(value))


def _overdue(value: float, writes: Writes) -> str:
    if not isfinite(value):
        return told("has no copy")
    return told("overdue by {time}", time=writes(value))


def _down(value: float, writes: Writes) -> str:
    if value >= 100:
        return told("has no server that takes work")
    return told("{share} of its servers down", share=writes(value))


def _updates(value: float, _writes: Writes) -> str:
    if value == 1:
        return told("1 security update waits")
    return told("{count} security updates wait", count=f"{int(value):,}")


SENTENCES: Mapping[str, Sentences] = {
    "replication_lag_seconds": Sentences(
        later("replication {of}"),
        lambda value, writes: told("{time} behind", time=writes(value)),
        told("what is not there yet is lost if its source is"),
    ),
    "replication_broken": Sentences(
        later("replication {of}"),
        lambda _value, _writes: told("does not flow"),
        told("the copy grows old, and can't take over"),
    ),
    "replication_kept": Sentences(
        "{of}",
        lambda value, writes: told("keeps {size} of log", size=writes(value)),
        told("the primary's disk fills until its standby comes back"),
    ),
    "backend_down": Sentences(
        later("backend {of}"),
        _down,
        told("the others carry its work, while there are any"),
    ),
    "certificate_expires_seconds": Sentences(
        later("certificate {of}"), _expires, told("then clients refuse to connect")
    ),
    "certificate_mismatch": Sentences(
        later("certificate {of}"),
        lambda _value, _writes: told("served is not the one in the file"),
        told("a reload was forgotten: the old one is served until it expires"),
    ),
    "security_updates": Sentences(
        "", _updates, told("known holes are open until they are installed")
    ),
    "reboot_due": Sentences(
        "",
        lambda _value, _writes: told("a restart is due"),
        told("it runs what was replaced long ago"),
    ),
    "backup_overdue_seconds": Sentences(
        later("backup {of}"), _overdue, told("what was written since is lost with its disk")
    ),
    "backup_small": Sentences(
        later("backup {of}"),
        lambda _value, _writes: told("smaller than it should be"),
        told("it may hold nothing of use"),
    ),
}


#: What follows where a backend has no server because each was taken out by intent.
EVERY_ONE_TAKEN_OUT = told("every server was taken out: nobody serves until one is put back")


def sentence(metric: str, subject: str, value: float, writes: Writes) -> str:
    """What is wrong with `subject` ("/mail"): "certificate mail expires in 12 d"."""
    said = SENTENCES[metric]
    wrong = told("now unknown") if isnan(value) else said.wrong(value, writes)
    return _of(said, subject, wrong)


def well_again(metric: str, subject: str, value: float, writes: Writes) -> str:
    """What is said while a figure is back within its limit, but not for long enough."""
    figure = writes(value)
    return _of(
        SENTENCES[metric], subject, told("was beyond its limit, now {figure}", figure=figure)
    )


def _of(said: Sentences, subject: str, what: str) -> str:
    if not said.about:
        return what
    about = Told(said.about, {"of": subject.removeprefix("/")})
    return told("{about} {what}", about=about, what=what)
