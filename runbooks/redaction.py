"""Secrets taken out of what a step printed, before any of it is kept; across pieces too."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

REDACTED = b"[redacted]"

#: A shorter value is found everywhere: taken out it would tell more than where it stands.
SHORTEST = 4

#: Secrets that overlap one another for so many times the longest of them are taken apart.
LONGEST_OVERLAP = 4


class Redaction:
    """Finds secrets as they are, in base64 and as a part of a URL."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._forms = longest_first
        self._held_back = max(map(len, forms), default=1) - 1
        # Looked ahead for, so that one that begins within another is found as well.
        any_form = b"|".join(map(re.escape, longest_first))
        self._pattern = re.compile(b"(?=(%s))" % any_form) if forms else None

    def redact(self, piece: bytes, *, last: bool) -> tuple[bytes, int]:
        """What may be kept of `piece`, and how many of its bytes that covers.

        The rest might be the beginning of a secret: it must come again, at the head of the next
        piece. Of the `last` piece all is covered, and a secret that its end cuts off is taken out.
        """
        if self._pattern is None:
            return piece, len(piece)
        border = len(piece) if last else max(0, len(piece) - self._held_back)
        kept: list[bytes] = []
        at = 0
        spans = [match.span(1) for match in self._pattern.finditer(piece)]
        if last:
            spans += self._cut_off(piece)
        for start, end in _together(sorted(spans)):
            if start >= border:
                break
            if end > border and (start or len(piece) <= LONGEST_OVERLAP * (self._held_back + 1)):
                border = start  # another one may overlap its end, and is not whole yet
                break
            kept += (piece[at:start], REDACTED)
            at = end
        border = max(border, at)
        kept.append(piece[at:border])
        return b"".join(kept), border

    def _cut_off(self, piece: bytes) -> Iterator[tuple[int, int]]:
        """Where a secret begins that goes on after the end of `piece`."""
        for size in range(min(self._held_back, len(piece)), SHORTEST - 1, -1):
            end = piece[-size:]
            if any(form.startswith(end) for form in self._forms):
                yield len(piece) - size, len(piece)
                return

    def redact_text(self, text: str) -> str:
        """A whole text without the secrets."""
        return self.redact(text.encode(), last=True)[0].decode()


def _together(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order of their starts; those that overlap as one."""
    start = end = 0
    for first, last in spans:
        if first >= end:
            if end:
                yield start, end
            start, end = first, last
        end = max(end, last)
    if end:
        yield start, end


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
