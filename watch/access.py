"""Who may do what: the one place where a request is allowed or refused.

Identity is the kernel's word about the other end of the socket, never a name that is sent. A watch
belongs to the user it runs as, who is its operator, and root may do what its user may. A watch that
is shared lets in the members of a Unix group too; what they may do follows from the estate's roles,
by the groups that they are in at that moment.
"""

from __future__ import annotations

import grp
import os
import pwd
import socket
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_UCRED = struct.Struct("3i")  # pid, uid, gid: struct ucred, unix(7)
#: What the kernel writes for "never logged in" ((uid_t) -1).
_NO_LOGIN = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end. `login` is the user who logged in, whom sudo does not hide."""

    pid: int
    uid: int
    gid: int
    login: int | None = None

    @property
    def name(self) -> str:
        """The person's user name, for the record."""
        return user_name(self.uid if self.login is None else self.login)


def peer_of(connection: socket.socket) -> Peer:
    """Who opened `connection`, as the kernel noted it then; raises OSError on no Unix socket."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    pid, uid, gid = _UCRED.unpack(raw)
    return Peer(pid, uid, gid, _login_of(pid))


@dataclass(frozen=True, slots=True)
class Door:
    """Who is let in: the watch's `owner` (a uid) and root; if it is shared, members of `group`."""

    owner: int
    group: str = ""


#: The header of a client that gave up the right to change anything.
LOOKS = (b"twinwatch-as", b"viewer")
#: Roles that may look; a contractor sees granted groups only, which can't be told apart yet.
_LOOK = frozenset({"viewer", "operator", "approver", "auditor"})
#: Roles that may change how the watch goes on.
STEERING = frozenset({"operator", "approver"})
#: Posted because it says so much, and changes nothing: what it may ask of hosts is judged by
#: `watch.runs.permission`.
_ASKED = frozenset({"/v1/plan"})


def steers(method: str, path: str) -> bool:
    """Whether a request asks for something to be changed."""
    return method not in ("GET", "HEAD") and path not in _ASKED


def refusal(
    peer: Peer | None, door: Door, roles: Mapping[str, Sequence[str]], *, steers: bool
) -> str:
    """Why `peer` may not come in at `door`, or not change anything there; "" when it may.

    `roles` are the estate's: role -> Unix groups. Where it names none, members of the door's group
    look, and nobody but the owner steers. Reads the group database where the watch is shared, which
    may wait for a directory service: call it on a thread then.
    """
    if peer is None:
        return "the kernel does not say who asks"
    if peer.uid in (door.owner, 0):
        return ""
    person = user_name(peer.uid)
    if not door.group:
        return f"this watch belongs to {user_name(door.owner)}, and you are {person}"
    groups = groups_of(peer)
    if roles:
        held = {role for role, members in roles.items() if groups.intersection(members)}
    else:
        held = {"viewer"} if door.group in groups else set()
    allowed = STEERING if steers else _LOOK
    if held & allowed:
        return ""
    what = "steer" if steers else "look"
    needed = [group for role in sorted(allowed) for group in roles.get(role, ())]
    if not roles:
        needed = [] if steers else [door.group]
    who = f"members of {', '.join(needed)}" if needed else user_name(door.owner)
    return f"only {who} may {what}, and you are {person}" + (f", {_listed(held)}" if held else "")


def looks_only(method: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Why a request is refused that says itself that it only looks; "" where it may come in.

    A console in a browser says so: whoever sits there is not whom the kernel sees at the socket.
    """
    if method in ("GET", "HEAD") or LOOKS not in headers:
        return ""
    return "a console in a browser only looks"


def groups_of(peer: Peer) -> frozenset[str]:
    """The names of the groups that the user at the other end is in now, by the group database."""
    numbers = {peer.gid}
    try:
        user = pwd.getpwuid(peer.uid)
        numbers.update(os.getgrouplist(user.pw_name, user.pw_gid))
    except KeyError:
        pass  # no such user: nothing but what the kernel says
    names = set()
    for number in numbers:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue  # a number that has no name
    return frozenset(names)


def _listed(roles: Iterable[str]) -> str:
    return " and ".join(f"{'an' if role[0] in 'ao' else 'a'} {role}" for role in sorted(roles))


def user_name(uid: int) -> str:
    """The name of a uid, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def this_user() -> str:
    """The user this process runs as."""
    return user_name(os.getuid())


def _login_of(pid: int) -> int | None:
    try:
        login = int(Path(f"/proc/{pid}/loginuid").read_text())
    except (OSError, ValueError):  # gone, or a kernel without audit
        return None
    return None if login == _NO_LOGIN else login
