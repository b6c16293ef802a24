"""Names of services as addresses: a resolver may hang, and then costs nobody else anything."""

from __future__ import annotations

import socket
from functools import partial
from ipaddress import ip_address

from collectors.blocking import Reads, Unread
from collectors.services.ask import ProbeFailed

RESOLVE_SECONDS = 5.0


class Names:
    """Looks names up as the machine does, each on a thread of its own."""

    def __init__(self) -> None:
        self._reads = Reads()

    async def resolve(self, name: str) -> str:
        """The first address of `name`. Raises ProbeFailed."""
        try:
            return str(ip_address(name))
        except ValueError:
            pass
        look_up = partial(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM)
        try:
            found = await self._reads.read(("address", name), look_up, RESOLVE_SECONDS)
        except Unread:
            raise ProbeFailed(f"{name} was not resolved in {RESOLVE_SECONDS:g} s") from None
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ProbeFailed(f"{name} is not resolved: {why}") from error
        return str(found[0][4][0])
