"""From a Hop to an authenticated Connection, with a deadline on every stage.

    resolve -> connect -> banner -> key exchange and host key -> authentication

Each stage that fails says which it was. Name lookup, connecting and the wait for the banner cost
nothing but time, and are done on the event loop for any number of hosts at once: a dead data
centre does not stand in the way of the living one. Only hosts that speak take a
place in the handshake, which computes.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import paramiko

from collectors.blocking import REMEDY, Reads, Unread, on_thread
from collectors.ssh.authentication import authenticate
from collectors.ssh.config import Hop
from collectors.ssh.connection import Connection
from collectors.ssh.failure import ChannelRefused, Failure
from collectors.ssh.hostkeys import KnownHosts, read_known_hosts
from collectors.ssh.identities import Offer, Passed, offers
from collectors.ssh.link import Link, TcpLink
from collectors.ssh.transport import Distrusted, Transport
from estate.clean import clean
from estate.language import later
from estate.samples import Reach, Stage
from estate.told import Told, told

#: RFC 4253 allows lines before the version; OpenSSH reads 1024 of them, nobody sends ten.
GREETING_BYTES = 8192

#: Reading keys may wait for the agent, which has deadlines of its own; this is the last one.
KEYS_SECONDS = 15.0


class Pace(Protocol):
    """Who may go on now; see collectors.pacing."""

    def arrival(self, target: str) -> AbstractAsyncContextManager[None]: ...

    def handshake(self, jump: str) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Dialler:
    """What every dial needs: the clock (UTC ms, for certificates) and the pace."""

    clock: Callable[[], int]
    pace: Pace
    reads: Reads = field(default_factory=Reads)

    async def dial(self, hop: Hop, through: Connection | None = None, jump: str = "") -> Connection:
        """Connect to `hop`, directly or `through` the jump host `jump`, and authenticate.

        Raises Failure; whatever was opened is closed again.
        """
        async with self.pace.arrival(f"{hop.target} {jump}"):
            link = await (_connect(hop) if through is None else _tunnel(hop, through))
            try:
                greeting = await _greeting(hop, link)
                known = await self._known_hosts(hop)
                async with self.pace.handshake(jump):
                    return await self._handshake(hop, link, greeting, known)
            except BaseException:
                link.close()
                raise

    async def _known_hosts(self, hop: Hop) -> KnownHosts:
        files = hop.known_hosts
        try:
            return await self.reads.read(
                files, lambda: read_known_hosts(files), hop.timeout_ms / 1000
            )
        except Unread as unread:
            raise Failure(
                Reach.UNTRUSTED,
                Stage.HOST_KEY,
                told(
                    "{name} was not read in {seconds} s",
                    name=Path(unread.path).name,
                    seconds=f"{unread.seconds:g}",
                ),
                told("{path}: {remedy}", path=unread.path, remedy=REMEDY),
            ) from None

    async def _handshake(
        self, hop: Hop, link: Link, greeting: bytes, known: KnownHosts
    ) -> Connection:
        at = f"[{hop.address}]:{hop.port}"
        plain = hop.address if hop.known_as == at else ""
        alias = "" if hop.known_as in (hop.address, at) else at
        loop = asyncio.get_running_loop()
        transport = Transport(
            link,
            loop,
            greeting=greeting,
            host_key_types=known.algorithms(hop.known_as),
            trust=lambda key: known.check(hop.known_as, key, self.clock(), plain, alias),
        )
        try:
            await _exchange_keys(hop, transport)
            await authenticate(hop, transport, *await self._keys(hop))
        except BaseException:
            transport.hang_up()
            raise
        return Connection(transport, loop)

    async def _keys(self, hop: Hop) -> tuple[tuple[Offer, ...], tuple[Passed, ...]]:
        which = (hop.identities, hop.certificates, hop.agent, hop.only_these)
        seconds = max(KEYS_SECONDS, hop.timeout_ms / 1000)
        try:
            return await self.reads.read(which, lambda: offers(hop), seconds)
        except Unread as unread:
            raise Failure(
                Reach.REFUSED,
                Stage.AUTH,
                told(
                    "no key to offer it: {name} was not read in {seconds} s",
                    name=Path(unread.path).name,
                    seconds=f"{seconds:g}",
                ),
                told("{path}: {remedy}", path=unread.path, remedy=REMEDY),
            ) from None


# -- resolve and connect --


async def _connect(hop: Hop) -> TcpLink:
    loop = asyncio.get_running_loop()
    addresses = await _resolve(hop)
    failure: Failure | None = None
    for family, address in addresses:
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # no more files, or no IPv6 here
            failure = _not_connected(hop, error)
            continue
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(hop.timeout_ms / 1000 / len(addresses)):
                await loop.sock_connect(sock, address)
        except TimeoutError:
            sock.close()
            failure = Failure(
                Reach.UNREACHABLE,
                Stage.CONNECT,
                told(
                    "no answer from {target} in {seconds}", target=hop.target, seconds=_seconds(hop)
                ),
                told(
                    "The host is down, the network to it is cut, or a firewall drops the packets."
                ),
            )
        except OSError as error:
            sock.close()
            failure = _not_connected(hop, error)
        except BaseException:
            sock.close()
            raise
        else:
            return TcpLink(sock, loop)
    assert failure is not None
    raise failure


async def _resolve(hop: Hop) -> list[tuple[int, Any]]:
    try:
        numeric = ipaddress.ip_address(hop.address.partition("%")[0])
    except ValueError:
        pass
    else:
        if numeric.version == 4:
            return [(socket.AF_INET, (hop.address, hop.port))]
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            found = await on_thread(
                lambda: socket.getaddrinfo(hop.address, hop.port, hop.family, socket.SOCK_STREAM)
            )
    except TimeoutError:
        why = told("its name was not looked up in {seconds}", seconds=_seconds(hop))
    except (socket.gaierror, UnicodeError) as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else "not a host name"
        why = told("does not resolve: {why}", why=reason or "")
    else:
        return [(family, address) for family, _, _, _, address in found]
    raise Failure(
        Reach.UNREACHABLE,
        Stage.RESOLVE,
        why,
        told(
            "{address} was looked up: give {name} an address in the estate or a HostName in "
            "ssh_config, or mend DNS.",
            address=hop.address,
            name=hop.name,
        ),
    )


#: What the system says most often, for the catalogue.
_SAID = (
    *(later("connection refused"), later("no route to host"), later("network is unreachable")),
    *(later("connection timed out"), later("connection reset by peer")),
)


def _not_connected(hop: Hop, error: OSError) -> Failure:
    remedies = {
        errno.ECONNREFUSED: told(
            "Nothing listens there: start sshd on the host, or correct the port."
        ),
        errno.EHOSTUNREACH: told(
            "There is no route, or the host is off: look at the network first."
        ),
        errno.ENETUNREACH: told(
            "This machine has no route there, or a router on the way has none: look at this "
            "machine's network first."
        ),
        errno.EMFILE: told("Raise the watch's limit on open files (ulimit -n)."),
    }
    said = os.strerror(error.errno).lower() if error.errno else str(error)
    what = Told(said, {}) if said in _SAID else said
    return Failure(
        Reach.UNREACHABLE,
        Stage.CONNECT,
        told("{what} at {target}", what=what, target=hop.target),
        remedies.get(
            error.errno or 0, told("Look at the network between this machine and the host.")
        ),
    )


async def _tunnel(hop: Hop, through: Connection) -> Link:
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            return await through.tunnel(hop.address, hop.port)
    except ChannelRefused as refused:
        said = clean(str(refused), limit=40) or told("it does not say why")
        if refused.code == ChannelRefused.CONNECT_FAILED:
            raise Failure(
                Reach.UNREACHABLE,
                Stage.CONNECT,
                told("the jump host cannot reach it: {said}", said=said),
                told(
                    "{target} is down, or its network is cut from the jump host.", target=hop.target
                ),
            ) from None
        raise Failure(
            Reach.UNREACHABLE,
            Stage.JUMP,
            told("the jump host does not forward: {said}", said=said),
            told(
                "Allow {target} there: AllowTcpForwarding, PermitOpen, DisableForwarding.",
                target=hop.target,
            ),
        ) from None
    except TimeoutError:
        raise Failure(
            Reach.UNREACHABLE,
            Stage.CONNECT,
            told("no answer through the jump host in {seconds}", seconds=_seconds(hop)),
            told("{target} is down, or its network is cut from the jump host.", target=hop.target),
        ) from None


# -- banner --


async def _greeting(hop: Hop, link: Link) -> bytes:
    """Everything up to and including the line that starts with "SSH-"; checked and bounded."""
    head = b""
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            while not (line := _version_line(head)):
                if len(head) > GREETING_BYTES:
                    raise _not_ssh(hop, head, "talks on and on")
                piece = await link.receive()
                if not piece:
                    raise _not_ssh(hop, head, "hung up") if head else _dropped(hop)
                head += piece
    except TimeoutError:
        if head:
            raise _not_ssh(hop, head, "then fell silent") from None
        raise Failure(
            Reach.FROZEN,
            Stage.BANNER,
            told("accepts us, then says nothing for {seconds}", seconds=_seconds(hop)),
            told(
                "sshd at {target} or the whole host hangs (memory, dead disk, stopped): look at "
                "its console.",
                target=hop.target,
            ),
        ) from None
    except OSError as error:
        raise _dropped(hop, error) from None
    if not line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
        raise Failure(
            Reach.UNREACHABLE,
            Stage.BANNER,
            told("speaks an SSH too old: {line}", line=clean(line, limit=40)),
            told("Upgrade the SSH server at {target}; protocol 2 is needed.", target=hop.target),
        )
    return head[head.index(line) :]


def _version_line(head: bytes) -> bytes:
    """The line that starts with "SSH-", without its end; b"" while it is not here."""
    start = 0
    while (end := head.find(b"\n", start)) >= 0:
        if head.startswith(b"SSH-", start):
            return head[start:end].rstrip(b"\r")
        start = end + 1
    return b""


def _dropped(hop: Hop, error: OSError | None = None) -> Failure:
    what = told("closes the connection before its SSH banner")
    if isinstance(error, ConnectionResetError):
        what = told("resets the connection before its SSH banner")
    return Failure(
        Reach.UNREACHABLE,
        Stage.BANNER,
        what,
        told(
            "sshd at {target} is too busy (MaxStartups), penalises this address "
            "(PerSourcePenalties, fail2ban), or a TCP wrapper refuses it: read the host's sshd "
            "log.",
            target=hop.target,
        ),
    )


def _not_ssh(hop: Hop, head: bytes, how: str) -> Failure:
    said = head[:80].split(b"\n")[0]
    if b"MaxStartups" in head or b"Not allowed at this time" in head:
        return _dropped(hop)
    return Failure(
        Reach.UNREACHABLE,
        Stage.BANNER,
        told("not an SSH server: says “{said}”", said=clean(said, limit=30)),
        told(
            "{target} said “{said}” and {how}: correct the port, or the address.",
            target=hop.target,
            said=clean(said),
            how=how,
        ),
    )


# -- key exchange --


async def _exchange_keys(hop: Hop, transport: Transport) -> None:
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            await transport.exchange_keys()
    except TimeoutError:
        raise Failure(
            Reach.FROZEN,
            Stage.KEX,
            told("sent its banner and stopped in the key exchange"),
            told(
                "sshd at {target} or the whole host hangs, or a firewall eats large packets (MTU).",
                target=hop.target,
            ),
        ) from None
    except Distrusted as distrusted:
        raise distrusted.failure from None
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise _incompatible(hop, transport, error) from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        said = transport.goodbye or clean(str(error), limit=200) or told("the host hung up")
        raise Failure(
            Reach.UNREACHABLE,
            Stage.KEX,
            told("key exchange failed: {said}", said=clean(said, limit=60)),
            told(
                "Read the sshd log at {target}; an sshd under load drops connections here "
                "(MaxStartups).",
                target=hop.target,
            ),
        ) from None


def _incompatible(
    hop: Hop, transport: Transport, error: paramiko.ssh_exception.IncompatiblePeer
) -> Failure:
    software = clean(transport.remote_version, limit=60)
    nothing = transport.nothing_in_common
    if nothing is None:
        said = clean(_between_brackets(error), limit=40)
        what = told("key exchange failed: {said}", said=said)
        kind, ours = "way", ""
    else:
        has = clean(nothing.theirs, limit=36) or "none"
        what = told("no {kind} in common: it has {theirs}", kind=nothing.kind, theirs=has)
        kind, ours = nothing.kind, f" ({', '.join(nothing.ours)})"
    remedy = f"{hop.target} ({software}) has no {kind} that twinwatch has{ours}: "
    if "tinyssh" in software.lower():
        remedy += (
            "tinyssh has no other and no settings, so run OpenSSH's sshd or dropbear on that host."
        )
    else:
        remedy += "allow one in its sshd_config, or upgrade the SSH server there."
    return Failure(Reach.UNREACHABLE, Stage.KEX, what, remedy)


def _between_brackets(error: Exception) -> str:
    text = str(error)
    return text[text.find("(") + 1 : text.rfind(")")] if "(" in text else text


def _seconds(hop: Hop) -> str:
    return f"{hop.timeout_ms / 1000:g} s"
