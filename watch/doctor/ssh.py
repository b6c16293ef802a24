"""Checks of what the watch needs to log in to hosts, and to know them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from collectors.ssh.agent import Agent, AgentError
from collectors.ssh.config import ConfigError, Hop, Route, route_to, settings_for
from collectors.ssh.hostkeys import read_known_hosts
from estate.document import HostRow
from estate.model import Estate, Host, Ssh
from estate.samples import Reach
from watch.doctor.finding import Finding, fail, ok, warn
from watch.words import count, some

#: Where ssh itself keeps the keys of hosts that a person accepted.
HOME_FILE = "~/.ssh/known_hosts"
#: What ssh tries where nobody names a key (ssh_config(5), IdentityFile): none of them need exist.
_DEFAULT_KEYS = frozenset(
    f"id_{kind}" for kind in ("rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk", "xmss", "dsa")
)


def routes(estate: Estate) -> tuple[tuple[Route, ...], tuple[Finding, ...]]:
    """The way to every collected host, and which have none."""
    try:
        settings = settings_for(estate.ssh)
    except ConfigError as error:
        return (), (fail("ssh config", str(error), error.remedy),)
    found: list[Route] = []
    findings: list[Finding] = []
    for host in estate.hosts.values():
        if host.collected:
            try:
                found.append(route_to(host, settings, estate.ssh))
            except ConfigError as error:
                findings.append(fail("ssh config", f"{host.name}: {error}", error.remedy))
    if settings.unsupported:
        said = f"not understood: {some(list(settings.unsupported), 4)}"
        findings.append(warn("ssh config", said, "name what it decides in the estate file"))
    if not findings:
        findings.append(ok("ssh config", f"a way to {count(len(found), 'host')}"))
    return tuple(found), tuple(findings)


def any_host() -> tuple[tuple[Hop, ...], tuple[Finding, ...]]:
    """The way to a host that nobody named, as the ssh command would go it, if there is one."""
    try:
        settings = settings_for(Ssh())
        return route_to(Host("any.invalid", ""), settings, Ssh()).hops, ()
    except ConfigError as error:
        return (), (fail("ssh config", str(error), error.remedy),)


def agents(hops: Iterable[Hop]) -> Iterator[Finding]:
    """Whether the agent answers and holds a key."""
    paths = sorted({hop.agent for hop in hops})
    if paths == [""] or not paths:
        yield ok("agent", "none: keys are read from files")
    for path in filter(None, paths):
        try:
            held = Agent(path).identities()
        except AgentError as error:
            yield fail("agent", str(error), "start it, or set SSH_AUTH_SOCK to one that runs")
            continue
        if held:
            yield ok("agent", f"{path} holds {count(len(held), 'key')}")
        else:
            yield warn("agent", f"{path} holds no key", "ssh-add your key")


def keys(hops: Iterable[Hop]) -> Iterator[Finding]:
    """Whether key files are there, and private."""
    hops = tuple(hops)
    there = []
    for path in sorted({path for hop in hops for path in hop.identities}):
        try:
            mode = stat.S_IMODE(Path(path).stat().st_mode)
        except FileNotFoundError:
            if Path(path).name not in _DEFAULT_KEYS:
                yield fail("keys", f"{path}: no such file", "correct IdentityFile or `identity:`")
            continue
        except OSError as error:
            yield fail("keys", f"{path}: {error.strerror}", "make it readable for the watch's user")
            continue
        if mode & 0o077:
            yield fail("keys", f"{path}: others may read it (mode {mode:04o})", f"chmod 600 {path}")
        elif not _readable(path):
            yield fail("keys", f"{path}: it can't be read", "make it readable for the watch's user")
        else:
            there.append(path)
    if there:
        yield ok("keys", f"{some(there, 3)}")
    elif hops and not any(hop.agent for hop in hops):
        yield fail("keys", "no key file and no agent", "ssh-keygen -t ed25519, or start an agent")


def known_hosts(hops: Iterable[Hop]) -> Iterator[Finding]:
    """Whether every host on every way can be recognised."""
    every = tuple(hops)
    well = True
    for files in sorted({hop.known_hosts for hop in every}):
        for finding in _known_hosts(files, [hop for hop in every if hop.known_hosts == files]):
            well = False
            yield finding
    if every and well:
        yield ok("known_hosts", f"knows {count(len({hop.known_as for hop in every}), 'host')}")


def _known_hosts(files: tuple[str, ...], hops: Sequence[Hop]) -> Iterator[Finding]:
    """What keeps the hosts of `hops` from being recognised by `files`."""
    known = read_known_hosts(files)
    for bad in known.unparsed:
        said = f"{bad.file}:{bad.line}: {bad.why}: while it stands no host is trusted"
        yield fail("known_hosts", said, "correct the line or remove it")
    remedy = "ssh to each host once and compare its fingerprint"
    if not any(Path(file).exists() for file in files):
        said = f"none of {', '.join(files)} exists: no host will be trusted"
        yield fail("known_hosts", said, remedy)
        return
    trusted = [entry for entry in known.entries if entry.marker != "@revoked"]
    unknown = sorted(
        {
            hop.name
            for hop in hops
            if not any(
                entry.names_host(hop.known_as) or entry.names_host(_without_port(hop.known_as))
                for entry in trusted
            )
        }
    )
    if unknown:
        said = f"{count(len(unknown), 'host')} not in {', '.join(files)}: {some(unknown)}"
        if os.devnull in files:  # kept there to be rid of questions, and no answer is kept either
            remedy = f"take {os.devnull} out of UserKnownHostsFile, or name {HOME_FILE} there"
        yield fail("known_hosts", said, remedy)


def _without_port(name: str) -> str:
    return name[1:].partition("]:")[0] if name.startswith("[") else name


def untrusted(rows: Iterable[HostRow]) -> Iterator[Finding]:
    """Hosts that showed another key than they should, or none that is known, as the board has it.

    Those that say the same are told together.
    """
    alike: dict[str, list[HostRow]] = {}
    for row in rows:
        if row.reach is Reach.UNTRUSTED:
            alike.setdefault(row.cause.what if row.cause else "untrusted", []).append(row)
    for what, those in alike.items():
        cause = those[0].cause if len(those) == 1 else None
        remedy = cause.remedy if cause else "twinwatch hosts HOST shows its key and the remedy"
        yield fail("host keys", f"{what}: {some([row.name for row in those])}", remedy)


def notes(rows: Iterable[HostRow]) -> Iterator[Finding]:
    """What hosts themselves made hard, as the board has it: slow login shells and the like."""
    for row in rows:
        if row.note:
            remedy = "see what its ~/.bashrc runs before `case $-`" if "shell" in row.note else ""
            yield warn("hosts", f"{row.name}: {row.note}", remedy)


def _readable(path: str) -> bool:
    try:
        with Path(path).open("rb"):
            return True
    except OSError:
        return False
