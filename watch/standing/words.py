"""What is said of what stands on a host: sentences of its problems, by metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, isnan


@dataclass(frozen=True, slots=True)
class Sentences:
    """Of one metric: what it is about, what is wrong, and what follows if nobody acts.

    `about` holds "{of}", the name of the thing, if it has one; `wrong` says the figure, given as
    the board writes figures.
    """

    about: str
    wrong: Callable[[float, Callable[[float], str]], str]
    follows: str


def _expires(value: float, said: Callable[[float], str]) -> str:
    return f"expires in {said(value)}" if value >= 0 else f"expired {said(-value)} ago"


def _overdue(value: float, said: Callable[[float], str]) -> str:
    return f"overdue by {said(value)}" if isfinite(value) else "has no copy"


SENTENCES: Mapping[str, Sentences] = {
    "replication_lag_seconds": Sentences(
        "replication {of}",
        lambda value, said: f"{said(value)} behind",
        "what is not there yet is lost if its source is",
    ),
    "replication_broken": Sentences(
        "replication {of}",
        lambda _value, _said: "does not flow",
        "the copy grows old, and can't take over",
    ),
    "replication_kept": Sentences(
        "{of}",
        lambda value, said: f"keeps {said(value)} of log",
        "the primary's disk fills until its standby comes back",
    ),
    "backend_down": Sentences(
        "backend {of}",
        lambda value, said: f"{said(value)} of its servers down",
        "the others carry its work, while there are any",
    ),
    "certificate_expires_seconds": Sentences(
        "certificate {of}", _expires, "then clients refuse to connect"
    ),
    "certificate_mismatch": Sentences(
        "certificate {of}",
        lambda _value, _said: "served is not the one in the file",
        "a reload was forgotten: the old one is served until it expires",
    ),
    "security_updates": Sentences(
        "",
        lambda value, _said: (
            f"{int(value):,} security update{'s wait' if value != 1 else ' waits'}"
        ),
        "known holes are open until they are installed",
    ),
    "reboot_due": Sentences(
        "", lambda _value, _said: "a restart is due", "it runs what was replaced long ago"
    ),
    "backup_overdue_seconds": Sentences(
        "backup {of}", _overdue, "what was written since is lost with its disk"
    ),
    "backup_small": Sentences(
        "backup {of}",
        lambda _value, _said: "smaller than it should be",
        "it may hold nothing of use",
    ),
}


def sentence(metric: str, subject: str, value: float, figure: Callable[[float], str]) -> str:
    """What is wrong with `subject` ("/mail"): "certificate mail expires in 12 d"."""
    said = SENTENCES[metric]
    about = said.about.format(of=subject.removeprefix("/"))
    wrong = "now unknown" if isnan(value) else said.wrong(value, figure)
    return f"{about} {wrong}" if about else wrong


def well_again(metric: str, subject: str, value: float, figure: Callable[[float], str]) -> str:
    """What is said while a figure is back within its limit, but not for long enough."""
    said = SENTENCES[metric]
    about = said.about.format(of=subject.removeprefix("/")) or metric.replace("_", " ")
    return f"{about}: was beyond its limit, now {figure(value)}"
