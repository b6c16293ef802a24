"""What a probe is asked to do, and how it says that it can't."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from estate.clean import clean

#: A peer's own words in a cause are cut here.
LONGEST_QUOTE = 120
MOST_PORTS = 65_535


class ProbeFailed(Exception):  # noqa: N818 - a fact about the peer, not an error of ours
    """The service did not do what its users need; the text says why, cleaned, in one line."""


class CannotAsk(ProbeFailed):
    """The probe can't be carried out here, whatever the service does: nothing is known of it."""


class Resolves(Protocol):
    """Turns a name into an address without holding up anything else."""

    def __call__(self, name: str) -> Awaitable[str]:
        """The first address of `name`. Raises ProbeFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One declared probe: its kind, its target as the estate has it, and how to judge the answer.

    `expect` is a text that the answer must hold; "" accepts any good answer. `verify` is whether
    the peer's certificate must be one that its users' programs would accept. `more` is all that was
    declared, and `seconds` the deadline, for a kind that has several parts.
    """

    kind: str
    target: str
    resolve: Resolves
    expect: str = ""
    starttls: bool = False
    verify: bool = True
    more: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 5.0

    @property
    def said(self) -> str:
        """The probe as people name it."""
        return f"{self.kind} {self.target}"

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port of a target `host:port`."""
        return endpoint_of(self.target)


class Kind(Protocol):
    """One way to ask a service. Returns when it did what its users need."""

    def __call__(self, ask: Ask) -> Awaitable[None]:
        """Raises ProbeFailed. It may be cancelled at any await: the prober holds the deadline."""
        ...


def ask_of(
    declared: Mapping[str, object], kind: str, resolve: Resolves, seconds: float = 5.0
) -> Ask:
    """The ask that a probe of the estate file declares."""
    # Mail is handed from server to server under certificates that nobody verifies (RFC 7435), so a
    # wrong one stops no mail; every other kind's clients refuse it.
    return Ask(
        kind=kind,
        target=str(declared[kind]),
        resolve=resolve,
        expect=str(declared.get("expect", "")),
        starttls=bool(declared.get("starttls", False)),
        verify=bool(declared.get("verify", kind != "smtp")),
        more=declared,
        seconds=seconds,
    )


def endpoint_of(text: str) -> tuple[str, int]:
    """Host and port of `host:port`; an IPv6 address may stand in brackets."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def quoted(said: bytes | str) -> str:
    """A peer's own words, harmless, in one short line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    line = clean(text.strip().replace("\r", " ").replace("\n", " "))
    return f"{line[:LONGEST_QUOTE]}…" if len(line) > LONGEST_QUOTE else line
