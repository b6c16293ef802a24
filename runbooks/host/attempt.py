"""The name of an attempt: one try of one step on one host, the same whenever it is asked for.

A lost acknowledgement is found again by it, so nothing in it may depend on when or by whom.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

#: A file name has 255 bytes, and the name of a systemd unit no more.
PART_LENGTH = 48

_ODD = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Try `number` (from 1) of `step` of `run` on `host`.

    The host is part of the name because hosts may share a home directory.
    """

    run: str
    step: str
    host: str
    number: int

    @property
    def id(self) -> str:
        """Its directory on the host: letters a-z, digits, "-" and "."; different for each."""
        return ".".join((part(self.run), part(self.step), part(self.host), str(self.number)))


def part(text: str) -> str:
    """`text` as a part of a name; where it had to be changed, with a digest of what it was."""
    plain = _ODD.sub("-", text.lower()).strip("-")[:PART_LENGTH]
    if plain and plain == text:
        return plain
    digest = hashlib.blake2s(text.encode(errors="surrogatepass"), digest_size=4).hexdigest()
    return f"{plain}-{digest}" if plain else digest
