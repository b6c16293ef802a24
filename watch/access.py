"""Who may do what: the one place where a request is allowed or refused.

Identity is the kernel's word about the other end of the socket, never a name that is sent. For
now a watch belongs to the user it runs as, who is its operator, and root may do what its user may.
"""

from __future__ import annotations

import os
import pwd
import socket
import struct
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


def refusal(peer: Peer | None, owner: int) -> str:
    """Why `peer` may not ask a watch that belongs to uid `owner`; "" when it may."""
    if peer is None:
        return "the kernel does not say who asks"
    if peer.uid in (owner, 0):
        return ""
    return f"this watch belongs to {user_name(owner)}, and you are {user_name(peer.uid)}"


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
