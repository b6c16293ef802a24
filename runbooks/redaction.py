"""Secrets taken out of what a step printed, before any of it is kept; across pieces too."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

REDACTED = b"[redacted]"

#: A shorter value is found everywhere: taken out it would tell more than where it stands.
SHORTEST = 4


class Redaction:
    """Finds secrets as they are, in base64 and as a part of a URL."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._held_back = max(map(len, forms), default=1) - 1
        self._pattern = re.compile(b"|".join(map(re.escape, longest_first))) if forms else None

    def redact(self, piece: bytes, *, last: bool) -> tuple[bytes, int]:
        """What may be kept of `piece`, and how many of its bytes that covers.

        The rest might be the beginning of a secret: it must come again, at the head of the next
        piece. Of the `last` piece all is covered.
        """
        if self._pattern is None:
            return piece, len(piece)
        border = len(piece) if last else max(0, len(piece) - self._held_back)
        kept: list[bytes] = []
        at = 0
        for match in self._pattern.finditer(piece):
            if match.start() >= border:
                break
            kept += (piece[at : match.start()], REDACTED)
            at = match.end()
        border = max(border, at)
        kept.append(piece[at:border])
        return b"".join(kept), border

    def redact_text(self, text: str) -> str:
        """A whole text without the secrets."""
        return self.redact(text.encode(), last=True)[0].decode()


def _forms(secret: str) -> Iterator[bytes]:
    plain = secret.encode()
    yield plain
    yield from (line for line in plain.splitlines() if line != plain)
    for encode in (b64encode, urlsafe_b64encode):
        for lead in range(3):  # within a longer text it begins at any of three places
            encoded = encode(b"\0" * lead + plain)
            # What the neighbours' bits are in, at both ends, is left out.
            yield encoded[(0, 2, 3)[lead] : len(encoded) - (0, 3, 2)[(lead + len(plain)) % 3]]
    yield quote(secret, safe="").encode()
    yield quote_plus(secret).encode()
