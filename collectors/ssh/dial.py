"""From a Hop to an authenticated Connection, with a deadline on every stage.

    resolve -> connect -> banner -> key exchange and host key -> authentication

Each stage that fails says which it was. Name lookup, connecting and the wait for the banner cost
nothing but time, and are done on the event loop for any number of hosts at once: a dead data
centre does not stand in the way of the living one. Only hosts that speak take a
place in the handshake, which computes.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import paramiko

from collectors.ssh.config import Hop
from collectors.ssh.connection import Connection
from collectors.ssh.failure import ChannelRefused, Failure
from collectors.ssh.hostkeys import read_known_hosts
from collectors.ssh.identities import Offer, Passed, offers
from collectors.ssh.link import Link, TcpLink
from collectors.ssh.transport import Distrusted, Transport
from estate.clean import clean
from estate.samples import Reach, Stage

#: RFC 4253 allows lines before the version; OpenSSH reads 1024 of them, nobody sends ten.
GREETING_BYTES = 8192

#: OpenSSH drops us after MaxAuthTries, 6 by default; one is left for a question about methods.
OFFERS_AT_MOST = 5


class Pace(Protocol):
    """Who may go on now; see collectors.pacing."""

    def arrival(self, target: str) -> AbstractAsyncContextManager[None]: ...

    def handshake(self, jump: str) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Dialler:
    """What every dial needs: the clock (UTC ms, for certificates) and the pace."""

    clock: Callable[[], int]
    pace: Pace

    async def dial(self, hop: Hop, through: Connection | None = None, jump: str = "") -> Connection:
        """Connect to `hop`, directly or `through` the jump host `jump`, and authenticate.

        Raises Failure; whatever was opened is closed again.
        """
        async with self.pace.arrival(f"{hop.target} {jump}"):
            link = await (_connect(hop) if through is None else _tunnel(hop, through))
            try:
                greeting = await _greeting(hop, link)
                async with self.pace.handshake(jump):
                    return await _handshake(hop, link, greeting, self.clock)
            except BaseException:
                link.close()
                raise


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
                f"no answer from {hop.target} in {_seconds(hop)}",
                "The host is down, the network to it is cut, or a firewall drops the packets.",
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
            found = await _on_thread(
                lambda: socket.getaddrinfo(hop.address, hop.port, hop.family, socket.SOCK_STREAM)
            )
    except TimeoutError:
        why = f"its name was not looked up in {_seconds(hop)}"
    except (socket.gaierror, UnicodeError) as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else "not a host name"
        why = f"does not resolve: {reason}"
    else:
        return [(family, address) for family, _, _, _, address in found]
    raise Failure(
        Reach.UNREACHABLE,
        Stage.RESOLVE,
        why,
        f"{hop.address} was looked up: give {hop.name} an address in the estate or a HostName in "
        "ssh_config, or mend DNS.",
    )


async def _on_thread(call: Callable[[], Any]) -> Any:
    """Run `call` on a daemon thread of its own: a look-up cannot be cancelled, only left behind,
    and must not keep the program from ending or fill a pool that others wait for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def finish(result: Any, error: Exception | None) -> None:
        if not done.done():
            if error is None:
                done.set_result(result)
            else:
                done.set_exception(error)

    def run() -> None:
        try:
            result, error = call(), None
        except Exception as caught:  # carried to whoever awaits
            result, error = None, caught
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(finish, result, error)

    threading.Thread(target=run, daemon=True, name="twinwatch-wait").start()
    return await done


def _not_connected(hop: Hop, error: OSError) -> Failure:
    remedies = {
        errno.ECONNREFUSED: "Nothing listens there: start sshd on the host, or correct the port.",
        errno.EHOSTUNREACH: "There is no route, or the host is off: look at the network first.",
        errno.ENETUNREACH: "This machine has no route there: look at its own network.",
        errno.EMFILE: "Raise the watch's limit on open files (ulimit -n).",
    }
    what = os.strerror(error.errno).lower() if error.errno else str(error)
    return Failure(
        Reach.UNREACHABLE,
        Stage.CONNECT,
        f"{what} at {hop.target}",
        remedies.get(error.errno or 0, "Look at the network between this machine and the host."),
    )


async def _tunnel(hop: Hop, through: Connection) -> Link:
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            return await through.tunnel(hop.address, hop.port)
    except ChannelRefused as refused:
        said = clean(str(refused), limit=40) or "it does not say why"
        if refused.code == ChannelRefused.CONNECT_FAILED:
            raise Failure(
                Reach.UNREACHABLE,
                Stage.CONNECT,
                f"the jump host cannot reach it: {said}",
                f"{hop.target} is down, or its network is cut from the jump host.",
            ) from None
        raise Failure(
            Reach.UNREACHABLE,
            Stage.JUMP,
            f"the jump host does not forward: {said}",
            f"Allow {hop.target} there: AllowTcpForwarding, PermitOpen, DisableForwarding.",
        ) from None
    except TimeoutError:
        raise Failure(
            Reach.UNREACHABLE,
            Stage.CONNECT,
            f"no answer through the jump host in {_seconds(hop)}",
            f"{hop.target} is down, or its network is cut from the jump host.",
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
            f"accepts us, then says nothing for {_seconds(hop)}",
            f"sshd at {hop.target} or the whole host hangs (memory, dead disk, stopped): look at "
            "its console.",
        ) from None
    except OSError as error:
        raise _dropped(hop, error) from None
    if not line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
        raise Failure(
            Reach.UNREACHABLE,
            Stage.BANNER,
            f"speaks an SSH too old: {clean(line, limit=40)}",
            f"Upgrade the SSH server at {hop.target}; protocol 2 is needed.",
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
    how = "resets" if isinstance(error, ConnectionResetError) else "closes"
    return Failure(
        Reach.UNREACHABLE,
        Stage.BANNER,
        f"{how} the connection before its SSH banner",
        f"sshd at {hop.target} is too busy (MaxStartups), penalises this address "
        "(PerSourcePenalties, fail2ban), or a TCP wrapper refuses it: read the host's sshd log.",
    )


def _not_ssh(hop: Hop, head: bytes, how: str) -> Failure:
    said = head[:80].split(b"\n")[0]
    if b"MaxStartups" in head or b"Not allowed at this time" in head:
        return _dropped(hop)
    return Failure(
        Reach.UNREACHABLE,
        Stage.BANNER,
        f"not an SSH server: says “{clean(said, limit=30)}”",
        f"{hop.target} said “{clean(said)}” and {how}: correct the port, or the address.",
    )


# -- handshake and authentication --


async def _handshake(hop: Hop, link: Link, greeting: bytes, clock: Callable[[], int]) -> Connection:
    known = read_known_hosts(hop.known_hosts)
    plain = "" if hop.known_as != f"[{hop.address}]:{hop.port}" else hop.address
    loop = asyncio.get_running_loop()
    transport = Transport(
        link,
        loop,
        greeting=greeting,
        host_key_types=known.algorithms(hop.known_as),
        trust=lambda key: known.check(hop.known_as, key, clock(), plain),
    )
    try:
        await _exchange_keys(hop, transport)
        await _authenticate(hop, transport)
    except BaseException:
        transport.hang_up()
        raise
    return Connection(transport, loop)


async def _exchange_keys(hop: Hop, transport: Transport) -> None:
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            await transport.exchange_keys()
    except TimeoutError:
        raise Failure(
            Reach.FROZEN,
            Stage.KEX,
            "sent its banner and stopped in the key exchange",
            f"sshd at {hop.target} or the whole host hangs, or a firewall eats large packets "
            "(MTU).",
        ) from None
    except Distrusted as distrusted:
        raise distrusted.failure from None
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise Failure(
            Reach.UNREACHABLE,
            Stage.KEX,
            f"key exchange failed: {clean(_between_brackets(error), limit=40)}",
            f"{hop.target} ({clean(transport.remote_version, limit=60)}) and twinwatch have none "
            "in common: allow a modern one in its sshd_config (curve25519-sha256, aes128-gcm or "
            "aes128-ctr, hmac-sha2-256, ssh-ed25519 or rsa-sha2-512).",
        ) from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        said = transport.goodbye or clean(str(error), limit=200) or "the host hung up"
        raise Failure(
            Reach.UNREACHABLE,
            Stage.KEX,
            f"key exchange failed: {clean(said, limit=60)}",
            f"Read the sshd log at {hop.target}; an sshd under load drops connections here "
            "(MaxStartups).",
        ) from None


async def _authenticate(hop: Hop, transport: Transport) -> None:
    keys, passed = await _on_thread(lambda: offers(hop))
    methods: tuple[str, ...] = ()
    tried: list[Offer] = []
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            for key in keys[:OFFERS_AT_MOST]:
                tried.append(key)
                accepted, methods = await transport.authenticate(hop.user, key)
                if accepted:
                    return
                if methods and "publickey" not in methods:
                    break
            if not methods:
                accepted, methods = await transport.authenticate(hop.user, None)
                if accepted:
                    return
    except TimeoutError:
        raise Failure(
            Reach.FROZEN,
            Stage.AUTH,
            "stopped answering while it checked our key",
            f"sshd at {hop.target} waits for something: a directory service (LDAP, DNS), PAM, a "
            "full disk.",
        ) from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        why = transport.goodbye or clean(str(error), limit=200) or "it closed the connection"
        raise _refused(hop, tried, passed, methods, why) from None
    raise _refused(hop, tried, passed, methods, "")


def _refused(
    hop: Hop,
    tried: list[Offer],
    passed: tuple[Passed, ...],
    methods: tuple[str, ...],
    said: str,
) -> Failure:
    takes = f": offers {clean(','.join(methods), limit=40)}" if methods else ""
    if not tried:
        what = f"no key to offer it{takes}"
        remedy = (
            f"Name a key for {hop.user}@{hop.name} (identity in the estate, IdentityFile in "
            "ssh_config) or start an agent."
        )
    else:
        if said:
            what = f"hung up on our keys: {clean(said, limit=48)}"
        elif methods and "publickey" not in methods:
            what = f"takes no keys{takes}"
        else:
            what = f"refuses our keys{takes}"
        remedy = (
            f"{hop.user}@{hop.name} does not accept {_listed(k.title for k in tried)}: add the "
            f"public key to ~{hop.user}/.ssh/authorized_keys there, or name the right key or user "
            "(identity, user in the estate; IdentityFile, User in ssh_config)."
        )
    if passed:
        first = passed[0]
        remedy = f"{first.title} {first.why}: {first.remedy}. {remedy}"
    return Failure(Reach.REFUSED, Stage.AUTH, what, remedy)


def _listed(titles: Any) -> str:
    names = [clean(title) for title in titles]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _between_brackets(error: Exception) -> str:
    text = str(error)
    return text[text.find("(") + 1 : text.rfind(")")] if "(" in text else text


def _seconds(hop: Hop) -> str:
    return f"{hop.timeout_ms / 1000:g} s"
